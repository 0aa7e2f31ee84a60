"""The unit with real brokers behind a line that delays, cuts and falls silent."""

from collections.abc import Iterator

import pytest

from sigap_wire import ack
from sigap_wire.order import STATE_OFFERED
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.faulty_line import FaultyLine
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.support.waiting import eventually


@pytest.fixture
def line(real_broker: RealBroker) -> Iterator[FaultyLine]:
    made = FaultyLine(real_broker.port)
    yield made
    made.close()


def test_all_that_was_kept_arrives_and_so_do_orders(
    make_unit: MakeUnit, control: Control, real_broker: RealBroker, line: FaultyLine
) -> None:
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1, "keepalive_s": 4}
    unit = make_unit(line.port, mqtt)
    line.delay_s = 0.2
    unit.start()
    unit.await_log("connected")
    # Cut in the middle of messages, again and again.
    line.cut_after = 700
    for second in range(0, 1200, 10):
        unit.feed(drive(second))
    unit.await_heard()
    eventually(lambda: line.connections >= 4, 30, "a few cuts")
    line.cut_after = 0
    control.order(order(STATE_OFFERED, expires_in_s=10**7))
    eventually(lambda: (7, 1, ack.RECEIVED) in control.acks(), 20, "the order's acknowledgement")
    eventually(lambda: {seq for _, seq in control.fixes()} == set(range(120)), 30, "every fix")
    # Half open: both ends believe in a connection that carries nothing.
    connected = len(unit.logged("connected"))
    line.half_open = True
    unit.feed(drive(1300))
    eventually(lambda: unit.logged("disconnected")[-1]["reason"] == "nothing heard for 4 s", 20, "it is noticed")
    line.half_open = False
    unit.await_log("connected", connected + 1, 20)
    eventually(lambda: (1, 120) in control.fixes(), 20, "the fix of that time")
    assert unit.views() == ["offered"]
    assert unit.logged("task_failed") == []
    assert len(unit.logged("boot")) == 1
