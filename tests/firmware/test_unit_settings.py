"""Settings changed from afar, on a real unit through a real broker."""

import pytest

from sigap_wire import topics
from sigap_wire.config import Config
from sigap_wire.result import (
    APPLIED,
    PENDING,
    REFUSED,
    ROLLED_BACK,
    SUBJECT_CONFIG,
    SUBJECT_ORDER,
)
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.support.ports import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["nats"], indirect=True)


@pytest.fixture
def unit(make_unit: MakeUnit, real_broker: RealBroker, control: Control) -> Unit:
    """Connected."""
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1, "trial_s": 5}
    made = make_unit(real_broker.port, mqtt, policy={"max_interval_s": 3600})
    made.start()
    control.await_message(topics.LINK)  # said after the subscription
    return made


def change(control: Control, revision: int, changes: dict[str, int | str]) -> None:
    control.send(topics.CONFIG, Config(revision, changes).encode())


def test_at_once(unit: Unit, control: Control) -> None:
    unit.feed(drive(0, speed_kn=0))
    control.await_message(topics.REPORT)
    change(control, 4, {"policy.max_interval_s": 10, "callsign": "MAUNG-07"})
    eventually(lambda: control.results() == [(SUBJECT_CONFIG, 4, APPLIED)])
    pictures = unit.pictures()
    assert pictures[-1] != pictures[0]
    unit.feed(drive(11, speed_kn=0))
    control.await_message(topics.REPORT, 2)
    change(control, 4, {"policy.max_interval_s": 10, "callsign": "MAUNG-07"})
    eventually(lambda: control.results()[1:] == [(SUBJECT_CONFIG, 4, APPLIED)])
    assert len(unit.logged("boot")) == 1


def test_refused_with_the_reason_and_without_the_secret(unit: Unit, control: Control) -> None:
    change(control, 1, {"mqtt.password": "s" * 200, "policy.distance_m": 100})
    result = control.await_message(topics.RESULT)
    assert (result.number, result.outcome) == (1, REFUSED)
    assert result.detail == "mqtt.password is a secret, expected text of 1 to 128 characters"
    assert "sss" not in str(unit.events)
    change(control, 1, {"mqtt.tls": "ca", "mqtt.ca": "MAMB"})  # base64 of what is no certificate
    eventually(lambda: control.results()[1:] == [(SUBJECT_CONFIG, 1, REFUSED)])
    assert control.of(topics.RESULT)[1].detail == "mqtt.ca is DER, but no certificate that can be read"
    control.send(topics.CONFIG, b"\x83\x01\x02")
    eventually(lambda: control.results()[2:] == [(SUBJECT_CONFIG, 0, REFUSED)])
    control.send(topics.ORDER, b"\x01")
    eventually(lambda: control.results()[3:] == [(SUBJECT_ORDER, 0, REFUSED)])
    assert "order is not a CBOR array" in control.of(topics.RESULT)[3].detail


def test_asked_how_it_is(unit: Unit, control: Control) -> None:
    change(control, 1, {})
    eventually(lambda: control.results() == [(SUBJECT_CONFIG, 1, APPLIED)])
    assert control.await_message(topics.HEALTH).counters["mqtt_connects"] == 1


def test_with_a_new_start_in_order(unit: Unit, control: Control) -> None:
    change(control, 1, {"watchdog_s": 61})
    assert unit.await_log("boot", 2)["cause"] == "reset"
    eventually(lambda: control.results() == [(SUBJECT_CONFIG, 1, PENDING), (SUBJECT_CONFIG, 1, APPLIED)])
    assert control.of(topics.RESULT)[1].boot_id == 2
    links = [(link.boot_id, link.connection, link.online) for link in control.of(topics.LINK)]
    assert links == [(1, 1, True), (1, 1, False), (2, 1, True)]


def test_a_way_to_nowhere_is_left_again(unit: Unit, control: Control) -> None:
    change(control, 1, {"mqtt.port": free_port()})
    unit.await_log("boot", 2)
    assert "ECONNREFUSED" in unit.await_log("disconnected", len(unit.logged("disconnected")) + 1)["reason"]
    unit.await_log("boot", 3, 30)
    eventually(lambda: control.results() == [(SUBJECT_CONFIG, 1, PENDING), (SUBJECT_CONFIG, 1, ROLLED_BACK)])
    change(control, 2, {"mqtt.keepalive_s": 5})
    unit.await_log("boot", 4, 30)
    eventually(lambda: control.results()[2:] == [(SUBJECT_CONFIG, 2, PENDING), (SUBJECT_CONFIG, 2, APPLIED)])
