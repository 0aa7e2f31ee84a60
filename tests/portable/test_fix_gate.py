"""What the fix gate believes."""

from sigap_tracker.position.fix_gate import WEEKS_1024_S, FixGate
from sigap_wire.report import HDOP_UNKNOWN, Fix

LAT_E7, LON_E7 = -69175000, 1076191000
GPS_BEGAN_S = 315964800
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
        ("time_impossible", fix(time_s=499)),
        ("time_impossible", fix(time_s=500 + WEEKS_1024_S)),
        ("few_satellites", fix(satellites=2)),
        ("poor_hdop", fix(hdop_centi=2501)),
        ("too_fast", fix(speed_cmps=7001)),
    ):
        assert gate.check(bad) == reason
    assert gate.accepted == 0
    assert gate.rejected == {
        "no_fix": 3,
        "no_time": 1,
        "time_impossible": 2,
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


FLOOR_S = 1767225600  # 2026-01-01


def test_a_week_number_that_overflowed_is_put_right():
    gate = FixGate(min_time_s=FLOOR_S)
    for true_s in (FLOOR_S, FLOOR_S + 1, 1790000000, FLOOR_S + WEEKS_1024_S - 1):
        for behind in range(3):
            told = fix(time_s=true_s - behind * WEEKS_1024_S)
            if told.fix_time_s < GPS_BEGAN_S:
                continue
            gate = FixGate(min_time_s=FLOOR_S)
            assert gate.check(told) is None
            assert (told.fix_time_s, gate.dates_corrected) == (true_s, behind > 0)


def test_times_that_cannot_be():
    gate = FixGate(min_time_s=FLOOR_S)
    for time_s in (1, GPS_BEGAN_S - 1, FLOOR_S + WEEKS_1024_S, 4294967295):
        assert gate.check(fix(time_s)) == "time_impossible"
    assert gate.check(fix(0)) == "no_time"
    assert gate.dates_corrected == 0


def test_without_a_floor_every_date_is_its_own():
    gate = FixGate()
    told = fix(time_s=GPS_BEGAN_S)
    assert gate.check(told) is None
    assert (told.fix_time_s, gate.dates_corrected) == (GPS_BEGAN_S, 0)


def test_changed_limits_hold_from_the_next_fix_on_and_nothing_is_forgotten():
    gate = FixGate()
    assert verdicts(gate, fix(1000), fix(1001, satellites=4)) == [None, None]
    gate.configure(5, 200, 3000, 0)
    assert verdicts(gate, fix(1002, satellites=4), fix(1003, hdop_centi=201), fix(1004, speed_cmps=3001)) == [
        "few_satellites",
        "poor_hdop",
        "too_fast",
    ]
    assert verdicts(gate, fix(1005), fix(1006, 1)) == [None, "jump"]
