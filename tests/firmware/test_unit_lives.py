"""The unit's several lives: its watchdog, new starts, maintenance."""

import os
import signal
from pathlib import Path

import pytest

from sigap_boot import record as boot_record
from sigap_boot.choice import SAFE_MODE_CRASHES
from sigap_boot.file_flash import FileFlash
from sigap_wire import topics
from sigap_wire.config import Config
from sigap_wire.order import STATE_OFFERED
from sigap_wire.report import REASON_EVENT
from sigap_wire.result import APPLIED, REFUSED, SUBJECT_CONFIG, SUBJECT_ORDER
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.support.waiting import eventually


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


def test_maintenance_is_told_and_outlives_a_power_cut_but_not_its_end(make_unit: MakeUnit) -> None:
    unit = make_unit()
    unit.start()

    def cut_power(boots: int) -> None:
        assert unit.process is not None
        unit.process.kill()
        unit.wait()
        unit.start(booted=False)
        unit.await_log("boot", boots)

    unit.say(b'{"maintenance": 1}\n')
    assert unit.await_log("maintenance")["seconds"] == 3600
    cut_power(2)
    assert unit.await_log("maintenance", 2)["seconds"] == 3600
    unit.say(b'{"maintenance": 0}\n')
    assert unit.await_log("maintenance", 3)["seconds"] == 0
    cut_power(3)
    unit.await_log("disconnected", len(unit.logged("disconnected")) + 1)
    assert len(unit.logged("maintenance")) == 3


@pytest.mark.parametrize("real_broker", ["nats"], indirect=True)
def test_ignition_off_is_said_and_ends_the_unit_in_order_until_it_is_on_again(
    make_unit: MakeUnit, real_broker: RealBroker, control: Control
) -> None:
    mqtt = {"password": real_broker.unit_password}
    unit = make_unit(real_broker.port, mqtt, policy={"max_interval_s": 3600}, power={"off_delay_s": 2})
    unit.start()
    unit.await_log("connected")
    unit.feed(drive(0, speed_kn=0))
    control.await_message(topics.REPORT)
    unit.say(b'{"ignition": 0}\n')
    assert unit.await_log("power")["what"] == "ignition_off"
    unit.feed(drive(5, speed_kn=0))
    assert control.await_message(topics.REPORT, 2).fixes[0].reason == REASON_EVENT
    assert unit.await_log("power", 2)["what"] == "shut_down"
    eventually(lambda: not control.of(topics.LINK)[-1].online)
    unit.await_log("asleep")
    unit.say(b'{"supply_mv": 12600}\n{"ignition": 1}\n')
    assert unit.await_log("boot", 2)["cause"] == "ignition"
    links = eventually(lambda: control.of(topics.LINK)[2:])
    assert [(link.boot_id, link.online) for link in links] == [(2, True)]


def test_low_battery_darkens_the_display_until_it_is_over(make_unit: MakeUnit) -> None:
    unit = make_unit(power={"low_s": 1})
    unit.start()
    eventually(lambda: any(any(picture) for picture in unit.pictures()))
    unit.say(b'{"supply_mv": 11500}\n')
    assert unit.await_log("power")["what"] == "low"
    eventually(lambda: not any(unit.pictures()[-1]))
    unit.say(b'{"supply_mv": 12600}\n')
    assert unit.await_log("power", 2)["what"] == "low_over"
    eventually(lambda: any(unit.pictures()[-1]))


@pytest.mark.parametrize("real_broker", ["nats"], indirect=True)
def test_a_self_test_tells_what_works(make_unit: MakeUnit, real_broker: RealBroker, control: Control) -> None:
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password})
    unit.start()
    unit.await_log("connected")
    unit.say(b'{"self_test": 1}\n')
    unit.press("accept")
    eventually(lambda: any("buzzer" in event for event in unit.events))
    unit.feed(drive(0))
    found = unit.await_log("self_test", 1, 30)
    expected = {"buttons": 1, "buzzer": 1, "display": 1, "gps": 1, "modem": 3, "flash": 1}
    assert {name: found[name] for name in expected} == expected
    counters = control.await_message(topics.HEALTH).counters
    assert {name: counters[f"test_{name}"] for name in expected} == expected
    assert counters["boot_cause"] == 1
    assert "ignition" not in counters
    unit.say(b'{"ignition": 1}\n{"supply_mv": 12600}\n{"health": 1}\n')
    counters = control.await_message(topics.HEALTH, 2).counters
    assert (counters["ignition"], counters["supply_mv"], counters["power_low"]) == (1, 12600, 0)


@pytest.mark.parametrize("real_broker", ["nats"], indirect=True)
def test_after_crashes_in_a_row_only_what_repairs_the_unit_runs_until_it_was_well_for_a_time(
    make_unit: MakeUnit, real_broker: RealBroker, control: Control, tmp_path: Path
) -> None:
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password}, safe_mode_s=5)
    unit.start()
    unit.hang_up()
    unit.wait()
    flash = FileFlash(str(tmp_path / "unit" / "state" / "flash.bin"))
    record = boot_record.load(flash)
    record.crashes = SAFE_MODE_CRASHES
    record.store(flash)
    flash.close()
    unit.start(booted=False)
    assert unit.await_log("boot", 2)["safe_mode"] == 1
    unit.await_log("connected", len(unit.logged("connected")) or 1)
    eventually(lambda: control.of(topics.LINK)[-1:] and control.of(topics.LINK)[-1].boot_id == 2)
    unit.feed(drive(0))
    control.send(topics.ORDER, order(STATE_OFFERED).encode())
    control.send(topics.CONFIG, Config(1, {"policy.distance_m": 100}).encode())
    results = eventually(lambda: control.results()[1:] and control.results())
    assert results == [(SUBJECT_ORDER, 0, REFUSED), (SUBJECT_CONFIG, 1, APPLIED)]
    assert control.of(topics.RESULT)[0].detail == "unit is in safe mode"
    unit.say(b'{"health": 1}\n')
    counters = control.await_message(topics.HEALTH).counters
    assert (counters["safe_mode"], counters["crashes"], counters["nmea_sentences"]) == (1, SAFE_MODE_CRASHES, 0)
    boot = unit.await_log("boot", 3, 30)
    assert (boot["cause"], boot["safe_mode"]) == ("reset", 0)
    unit.await_log("fix_gate")
