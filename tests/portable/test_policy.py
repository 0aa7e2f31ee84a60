"""What is reported, and why."""

from sigap_tracker.position.policy import Policy
from sigap_wire.report import (
    COURSE_UNKNOWN,
    HDOP_UNKNOWN,
    REASON_ANGLE,
    REASON_DISTANCE,
    REASON_EVENT,
    REASON_FIRST,
    REASON_INTERVAL,
    REASON_NO_FIX,
    Fix,
)

LAT_E7, LON_E7 = -69175000, 1076191000
M_E7 = 90  # a metre of latitude and a little, 0.995 m


def fix(time_s, north_m=0, course_deg=0, speed_cmps=1000, hdop_centi=95):
    course = COURSE_UNKNOWN if course_deg is None else course_deg * 100
    return Fix(time_s, LAT_E7 + north_m * M_E7, LON_E7, speed_cmps, course, 1, 9, hdop_centi)


def reasons(policy, *fixes):
    return [policy.consider(each) for each in fixes]


def test_the_first_is_reported():
    assert Policy().consider(fix(1000, speed_cmps=0)) == REASON_FIRST


def test_distance():
    policy = Policy(distance_m=50)
    assert reasons(policy, fix(0), fix(2, 30), fix(4, 60), fix(6, 100), fix(8, 112)) == [
        REASON_FIRST,
        None,
        REASON_DISTANCE,
        None,
        REASON_DISTANCE,
    ]


def test_not_before_the_shortest_time():
    policy = Policy(min_interval_s=10, distance_m=50)
    assert reasons(policy, fix(0), fix(9, 500), fix(10, 550)) == [REASON_FIRST, None, REASON_DISTANCE]


def test_a_parked_car_is_heard_of():
    policy = Policy(max_interval_s=30)
    found = [policy.consider(fix(time_s, time_s % 7, speed_cmps=time_s % 150)) for time_s in range(121)]
    assert [time_s for time_s, reason in enumerate(found) if reason is not None] == [0, 30, 60, 90, 120]
    assert found[30] == REASON_INTERVAL


def test_a_corner():
    policy = Policy(distance_m=1000, angle_deg=20)
    assert reasons(policy, fix(0), fix(1, 12, 19), fix(2, 24, 20), fix(3, 36, 30), fix(4, 48, 40)) == [
        REASON_FIRST,
        None,
        REASON_ANGLE,
        None,
        REASON_ANGLE,
    ]


def test_a_corner_across_north():
    policy = Policy(distance_m=1000, angle_deg=20)
    assert reasons(policy, fix(0, 0, 355), fix(1, 12, 10), fix(2, 24, 15)) == [REASON_FIRST, None, REASON_ANGLE]
    assert reasons(policy, fix(3, 36, 0), fix(4, 48, 350)) == [None, REASON_ANGLE]


def test_a_slow_curve_adds_up():
    policy = Policy(distance_m=1000, max_interval_s=3600, angle_deg=20)
    found = [policy.consider(fix(t, 15 * t, 5 * t)) for t in range(9)]
    assert [t for t, reason in enumerate(found) if reason == REASON_ANGLE] == [4, 8]


def test_no_corner_without_driving_or_on_the_spot():
    policy = Policy(distance_m=1000)
    policy.consider(fix(0))
    assert policy.consider(fix(1, 20, 90, speed_cmps=199)) is None
    assert policy.consider(fix(2, 5, 90)) is None
    assert policy.consider(fix(3, 20, None)) is None
    assert policy.consider(fix(4, 20, 90)) == REASON_ANGLE


def test_the_course_of_a_parked_car_is_no_reference():
    policy = Policy(distance_m=1000)
    assert reasons(policy, fix(0, 0, 0, speed_cmps=0), fix(1, 12, 180), fix(2, 24, 180), fix(3, 36, 201)) == [
        REASON_FIRST,
        None,
        None,
        REASON_ANGLE,
    ]


