"""Whatever the ignition and the voltage do, the unit goes off only when it may, and then it does."""

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.power import IGNITION_OFF, IGNITION_ON, LOW, LOW_OVER, SHUT_DOWN, Power

CUTOFF_MV, LOW_MV = 11000, 11800

stretches = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.sampled_from([True, False, None]),
        st.sampled_from([None, 0, 5000, 10900, 11500, 12000, 12150, 14000]),
        st.booleans(),
    ),
    max_size=30,
)


def seconds(history: list[tuple[int, bool | None, int | None, bool]]) -> list[tuple[bool | None, int | None, bool]]:
    return [second for count, *second in history for _ in range(count)]  # type: ignore[misc]


def made(off_delay_s: int) -> Power:
    power = Power()
    power.configure(off_delay_s, LOW_MV, 30, CUTOFF_MV)
    return power


@given(stretches, st.integers(0, 60))
def test_it_goes_off_only_when_it_may(history: list[tuple[int, bool | None, int | None, bool]], delay_s: int) -> None:
    power = made(delay_s)
    off_s = 0
    for ignition, supply_mv, busy in seconds(history):
        off_s = off_s + 1 if ignition is False else 0
        if power.second(ignition, supply_mv, busy) == SHUT_DOWN:
            empty = supply_mv is not None and supply_mv < CUTOFF_MV
            assert ignition is not True
            assert empty or (not busy and off_s > delay_s)


@given(stretches, st.integers(0, 60))
def test_what_happened_takes_turns(history: list[tuple[int, bool | None, int | None, bool]], delay_s: int) -> None:
    power = made(delay_s)
    happened = [power.second(*second) for second in seconds(history)]
    for begin, end in ((IGNITION_OFF, IGNITION_ON), (LOW, LOW_OVER)):
        turns = [one for one in happened if one in (begin, end)]
        assert turns == [begin, end] * (len(turns) // 2) + [begin] * (len(turns) % 2)


@given(stretches, st.integers(0, 60))
def test_switched_off_for_good_it_goes_off(
    history: list[tuple[int, bool | None, int | None, bool]], delay_s: int
) -> None:
    power = made(delay_s)
    for second in seconds(history):
        power.second(*second)
    assert SHUT_DOWN in [power.second(False, 12600, False) for _ in range(delay_s + 8)]


@given(stretches)
def test_with_the_ignition_on_again_it_never_does(history: list[tuple[int, bool | None, int | None, bool]]) -> None:
    power = made(0)
    for second in seconds(history):
        power.second(*second)
    assert SHUT_DOWN not in [power.second(True, 10000, False) for _ in range(100)]
    assert not power.off
