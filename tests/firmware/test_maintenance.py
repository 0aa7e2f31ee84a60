"""A technician's work on a unit that nobody says is over ends by itself, and is then over at the next start, too."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sigap_boot import start
from sigap_tracker.changes import SETTLED
from sigap_tracker.supervisor import Supervisor
from tests.portable.nor_flash import NorFlash


def test_its_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("framebuf", "tls"):  # MicroPython's, which nothing here comes to use
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    from sigap_tracker.app import App

    said: list[dict[str, Any]] = []
    app: Any = App.__new__(App)
    app._machine = SimpleNamespace(
        flash=NorFlash(4), log=lambda event, **values: said.append({event: values}), feed_watchdog=lambda: None
    )
    app._supervisor = Supervisor()
    app._settings_state = SETTLED
    app._maintain(10)
    for _ in range(9):
        assert start.in_maintenance(app._machine.flash)
        app._watch()
    app._watch()
    assert app._supervisor.maintenance_s == 0
    assert not start.in_maintenance(app._machine.flash)
    app._watch()
    assert said == [{"maintenance": {"seconds": 10}}, {"maintenance": {"seconds": 0}}]
