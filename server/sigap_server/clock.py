"""Time for deciding: it follows the machine's clock forward, and never back.

Deadlines are moments. If the machine's clock is set back by an hour, an offer would last an hour longer, and a unit
that fell silent would seem to have been heard of just now. Set forward, offers end at once and units are heard of again
with their next report, which harms nobody; and a clock that is behind would make offers that units take for expired.
"""

from collections.abc import Callable

# How much slower it runs while it is ahead of the machine's clock: a deadline of 15 s is off by less than one.
SLOWER = 0.05


class SteadyClock:
    """Never behind `wall_ms` (Unix milliseconds); where that is set back, it runs on with `monotonic_s`, a little
    slower, until the other has caught up."""

    def __init__(self, wall_ms: Callable[[], int], monotonic_s: Callable[[], float]) -> None:
        self._wall_ms = wall_ms
        self._monotonic_s = monotonic_s
        self._at_s = monotonic_s()
        self._now_ms = float(wall_ms())

    def now_ms(self) -> int:
        """Unix milliseconds; never less than before."""
        at_s = self._monotonic_s()
        passed_ms = max(0.0, at_s - self._at_s) * 1000
        self._at_s = at_s
        self._now_ms = max(float(self._wall_ms()), self._now_ms + passed_ms * (1 - SLOWER))
        return int(self._now_ms)

    def go_on_from(self, time_ms: int) -> None:
        """It was this late already, as a record says that was written before the start."""
        self._now_ms = max(self._now_ms, float(time_ms))
