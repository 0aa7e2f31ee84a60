"""The unit's several lives: its watchdog, new starts, maintenance."""

import os
import signal
from pathlib import Path

from tests.firmware.conftest import MakeUnit
from tests.firmware.sentences import drive


def test_a_unit_that_hangs_is_killed_by_its_watchdog_and_says_so_when_it_starts_again(
    make_unit: MakeUnit, tmp_path: Path
) -> None:
    """The receiver's line is one that opening waits on, so that the unit's every task stands still."""
    line = tmp_path / "line"
    os.mkfifo(line)
    unit = make_unit(watchdog_s=5)
    receiver = unit.settings["gps"]
    unit.settings["gps"] = str(line)
    unit.start()
    assert unit.logged("boot")[0]["cause"] == "power_on"
    assert unit.wait(15) == -signal.SIGKILL
    unit.settings["gps"] = receiver
    unit.start(booted=False)
    assert unit.await_log("boot", 2)["cause"] == "watchdog"
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    unit.start(booted=False)
    assert unit.await_log("boot", 3)["cause"] == "power_on"


def test_maintenance_is_told(make_unit: MakeUnit) -> None:
    unit = make_unit()
    unit.start()
    unit.say(b'{"maintenance": 1}\n')
    assert unit.await_log("maintenance")["seconds"] == 3600
    unit.say(b'{"maintenance": 0}\n')
    assert unit.await_log("maintenance", 2)["seconds"] == 0