def test_wandering_at_rest_is_no_motion():
    policy = Policy(distance_m=50, max_interval_s=3600)
    assert policy.consider(fix(0, speed_cmps=0)) == REASON_FIRST
    assert policy.consider(fix(60, 80, speed_cmps=50, hdop_centi=900)) is None
    assert policy.consider(fix(61, 80, speed_cmps=50, hdop_centi=200)) == REASON_DISTANCE  # towed, or ferried
    assert policy.consider(fix(120, 160, speed_cmps=300, hdop_centi=900)) == REASON_DISTANCE
    assert policy.consider(fix(180, 240, speed_cmps=0, hdop_centi=9999)) == REASON_DISTANCE  # HDOP not known


def test_urgent_is_once_a_second_even_at_rest():
    policy = Policy(min_interval_s=10, max_interval_s=30)
    policy.consider(fix(0, speed_cmps=0))
    assert policy.consider(fix(0, speed_cmps=0), urgent=True) is None
    assert policy.consider(fix(1, speed_cmps=0), urgent=True) == REASON_EVENT
    assert policy.consider(fix(1, speed_cmps=0), urgent=True) is None
    assert policy.consider(fix(2, 60), urgent=True) == REASON_DISTANCE
    assert policy.consider(fix(3, 60)) is None


def test_time_set_back_begins_anew():
    policy = Policy()
    assert reasons(policy, fix(1000), fix(500), fix(501), fix(530)) == [
        REASON_FIRST,
        REASON_FIRST,
        None,
        REASON_INTERVAL,
    ]


def test_changed_settings_hold_from_the_next_fix_on_and_nothing_is_forgotten():
    policy = Policy(distance_m=50, max_interval_s=3600)
    assert reasons(policy, fix(0), fix(1, 40)) == [REASON_FIRST, None]
    policy.configure(1, 3600, 30, 20, 10)
    assert policy.consider(fix(2, 41)) == REASON_DISTANCE
    policy.configure(1, 60, 1000, 20, 10)
    assert reasons(policy, fix(61, 42), fix(62, 43)) == [None, REASON_INTERVAL]


def missed(policy, *seconds):
    return [passed_s for passed_s in seconds if policy.miss(passed_s) is not None]


def test_that_there_never_was_a_fix_is_said():
    policy = Policy(no_fix_s=10, max_interval_s=30)
    assert policy.miss(9) is None
    lost = policy.miss(10)
    assert lost == Fix(0, 0, 0, 0, COURSE_UNKNOWN, 0, 0, HDOP_UNKNOWN, REASON_NO_FIX)
    assert missed(policy, *range(11, 100)) == [40, 70]


def test_the_last_known_position_is_marked_as_such():
    policy = Policy(no_fix_s=10, max_interval_s=30, distance_m=1000)
    assert reasons(policy, fix(0), fix(5, 60)) == [REASON_FIRST, None]
    lost = policy.miss(10)
    known = fix(5, 60)
    assert (lost.fix_time_s, lost.lat_e7, lost.lon_e7) == (5, known.lat_e7, known.lon_e7)
    assert (lost.quality, lost.satellites, lost.speed_cmps, lost.reason) == (0, 0, 0, REASON_NO_FIX)
    assert (lost.course_cdeg, lost.hdop_centi) == (COURSE_UNKNOWN, HDOP_UNKNOWN)


def test_the_first_fix_after_that_is_reported_at_once():
    policy = Policy(no_fix_s=10, min_interval_s=60, max_interval_s=60, distance_m=1000)
    policy.consider(fix(0))
    assert policy.miss(10) is not None
    assert reasons(policy, fix(12), fix(13)) == [REASON_EVENT, None]
    # A shorter gap is none.
    assert policy.miss(9) is None
    assert policy.consider(fix(22)) is None
    assert missed(policy, 9, 10) == [10]


def test_a_first_fix_is_the_first_even_after_none():
    policy = Policy()
    assert policy.miss(10) is not None
    assert policy.consider(fix(100)) == REASON_FIRST
