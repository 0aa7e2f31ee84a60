"""The clock for deciding: whatever is done to the machine's clock, it never goes back and is never behind."""

from hypothesis import given
from hypothesis import strategies as st

from sigap_server.clock import SLOWER, SteadyClock

START_MS = 1_790_000_000_000


class Machine:
    """A machine's two clocks."""

    def __init__(self) -> None:
        self.wall_ms = START_MS
        self.uptime_s = 5.0

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall_ms, lambda: self.uptime_s)

    def wait(self, ms: int) -> None:
        self.wall_ms += ms
        self.uptime_s += ms / 1000


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(-10_000_000, 10_000_000)), max_size=30))
def test_it_never_goes_back_and_is_never_behind(story: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    before_ms = clock.now_ms()
    for passed_ms, jump_ms in story:
        machine.wait(passed_ms)
        machine.wall_ms += jump_ms
        now_ms = clock.now_ms()
        assert now_ms >= machine.wall_ms
        assert now_ms - before_ms >= passed_ms * (1 - SLOWER) - 1
        assert now_ms == machine.wall_ms or now_ms - before_ms <= passed_ms
        before_ms = now_ms


def test_the_machine_s_clock_catches_up() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.now_ms() == START_MS
    machine.wall_ms -= 30_000
    assert clock.now_ms() == START_MS
    for _ in range(700):
        machine.wait(1000)
        clock.now_ms()
    assert clock.now_ms() == machine.wall_ms


def test_it_goes_on_from_what_is_on_record() -> None:
    clock = Machine().clock()
    clock.go_on_from(START_MS + 5000)
    assert clock.now_ms() == START_MS + 5000
    clock.go_on_from(START_MS)
    assert clock.now_ms() == START_MS + 5000
