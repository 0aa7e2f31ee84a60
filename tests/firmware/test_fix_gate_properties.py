"""What holds for every row of fixes, however wild."""

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.position.fix_gate import WEEKS_1024_S, FixGate
from sigap_wire.report import Fix
from tests.wire.strategies import FIXES

CAR = Fix(1790000000, -69175000, 1076191000, 1000, 9000, 1, 9, 95)


def driving(start: Fix, seconds: int) -> list[Fix]:
    return [Fix(start.fix_time_s + i, start.lat_e7 + 90 * i, start.lon_e7, 1000, 0, 1, 9, 95) for i in range(seconds)]


places = st.builds(
    lambda time_s, lat, lon: Fix(time_s, lat, lon, 0, 0, 1, 9, 95),
    st.integers(1, 4000000000),
    st.integers(-890000000, 890000000),
    st.integers(-1800000000, 1800000000),
)


@given(st.lists(FIXES | places, max_size=30), places, st.integers(1, 10))
def test_no_history_shuts_the_gate_for_ever(history: list[Fix], start: Fix, confirmations: int) -> None:
    gate = FixGate(confirmations=confirmations)
    for fix in history:
        gate.check(fix)
    verdicts = [gate.check(fix) for fix in driving(start, confirmations + 5)]
    assert verdicts[confirmations - 1 :] == [None] * 6


@given(st.lists(FIXES | places, max_size=40))
def test_every_fix_is_counted_once(fixes: list[Fix]) -> None:
    gate = FixGate()
    verdicts = [gate.check(fix) for fix in fixes]
    assert gate.accepted == verdicts.count(None)
    assert gate.rejected == {reason: verdicts.count(reason) for reason in set(verdicts) - {None}}


@given(st.lists(FIXES, max_size=40))
def test_no_fix_without_position_or_time_passes(fixes: list[Fix]) -> None:
    gate = FixGate(min_time_s=1000000000)
    for fix in fixes:
        if gate.check(fix) is None:
            assert 1 <= fix.quality <= 6
            assert fix.fix_time_s >= 1000000000
            assert fix.speed_cmps <= 7000


@given(st.integers(1767225600, 2500000000), st.integers(0, WEEKS_1024_S - 1), st.integers(0, 3), st.integers(1, 6))
def test_whatever_overflow_the_time_is_right(floor_s: int, after_s: int, behind: int, quality: int) -> None:
    true_s = floor_s + after_s
    told = Fix(true_s - behind * WEEKS_1024_S, CAR.lat_e7, CAR.lon_e7, 1000, 9000, quality, 9, 95)
    gate = FixGate(min_time_s=floor_s)
    if told.fix_time_s >= 315964800:
        assert gate.check(told) is None
        assert told.fix_time_s == true_s
        assert gate.dates_corrected == (behind > 0)
    else:
        assert gate.check(told) in ("time_impossible", "no_time")


@given(st.lists(st.integers(0, 40), min_size=1, max_size=20), st.data())
def test_single_glitches_are_all_that_is_lost(gaps: list[int], data: st.DataObject) -> None:
    """A far-off fix now and then is rejected, and no fix of the drive is."""
    gate = FixGate()
    assert gate.check(CAR) is None
    drive = driving(CAR, sum(gaps) + len(gaps) + 2)[1:]
    glitches = set()
    at = 0
    for gap in gaps:
        at += gap + 1
        glitches.add(at)
    for i, fix in enumerate(drive):
        if i in glitches:
            away = data.draw(st.sampled_from([-1, 1])) * data.draw(st.integers(1000000, 80000000))
            wild = Fix(fix.fix_time_s, fix.lat_e7 + away, fix.lon_e7, 1000, 0, 1, 9, 95)
            assert gate.check(wild) == "jump"
        assert gate.check(fix) is None
