"""A unit whose receiver has no position says so, and marks the last one as such."""

import pytest

from sigap_wire import topics
from sigap_wire.report import REASON_EVENT, REASON_FIRST, REASON_NO_FIX
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import START_S, drive
from tests.support.waiting import eventually


@pytest.mark.parametrize("real_broker", ["mosquitto"], indirect=True)
def test_no_fix(make_unit: MakeUnit, control: Control, real_broker: RealBroker) -> None:
    policy = {"no_fix_s": 3, "max_interval_s": 86400, "min_interval_s": 60}
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password}, policy=policy)
    unit.start()
    unit.await_log("connected")
    never, *_ = control.await_message(topics.REPORT, 1).fixes
    assert (never.reason, never.quality, never.fix_time_s, never.lat_e7, never.lon_e7) == (REASON_NO_FIX, 0, 0, 0, 0)
    unit.feed(drive(0) + drive(1))
    eventually(lambda: len(control.fixes()) == 3, what="the last known position")
    unit.feed(drive(9))
    eventually(lambda: len(control.fixes()) == 4, what="the first fix after that")
    first, lost, found = [fix for report in control.of(topics.REPORT)[1:] for fix in report.fixes]
    assert (first.reason, first.fix_time_s) == (REASON_FIRST, START_S)
    assert (lost.reason, lost.quality, lost.fix_time_s) == (REASON_NO_FIX, 0, START_S + 1)
    assert (lost.lat_e7, lost.lon_e7) != (first.lat_e7, first.lon_e7)
    assert (found.reason, found.quality, found.fix_time_s) == (REASON_EVENT, 1, START_S + 9)
