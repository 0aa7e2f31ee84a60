"""Whatever a message from the server sets off in the unit, the connection outlives it: else it would come for ever."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sigap_wire import topics
from sigap_wire.result import REFUSED, SUBJECT_CONFIG, SUBJECT_ORDER, SUBJECT_UPDATE


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An application of which only the taking of messages is there; `said` is what it logs and answers."""
    for name in ("framebuf", "tls"):  # MicroPython's, which nothing here comes to use
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    from sigap_tracker.app import App

    app: Any = App.__new__(App)
    app.said = []
    app._machine = SimpleNamespace(log=lambda event, **values: app.said.append((event, values)))
    app._outbox = SimpleNamespace(put_result=lambda *values: app.said.append(values))
    app._link = SimpleNamespace(wake=lambda: None)
    app._desk = SimpleNamespace(safe_mode=False, receive=lambda payload: None)
    return app


def fail(_payload: bytes) -> None:
    raise MemoryError("memory allocation failed, allocating 1024 bytes")


WORDS = repr(MemoryError("memory allocation failed, allocating 1024 bytes"))


def test_an_order_that_cannot_be_shown_is_refused_with_the_reason(unit: Any) -> None:
    unit._desk.receive = fail
    unit.message(topics.ORDER, b"")
    assert unit.said == [("order_refused", {"error": WORDS}), (SUBJECT_ORDER, 0, REFUSED, 0, WORDS)]


@pytest.mark.parametrize(
    ("kind", "taker", "subject"),
    [(topics.CONFIG, "_change_settings", SUBJECT_CONFIG), (topics.OTA, "_update", SUBJECT_UPDATE)],
)
def test_so_is_whatever_else_comes(unit: Any, kind: str, taker: str, subject: int) -> None:
    setattr(unit, taker, fail)
    unit.message(kind, b"")
    assert unit.said == [("message_refused", {"error": WORDS}), (subject, 0, REFUSED, 0, WORDS)]


def test_a_topic_that_nobody_asked_for_is_logged(unit: Any) -> None:
    unit.message("else", b"")
    assert unit.said == [("message_refused", {"kind": "else"})]
