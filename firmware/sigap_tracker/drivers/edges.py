"""Changes of level, put down by interrupts and taken up by a task: a ring in which nothing is ever allocated."""

from array import array

_SIZE = 32  # more than four buttons bounce while a task waits


class Edges:
    """put() may interrupt take(), but not itself: an ESP32 runs its pins' handlers one after another."""

    def __init__(self) -> None:
        self._what = bytearray(_SIZE)  # line × 2 + level
        self._when_ms = array("i", [0] * _SIZE)
        self._first = 0
        self._next = 0
        self.lost = 0

    def put(self, line: int, level: int, ticks_ms: int) -> None:
        """Line 0 … 127 has the level 0 or 1. When the ring is full, it is lost and counted."""
        after = (self._next + 1) % _SIZE
        if after == self._first:
            self.lost += 1
            return
        self._what[self._next] = line << 1 | level
        self._when_ms[self._next] = ticks_ms
        self._next = after

    def take(self) -> "tuple[int, int, int] | None":
        """The oldest (line, level, ticks_ms), None if there is none."""
        first = self._first
        if first == self._next:
            return None
        what, when_ms = self._what[first], self._when_ms[first]
        self._first = (first + 1) % _SIZE
        return what >> 1, what & 1, when_ms
