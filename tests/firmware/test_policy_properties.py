"""What holds for every drive: how seldom, how often and how quietly a car reports."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.position.policy import DRIVING_CMPS, WANDER_M_PER_HDOP, Policy
from sigap_wire.report import COURSE_UNKNOWN, REASON_INTERVAL, Fix

LAT_E7, LON_E7 = -69175000, 1076191000
M_E7 = 91


@st.composite
def settings_of_a_policy(draw: st.DrawFn) -> dict[str, int]:
    low = draw(st.integers(1, 60))
    return {
        "min_interval_s": low,
        "max_interval_s": draw(st.integers(low, 120)),
        "distance_m": draw(st.integers(10, 500)),
        "angle_deg": draw(st.integers(5, 180)),
    }


@st.composite
def drives(draw: st.DrawFn) -> list[Fix]:
    """Up to a few minutes at 1 Hz or less often, with turns, stops and standing still."""
    fixes = []
    time_s, lat, lon = 1790000000, LAT_E7, LON_E7
    for _ in range(draw(st.integers(1, 8))):
        speed, course = draw(st.integers(0, 3000)), draw(st.integers(0, COURSE_UNKNOWN))
        north, east = draw(st.integers(-30, 30)), draw(st.integers(-30, 30))
        step = draw(st.sampled_from([1, 1, 1, 2, 7]))
        for _ in range(draw(st.integers(1, 40))):
            fixes.append(Fix(time_s, lat, lon, speed, course, 1, 9, 95))
            time_s += step
            if speed >= DRIVING_CMPS:
                lat, lon = lat + north * M_E7, lon + east * M_E7
    return fixes


def reported(policy: Policy, fixes: list[Fix], urgent: bool = False) -> list[Fix]:
    return [fix for fix in fixes if policy.consider(fix, urgent) is not None]


@given(settings_of_a_policy(), drives())
def test_never_more_often_than_the_shortest_interval(settings: dict[str, int], fixes: list[Fix]) -> None:
    kept = reported(Policy(**settings), fixes)
    for before, after in pairwise(kept):
        assert after.fix_time_s - before.fix_time_s >= settings["min_interval_s"]


@given(settings_of_a_policy(), drives(), st.booleans())
def test_never_silent_for_longer_than_the_longest_interval(
    settings: dict[str, int], fixes: list[Fix], urgent: bool
) -> None:
    policy = Policy(**settings)
    last = None
    for fix in fixes:
        kept = policy.consider(fix, urgent) is not None
        if last is not None and not kept:
            assert fix.fix_time_s - last.fix_time_s < settings["max_interval_s"]
        last = fix if kept else last


@given(settings_of_a_policy(), drives())
def test_once_a_second_while_urgent(settings: dict[str, int], fixes: list[Fix]) -> None:
    twice = [fix for fix in fixes for _ in range(2)]
    assert reported(Policy(**settings), twice, urgent=True) == fixes


@given(
    settings_of_a_policy(),
    st.lists(
        st.tuples(st.integers(-100, 100), st.integers(-100, 100), st.integers(0, 36000)), min_size=2, max_size=200
    ),
)
def test_jitter_is_quiet(settings: dict[str, int], jitter: list[tuple[int, int, int]]) -> None:
    """Fixes of a parked car that lie within distance_m of one another are reported for their time alone."""
    policy = Policy(**settings)
    spread = settings["distance_m"] * M_E7 // 3  # three of these are more than the diagonal across
    fixes = [
        Fix(1790000000 + i, LAT_E7 + north * spread // 200, LON_E7 + east * spread // 200, i % DRIVING_CMPS, course)
        for i, (north, east, course) in enumerate(jitter)
    ]
    reasons = [policy.consider(fix) for fix in fixes]
    kept = [i for i, reason in enumerate(reasons) if reason is not None]
    assert kept == list(range(0, len(fixes), settings["max_interval_s"]))
    assert {reasons[i] for i in kept[1:]} <= {REASON_INTERVAL}


@given(settings_of_a_policy(), drives())
def test_the_server_never_is_far_off(settings: dict[str, int], fixes: list[Fix]) -> None:
    """Between two reports a driving car is within distance_m of the last one, where the shortest interval allows; one
    that has come to rest within what its receiver may wander."""
    policy = Policy(**{**settings, "min_interval_s": 1})
    last = None
    for fix in fixes:
        kept = policy.consider(fix) is not None
        if last is not None and not kept:
            north, east = (fix.lat_e7 - last.lat_e7) / 90.4, (fix.lon_e7 - last.lon_e7) / 90.4
            wander_m = 0 if fix.speed_cmps >= DRIVING_CMPS else fix.hdop_centi * WANDER_M_PER_HDOP / 100
            assert north**2 + east**2 <= (max(settings["distance_m"], wander_m) * 1.02 + 1) ** 2
        last = fix if kept else last
