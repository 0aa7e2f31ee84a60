"""Time on a unit: milliseconds that wrap around, seconds since the start, and Unix seconds taken from the fixes."""

# An ESP32's ticks_ms() counts from 0 to 2**30 - 1 and starts over, about every 12 days.
TICKS_PERIOD_MS = 1 << 30


def elapsed_ms(now_ms: int, since_ms: int) -> int:
    """From one reading of the ticks to a later one less than a period away, also across the wrap-around."""
    return (now_ms - since_ms) & (TICKS_PERIOD_MS - 1)


class Clock:
    """Seconds from ticks. `uptime_s()` must be called at least once a period, which any running unit does."""

    def __init__(self, ticks_ms: int) -> None:
        self._last_ms = ticks_ms
        self._rest_ms = 0
        self._uptime_s = 0
        self._unix_minus_uptime_s = 0
        self._has_time = False

    def uptime_s(self, ticks_ms: int) -> int:
        """Whole seconds since the clock was made. Seconds, because milliseconds outgrow a small integer in 12 days."""
        self._rest_ms += elapsed_ms(ticks_ms, self._last_ms)
        self._last_ms = ticks_ms
        self._uptime_s += self._rest_ms // 1000
        self._rest_ms %= 1000
        return self._uptime_s

    def set_unix_s(self, ticks_ms: int, unix_s: int) -> None:
        """`unix_s` is now, by a fix."""
        self._unix_minus_uptime_s = unix_s - self.uptime_s(ticks_ms)
        self._has_time = True

    def unix_s(self, ticks_ms: int) -> int:
        """Unix seconds, 0 before the first fix: a unit has no other clock that survives the ignition."""
        return self.uptime_s(ticks_ms) + self._unix_minus_uptime_s if self._has_time else 0

    def now(self, ticks_ms: int) -> "tuple[int, int]":
        """(Unix seconds or 0, seconds since the clock was made)."""
        return self.unix_s(ticks_ms), self.uptime_s(ticks_ms)
