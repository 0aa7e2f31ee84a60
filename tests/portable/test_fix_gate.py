"""What the fix gate believes."""

from sigap_tracker.position.fix_gate import FixGate
from sigap_wire.errors import WireError
from sigap_wire.report import HDOP_UNKNOWN, Fix
from tests.portable.checks import error_of

LAT_E7, LON_E7 = -69175000, 1076191000
KM_E7 = 90437  # of latitude there


def fix(time_s=1000, north_km=0, quality=1, satellites=9, hdop_centi=95, speed_cmps=1000):
    return Fix(time_s, LAT_E7 + north_km * KM_E7, LON_E7, speed_cmps, 0, quality, satellites, hdop_centi)


def verdicts(gate, *fixes):
    return [gate.check(each) for each in fixes]


def test_each_reason_by_itself():
    gate = FixGate(min_time_s=500)
    for reason, bad in (
        ("no_fix", Fix(0, 0, 0, quality=0)),
        ("no_fix", fix(quality=7)),
        ("no_fix", fix(quality=8)),
        ("no_time", fix(time_s=0)),
        ("time_too_early", fix(time_s=499)),
        ("few_satellites", fix(satellites=2)),
        ("poor_hdop", fix(hdop_centi=2501)),
        ("too_fast", fix(speed_cmps=7001)),
    ):
        assert gate.check(bad) == reason
    assert gate.accepted == 0
    assert gate.rejected == {
        "no_fix": 3,
        "no_time": 1,
        "time_too_early": 1,
        "few_satellites": 1,
        "poor_hdop": 1,
        "too_fast": 1,
    }


def test_on_the_line_is_within():
    for good in (
        fix(time_s=500),
        fix(satellites=3),
        fix(hdop_centi=2500),
        fix(speed_cmps=7000),
        fix(satellites=0, hdop_centi=HDOP_UNKNOWN),  # no GGA
        fix(satellites=0, hdop_centi=1700),  # a SiRF II at its first fix
        fix(quality=6),
    ):
        gate = FixGate(min_time_s=500)
        assert gate.check(good) is None
        assert (gate.accepted, gate.rejected) == (1, {})


def test_a_jump_is_not_believed_and_the_way_back_is():
    gate = FixGate()
    assert verdicts(gate, fix(1000), fix(1001, 1), fix(1002)) == [None, "jump", None]


def test_a_car_that_was_out_of_sight_may_be_elsewhere():
    gate = FixGate()
    assert verdicts(gate, fix(1000), fix(1020, 1), fix(1021, -1)) == [None, None, "jump"]


def test_a_wrong_first_fix_does_not_shut_the_gate():
    gate = FixGate(confirmations=5)
    found = verdicts(gate, fix(1000, 100), *[fix(1001 + i) for i in range(8)])
    assert found == [None] + ["jump"] * 4 + [None] * 4
    assert gate.rejected == {"jump": 4}
    assert gate.check(fix(1010, 100)) == "jump"


def test_fixes_that_jump_about_confirm_nothing():
    gate = FixGate(confirmations=3)
    found = verdicts(gate, fix(1000), *[fix(1001 + i, 5 + 5 * (i % 2)) for i in range(20)])
    assert found == [None] + ["jump"] * 20


def test_a_good_fix_between_ends_the_row():
    gate = FixGate(confirmations=3)
    far = [fix(1000 + i, 9) for i in range(10)]
    assert verdicts(gate, fix(1000), far[1], far[2], fix(1003), far[4], far[5], far[6]) == [
        None,
        "jump",
        "jump",
        None,
        "jump",
        "jump",
        None,
    ]


def test_time_may_stand_but_not_go_back():
    gate = FixGate()
    assert verdicts(gate, fix(1000), fix(1000), fix(999), fix(1000)) == [None, None, "time_backwards", None]


def test_a_receiver_set_back_is_believed_after_a_while():
    gate = FixGate(confirmations=3)
    found = verdicts(gate, fix(100000), *[fix(1000 + i) for i in range(4)])
    assert found == [None, "time_backwards", "time_backwards", None, None]


def test_a_date_far_ahead_has_to_be_confirmed():
    gate = FixGate(max_step_s=86400, confirmations=2)
    ahead = 1000 + 86401
    assert verdicts(gate, fix(1000), fix(ahead), fix(1001)) == [None, "time_jump", None]
    assert verdicts(gate, fix(ahead + 1), fix(ahead + 2)) == ["time_jump", None]


def test_settings_are_checked():
    assert error_of(WireError, FixGate, min_satellites=100) == (
        "min_satellites is 100, expected an integer from 0 to 99"
    )
    for name in ("max_hdop_centi", "max_speed_cmps", "jump_slack_m", "max_step_s", "confirmations", "min_time_s"):
        for value in (-1, 1 << 40, "1", None):
            assert error_of(WireError, FixGate, **{name: value}).startswith(name + " is ")
