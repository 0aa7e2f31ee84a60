"""What the link gives its connection to write."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A link of which only the writing is there."""
    monkeypatch.setitem(sys.modules, "tls", ModuleType("tls"))
    from sigap_tracker.network.mqtt import MqttLink

    made: Any = MqttLink.__new__(MqttLink)
    made.bytes_out = 0
    return made


def test_nothing_to_say_is_not_written(link: Any) -> None:
    """Under TLS no bytes would be a record of their own, at each tick."""
    waiting = [bytearray(b"\xc0\x00"), bytearray()]
    link._session = SimpleNamespace(has_room=lambda: False, take_output=lambda: waiting.pop(0))
    written: list[bytes] = []
    writer = SimpleNamespace(write=lambda output: written.append(bytes(output)))
    assert [link._put(writer), link._put(writer)] == [True, False]
    assert written == [b"\xc0\x00"]
    assert link.bytes_out == 2
