"""The receiver's bytes cut into NMEA 0183 sentences with a right checksum, and their fields read as integers.

Nothing here allocates per byte or per sentence: one fixed buffer, positions in place of slices.
"""

from array import array

CAPACITY = 384
# NMEA 0183 allows 82 characters; MediaTek's $PMTKCHN is the longest seen in the field, with 200.
MAX_LENGTH = 256
MAX_FIELDS = 24

# What reading a field says beside a value; no value is negative.
EMPTY = -1
BAD = -2

_POINT = 46


class Sentences:
    """Give bytes with `load` until all are taken, and after each `load` call `advance` until it says False.

    A sentence begins with '$' and ends with '*' and two hexadecimal digits. What lies between sentences is skipped
    unseen. These count, and sentences = right ones + bad_checksum + unparsable at any time:
    sentences      begun with '$' and over, whatever they hold ("$$" begins one, not two)
    bad_checksum   complete, but the checksum is another one
    unparsable     cut short by a line's end, by the next '$' or by the input's end; without a checksum; longer than
                   MAX_LENGTH; or with a right checksum and fields that cannot be read (counted by the caller)
    """

    def __init__(self) -> None:
        self.sentences = 0
        self.bad_checksum = 0
        self.unparsable = 0
        self._buf = bytearray(CAPACITY)
        self._at = 0  # everything before is done with
        self._len = 0
        self._start = 0  # the current sentence, without '$' and checksum
        self._end = 0
        self._starts = array("H", bytes(2 * (MAX_FIELDS + 1)))
        self._fields = 0

    def load(self, view: memoryview, at: int, end: int) -> int:
        """Take what there is room for of view[at:end] and return how many bytes that was, at least one."""
        kept = self._len - self._at
        if kept == 0:
            self._at = self._len = 0
        elif self._at and CAPACITY - self._len < end - at:
            self._buf[:kept] = self._buf[self._at : self._len]
            self._at, self._len = 0, kept
        count = min(CAPACITY - self._len, end - at)
        self._buf[self._len : self._len + count] = view[at : at + count]
        self._len += count
        return count

    def advance(self) -> bool:
        """Move to the next sentence with a right checksum; False when that needs more bytes."""
        buf, length = self._buf, self._len
        while True:
            start = buf.find(b"$", self._at, length)
            if start < 0:
                self._at = length
                return False
            self._at = start
            star = buf.find(b"*", start + 1, length)
            stop = length if star < 0 else star
            cut = buf.find(b"$", start + 1, stop)
            if cut >= 0:
                stop = cut
            line_end = buf.find(b"\n", start + 1, stop)
            if line_end >= 0:
                self._refuse(line_end + 1)
            elif cut == start + 1:
                self._at = cut
            elif cut >= 0:
                self._refuse(cut)
            elif stop - start > MAX_LENGTH:
                self._refuse(stop)
            elif star < 0 or star + 1 == length:
                return False
            elif _hex_digit(buf[star + 1]) < 0:
                self._refuse(star + 1)
            elif star + 2 == length:
                return False
            elif self._check(start + 1, star):
                return True

    def finish(self) -> None:
        """The input ended: a sentence still open is one cut short."""
        if self._len > self._at:
            self._refuse(self._len)

    def _refuse(self, resume: int) -> None:
        self.sentences += 1
        self.unparsable += 1
        self._at = resume

    def _check(self, start: int, star: int) -> bool:
        buf = self._buf
        high, low = _hex_digit(buf[star + 1]), _hex_digit(buf[star + 2])
        if high < 0 or low < 0:
            self._refuse(star + 1)
            return False
        found = 0
        for i in range(start, star):
            found ^= buf[i]
        self.sentences += 1
        self._at = star + 3
        if found != high << 4 | low:
            self.bad_checksum += 1
            return False
        self._start, self._end = start, star
        return True

    def kind(self) -> int:
        """The three letters after a talker's two as one number, 0 for a maker's own sentence ($P…)."""
        buf, start = self._buf, self._start
        if self._end - start < 6 or buf[start + 5] != 44 or buf[start] == 80:
            return 0
        return buf[start + 2] << 16 | buf[start + 3] << 8 | buf[start + 4]

    def talker(self) -> int:
        """The two letters before those as one number."""
        return self._buf[self._start] << 8 | self._buf[self._start + 1]

    def split(self) -> int:
        """Find the fields of the current sentence and return how many there are; field 0 is the address."""
        buf, end, starts = self._buf, self._end, self._starts
        at = self._start
        count = 0
        while count < MAX_FIELDS:
            starts[count] = at
            count += 1
            comma = buf.find(b",", at, end)
            if comma < 0:
                at = end + 1
                break
            at = comma + 1
        starts[count] = at
        self._fields = count
        return count

    def letter(self, field: int) -> int:
        """The byte a one-letter field holds, EMPTY if it holds nothing or is not there, BAD if it holds more."""
        if field >= self._fields:
            return EMPTY
        at = self._starts[field]
        size = self._starts[field + 1] - 1 - at
        if size == 0:
            return EMPTY
        return self._buf[at] if size == 1 else BAD

    def decimal(self, field: int, places: int) -> int:
        """A decimal number × 10**places, further digits cut off; EMPTY or BAD. At most six digits before the point."""
        return self._number(self._starts[field], self._starts[field + 1] - 1, places)

    def angle_e7(self, field: int, limit_deg: int) -> int:
        """Degrees and minutes (ddmm.mmmm) as degrees × 10⁷, EMPTY or BAD. Minutes count to their seventh digit."""
        at, end = self._starts[field], self._starts[field + 1] - 1
        if at == end:
            return EMPTY
        point = self._buf.find(b".", at, end)
        minutes_at = (end if point < 0 else point) - 2
        if minutes_at <= at:
            return BAD
        degrees = self._number(at, minutes_at, 0)
        # Below 2**30, so that an ESP32 needs no heap: degrees are added last.
        minutes_e7 = self._number(minutes_at, end, 7)
        if degrees < 0 or degrees > limit_deg or minutes_e7 < 0 or minutes_e7 >= 600000000:
            return BAD
        angle = degrees * 10000000 + (minutes_e7 + 30) // 60
        return angle if angle <= limit_deg * 10000000 else BAD

    def _number(self, at: int, end: int, places: int) -> int:
        if at >= end:
            return EMPTY
        buf = self._buf
        value = 0
        left = -1  # digits still to take after the point; -1 before it
        for i in range(at, end):
            char = buf[i]
            if 48 <= char <= 57:
                if left < 0:
                    if value > 99999:
                        return BAD
                    value = value * 10 + char - 48
                elif left > 0:
                    value = value * 10 + char - 48
                    left -= 1
            elif char == _POINT and left < 0:
                left = places
            else:
                return BAD
        if left < 0:
            left = places
        for _ in range(left):
            value *= 10
        return value


def _hex_digit(char: int) -> int:
    if 48 <= char <= 57:
        return char - 48
    char |= 32
    return char - 87 if 97 <= char <= 102 else BAD
