"""A unit gets a new version of itself, through a real broker, and keeps it only if it is any good."""

from pathlib import Path

import pytest

from sigap_wire import result, topics
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.firmware.update_server import PUBLIC_KEY, UpdateServer, package
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["nats"], indirect=True)


@pytest.fixture
def unit(make_unit: MakeUnit, real_broker: RealBroker) -> Unit:
    """Connected, with the agency's key."""
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1}
    made = make_unit(real_broker.port, mqtt, update={"key": PUBLIC_KEY})
    made.start()
    made.await_log("connected")
    return made


def firmwares(unit: Unit) -> list[str]:
    return [event["firmware"].split(" ")[1] for event in unit.logged("boot")]


def test_from_the_offer_to_the_confirmation(unit: Unit, control: Control, tmp_path: Path) -> None:
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    server = UpdateServer(control, package("0.2.0"), "0.2.0")
    server.offer()
    assert server.serve_until(result.VERIFIED).value == 2000
    unit.await_log("boot", 2)
    assert firmwares(unit) == ["0.1.0", "0.2.0"]
    unit.feed(drive(100))
    server.serve_until(result.CONFIRMED)
    eventually(lambda: control.of(topics.LINK)[-1].firmware == "sigap-tracker 0.2.0")
    assert not (tmp_path / "unit" / "state" / "update.part").exists()
    # It stays, over every start.
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    unit.start(booted=False)
    unit.await_log("boot", 3)
    assert firmwares(unit)[-1] == "0.2.0"
    assert unit.logged("task_failed") == []
