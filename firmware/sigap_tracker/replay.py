"""A receiver's recorded bytes through parser and fix gate, as JSON lines; the same bytes on every interpreter.

Run with `-m sigap_tracker.replay FILE [MIN_TIME_S]`.
"""

import sys

from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_wire.report import Fix

try:
    from collections.abc import Iterator
except ImportError:  # MicroPython, which does not look at annotations
    pass

CHUNK_BYTES = 512

_FIX_LINE = (
    '{"fix_time":%d,"lat_e7":%d,"lon_e7":%d,"speed_cmps":%d,"course_cdeg":%d,"quality":%d,"satellites":%d,'
    '"hdop_centi":%d}'
)


class Replay:
    """What a unit would make of the bytes. `fixes` of the summary are those the gate let pass.

    min_time_s  the gate's; 0 leaves a recording the dates that it has
    """

    def __init__(self, min_time_s: int = 0) -> None:
        self.parser = NmeaParser()
        self.gate = FixGate(min_time_s=min_time_s)
        self._min_time_s = min_time_s

    def feed(self, buf: "bytearray | memoryview", n: int) -> "list[Fix]":
        """The accepted fixes that the first `n` bytes of `buf` complete."""
        return self._accepted(self.parser.feed(buf, n))

    def finish(self) -> "list[Fix]":
        """The accepted fix that the end of the bytes completes, if there is one."""
        return self._accepted(self.parser.flush())

    def _accepted(self, fixes: "list[Fix]") -> "list[Fix]":
        return [fix for fix in fixes if self.gate.check(fix) is None]

    def summary(self) -> str:
        """The last line: what was counted on the way."""
        rejected = ",".join(['"%s":%d' % (reason, count) for reason, count in sorted(self.gate.rejected.items())])
        corrected = '"dates_corrected":%d,' % self.gate.dates_corrected if self._min_time_s else ""
        return '{"sentences":%d,"bad_checksum":%d,"unparsable":%d,"fixes":%d,%s"rejected":{%s}}' % (
            self.parser.sentences,
            self.parser.bad_checksum,
            self.parser.unparsable,
            self.gate.accepted,
            corrected,
            rejected,
        )


def line(fix: Fix) -> str:
    """One accepted fix as JSON: Unix seconds, degrees × 10⁷, cm/s, degrees × 100, and the quality fields."""
    return _FIX_LINE % tuple(fix.values()[:-1])


def lines(path: str, min_time_s: int = 0) -> "Iterator[str]":
    """One line for each accepted fix of a file, and the summary. Raises OSError."""
    replay = Replay(min_time_s)
    buf = bytearray(CHUNK_BYTES)
    with open(path, "rb") as recorded:
        while True:
            n = recorded.readinto(buf)
            if not n:
                break
            for fix in replay.feed(buf, n):
                yield line(fix)
    for fix in replay.finish():
        yield line(fix)
    yield replay.summary()


def main(arguments: "list[str]") -> int:
    """The exit status: 0, or 2 when the file cannot be read."""
    if len(arguments) not in (1, 2):
        print("usage: python -m sigap_tracker.replay FILE [MIN_TIME_S]", file=sys.stderr)
        return 2
    try:
        for text in lines(arguments[0], int(arguments[1]) if len(arguments) > 1 else 0):
            print(text)
    except OSError as error:
        print("%s: %s" % (arguments[0], error), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
