"""What an officer was told, said or called for is not lost with the ignition."""

import json

import pytest

from sigap_wire import ack, topics
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_OFFERED
from sigap_wire.report import REASON_EVENT
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["mosquitto"], indirect=True)

OFFER_ENDS_IN_S = 10**7


@pytest.fixture
def unit(make_unit: MakeUnit, real_broker: RealBroker, control: Control) -> Unit:
    """Connected, with its first fix reported."""
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1}
    made = make_unit(real_broker.port, mqtt, policy={"max_interval_s": 3600})
    made.start()
    made.await_log("connected")
    made.feed(drive(0, speed_kn=0))
    control.await_message(topics.REPORT)
    return made


def cut_power(unit: Unit) -> None:
    """Off, at once, and on again."""
    boots = len(unit.logged("boot"))
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    unit.start(booted=False)
    unit.await_log("boot", boots + 1)


def say(unit: Unit, **words: str) -> None:
    unit.say(json.dumps(words).encode() + b"\n")


def test_the_assignment_is_on_the_screen_again_before_there_is_a_connection(
    unit: Unit, control: Control, real_broker: RealBroker
) -> None:
    control.order(order(STATE_OFFERED, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: (7, 1, ack.RECEIVED) in control.acks())
    unit.press("accept")
    control.order(order(STATE_ASSIGNED, 2))
    eventually(lambda: (7, 2, ack.RECEIVED) in control.acks())
    real_broker.stop()
    unit.await_log("disconnected")
    unit.press("on_scene")
    eventually(lambda: unit.views()[-1] == "on_scene")
    cut_power(unit)
    eventually(lambda: unit.views()[-1] == "on_scene" and len(unit.views()) == 5)
    # What the officer said without a connection is said now, once.
    real_broker.start()
    eventually(lambda: (7, 2, ack.ON_SCENE) in control.acks(), 20)
    control.order(order(STATE_CANCELLED, 3))
    eventually(lambda: unit.views()[-1] == "cancelled")
    assert control.acks().count((7, 2, ack.ON_SCENE)) == 1


def test_an_emergency_from_the_first_touch_to_its_end(unit: Unit, control: Control) -> None:
    control.order(order(STATE_OFFERED, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: (7, 1, ack.RECEIVED) in control.acks() and unit.views() == ["offered"])
    buzzes = sum("buzzer" in event for event in unit.events)
    say(unit, down="clear")
    eventually(lambda: (0, 0, ack.EMERGENCY) in control.acks(), 10, "the officer's emergency")
    # An officer in danger goes to nobody: the offer is given back at once, for the next car.
    eventually(lambda: (7, 1, ack.DECLINED) in control.acks() and unit.views() == ["offered", "idle"])
    say(unit, up="clear")
    assert sum("buzzer" in event for event in unit.events) == buzzes + 1
    # Once a second from now on, also when parked, and after the power was cut.
    for second in (1, 2, 3):
        unit.feed(drive(second, speed_kn=0))
    eventually(lambda: len(control.fixes()) == 4)
    assert [fix.reason for fix in control.fixes().values()][1:] == [REASON_EVENT] * 3
    cut_power(unit)
    unit.await_log("connected", 2)
    for second in (10, 11):
        unit.feed(drive(second, speed_kn=0))
    eventually(lambda: len(control.fixes()) == 6)
    say(unit, down="accept")
    eventually(lambda: (0, 0, ack.EMERGENCY_OVER) in control.acks(), 10, "its end")
    say(unit, up="accept")
    unit.feed(drive(12, speed_kn=0) + drive(13, speed_kn=0))
    unit.await_heard()
    assert len(control.fixes()) == 6
    assert control.acks() == [
        (7, 1, ack.RECEIVED),
        (0, 0, ack.EMERGENCY),
        (7, 1, ack.DECLINED),
        (0, 0, ack.EMERGENCY_OVER),
    ]


def test_edges_make_a_press(unit: Unit, control: Control) -> None:
    control.order(order(STATE_OFFERED, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: unit.views()[-1:] == ["offered"])
    say(unit, down="decline")
    # The bar of a hold: its frame closes the picture below.
    eventually(lambda: all(column & 0x80 for column in unit.pictures()[-1][-128:]), what="the bar of a hold")
    say(unit, up="decline")
    eventually(lambda: (7, 1, ack.DECLINED) in control.acks())
    say(unit, down="nobody")
    unit.await_log("control_refused")
