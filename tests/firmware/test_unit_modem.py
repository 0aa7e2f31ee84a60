"""The whole unit behind a simulated LTE modem: what is wrong with its line is said, and what helps is done."""

from pathlib import Path
from typing import Any

import pytest

from sigap_simulator.modem import SimulatedModem
from sigap_simulator.modem_core import PIN, Surroundings
from sigap_wire import topics
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["nats"], indirect=True)


def unit_behind(modem: SimulatedModem, make_unit: MakeUnit, broker: RealBroker, **ladder: int) -> Unit:
    mqtt = {"password": broker.unit_password, "reconnect_max_s": 1}
    wanted: dict[str, Any] = {"device": modem.path, "family": modem.around.family, "apn": "internet", "pin": "1234"}
    unit = make_unit(broker.port, mqtt, line="modem", modem=wanted, ladder=ladder)
    unit.start()
    return unit


def await_reason(unit: Unit, words: str) -> None:
    """The latest attempt to connect failed for that reason."""
    eventually(lambda: words in (unit.logged("disconnected") or [{"reason": ""}])[-1]["reason"], 20, words)


def test_what_is_wrong_is_said_until_it_is_right(
    make_unit: MakeUnit, control: Control, real_broker: RealBroker, tmp_path: Path
) -> None:
    around = Surroundings(card="", apn="internet", operator="INDOSAT")
    with SimulatedModem(tmp_path / "modem", around) as modem:
        unit = unit_behind(modem, make_unit, real_broker)
        await_reason(unit, "modem: no SIM: +CME ERROR: SIM not inserted")
        around.card, around.states = PIN, [3]
        modem.core.locked = True
        await_reason(unit, "modem: network denies registration")
        around.apn, around.states = "another", [1]
        await_reason(unit, "modem: APN internet on INDOSAT: NO CARRIER")
        around.apn, around.fault = "internet", "silent call"
        await_reason(unit, "modem: the call stands, and nobody answers in PPP")
        around.fault = ""
        unit.await_log("connected")
        unit.feed(drive(0))
        assert control.await_message(topics.REPORT).seq == 0
        # The network ends the call: the line comes up again, and the connection with it.
        modem.hang_up()
        unit.await_log("connected", 2, 20)
        assert unit.logged("disconnected")[-1]["reason"] == "the line under it went down"
    assert modem.core.around.tries == 3
    assert [command for command in modem.core.log if command.startswith("AT+CPIN=")] == ['AT+CPIN="1234"']
    assert unit.logged("task_failed") == []


def test_a_hung_modem_is_climbed_for_until_its_power_is_taken_away(
    make_unit: MakeUnit, control: Control, real_broker: RealBroker, tmp_path: Path
) -> None:
    around = Surroundings("SIM7000", apn="internet", fault="hung", cure="supply")
    with SimulatedModem(tmp_path / "modem", around, on=True) as modem:
        unit = unit_behind(modem, make_unit, real_broker, patience_s=1)
        unit.await_log("connected", deadline_s=40)
        rungs = [event["rung"] for event in unit.logged("ladder")]
        assert rungs == ["line_restart", "modem_reset", "modem_power"]
        assert "modem: no answer to AT within 15 s of its start" in unit.logged("disconnected")[0]["reason"]
        unit.say(b'{"health": 1}\n')
        counters = control.await_message(topics.HEALTH).counters
        found = [counters[name] for name in ("line_restarts", "modem_resets", "modem_power_cycles", "ladder_reboots")]
        assert found == [1, 1, 1, 0]
        assert counters["reconnects"] >= 0
    assert unit.logged("task_failed") == []
