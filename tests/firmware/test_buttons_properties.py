"""What holds for every way of pressing buttons, clean or bouncing."""

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.officer.buttons import DEBOUNCE_MS, EMERGENCY, HOLD_MS, Buttons

NAMES = ("accept", "decline", "on_scene", "clear")
LOOK_MS = 10

# Per press: the pause before it, for how long it is held, and the bounces at either end, a few ms each.
bounces = st.lists(st.integers(1, 9), max_size=4).map(lambda times: times[: len(times) // 2 * 2])
presses = st.lists(
    st.tuples(st.integers(60, 300), st.integers(40, 4000), bounces, bounces, st.sampled_from(NAMES)), max_size=6
)


def edges(name: str, at_ms: int, down: bool, bouncing: list[int]) -> tuple[list[tuple[int, str, bool]], int]:
    """The changes of one level that bounces before it stands."""
    found = [(at_ms, name, down)]
    for pause_ms in bouncing:
        at_ms += pause_ms
        down = not down
        found.append((at_ms, name, down))
    return found, at_ms


def run(changes: list[tuple[int, str, bool]], end_ms: int) -> tuple[list[str], Buttons]:
    buttons, said = Buttons(NAMES), []
    waiting = sorted(changes)
    for now_ms in range(0, end_ms, LOOK_MS):
        while waiting and waiting[0][0] <= now_ms:
            at_ms, name, down = waiting.pop(0)
            buttons.change(name, down, at_ms)
        while (meant := buttons.next(now_ms)) is not None:
            said.append(meant)
    return said, buttons


@given(presses)
def test_one_after_the_other_each_means_one_thing(plan: list[tuple[int, int, list[int], list[int], str]]) -> None:
    changes, expected, at_ms = [], [], 0
    for pause_ms, held_ms, first, last, name in plan:
        made, down_ms = edges(name, at_ms + pause_ms, True, first)
        changes += made
        made, at_ms = edges(name, down_ms + held_ms, False, last)
        changes += made
        # From when it stood, to when it had gone at last.
        held_ms = at_ms - down_ms
        expected.append(None if HOLD_MS - 80 < held_ms < HOLD_MS + 80 else EMERGENCY if held_ms > HOLD_MS else name)
    said, buttons = run(changes, at_ms + 200)
    assert len(said) == len(expected)
    assert all(meant == wanted for meant, wanted in zip(said, expected, strict=True) if wanted is not None)
    assert not buttons.busy()


@given(st.lists(st.tuples(st.integers(0, 8000), st.sampled_from(NAMES), st.booleans()), max_size=60))
def test_whatever_the_levels_do(changes: list[tuple[int, str, bool]]) -> None:
    """Never more than one meaning a press, never an emergency sooner than a hold after the one before."""
    said, buttons = run([*changes, *((8001, name, False) for name in NAMES)], 9000)
    assert not buttons.busy()
    assert set(said) <= {*NAMES, EMERGENCY}
    assert len(said) <= sum(down for _, _, down in changes)
    assert said.count(EMERGENCY) <= 9000 // HOLD_MS


@given(st.lists(st.integers(1, DEBOUNCE_MS - 1), max_size=40), st.sampled_from(NAMES))
def test_noise_is_nothing(pauses: list[int], name: str) -> None:
    """A line that never stands for long enough says nothing."""
    at_ms, changes, down = 0, [], False
    for pause_ms in pauses:
        at_ms += pause_ms
        down = not down
        changes.append((at_ms, name, down))
    if down:
        changes.append((at_ms + 1, name, False))
    assert run(changes, at_ms + 500)[0] == []
