"""report and backlog: a batch of fixes, the first whole, each further one as differences from the one before.

A delta fix has the fields in another order: those that seldom change come last, where unchanged ones are left out.
"""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError
from sigap_wire.fields import (
    LAT_E7_MAX,
    LON_E7_MAX,
    UINT32_MAX,
    check_int,
    check_values,
    open_message,
)

MAX_BYTES = 4096
MAX_FIXES = 128

COURSE_UNKNOWN = 36000  # a receiver at rest sends no course
HDOP_UNKNOWN = 9999
SPEED_MAX_CMPS = 50000

# Why the reporting policy kept the fix.
REASON_FIRST, REASON_INTERVAL, REASON_DISTANCE, REASON_ANGLE, REASON_EVENT, REASON_NO_FIX = range(6)
REASON_NAMES = ("first", "interval", "distance", "angle", "event", "no_fix")

RANGES = (
    ("fix_time_s", 0, UINT32_MAX),
    ("lat_e7", -LAT_E7_MAX, LAT_E7_MAX),
    ("lon_e7", -LON_E7_MAX, LON_E7_MAX),
    ("speed_cmps", 0, SPEED_MAX_CMPS),
    ("course_cdeg", 0, COURSE_UNKNOWN),
    ("quality", 0, 8),
    ("satellites", 0, 99),
    ("hdop_centi", 0, HDOP_UNKNOWN),
    ("reason", 0, len(REASON_NAMES) - 1),
)
_REASON = 8  # its row in RANGES; sent as itself in a delta fix too
_DELTA_ROWS = (0, 1, 2, 3, 4, _REASON, 7, 6, 5)
_DELTA_MIN = 6
_DIFFERENCE_MAX = 2 * UINT32_MAX


class Fix:
    """One time-position-velocity solution; with REASON_NO_FIX the word that there is none, and where the last one was.

    fix_time_s    Unix seconds, from the receiver
    lat_e7 lon_e7 degrees × 10⁷, WGS 84
    speed_cmps    centimetres per second over ground
    course_cdeg   hundredths of a degree true, or COURSE_UNKNOWN
    quality       NMEA GGA quality: 0 no fix, 1 GPS, 2 differential, 4 RTK, 5 float RTK, 6 dead reckoning
    satellites    used in the solution
    hdop_centi    horizontal dilution × 100, or HDOP_UNKNOWN
    reason        one of REASON_…, set by the reporting policy

    With REASON_NO_FIX quality is 0, and time and place are those of the last known position: 0, 0, 0 if there never
    was one.
    """

    def __init__(
        self,
        fix_time_s: int,
        lat_e7: int,
        lon_e7: int,
        speed_cmps: int = 0,
        course_cdeg: int = COURSE_UNKNOWN,
        quality: int = 1,
        satellites: int = 0,
        hdop_centi: int = HDOP_UNKNOWN,
        reason: int = REASON_FIRST,
    ) -> None:
        self.fix_time_s = fix_time_s
        self.lat_e7 = lat_e7
        self.lon_e7 = lon_e7
        self.speed_cmps = speed_cmps
        self.course_cdeg = course_cdeg
        self.quality = quality
        self.satellites = satellites
        self.hdop_centi = hdop_centi
        self.reason = reason

    def values(self) -> "list[int]":
        """The fields in the order of RANGES."""
        return [
            self.fix_time_s,
            self.lat_e7,
            self.lon_e7,
            self.speed_cmps,
            self.course_cdeg,
            self.quality,
            self.satellites,
            self.hdop_centi,
            self.reason,
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fix) and self.values() == other.values()

    def __repr__(self) -> str:
        return "Fix(%s)" % ", ".join("%s=%d" % (r[0], v) for r, v in zip(RANGES, self.values()))


class Report:
    """`fixes[i]` has sequence number `seq + i` within the unit's `boot_id`."""

    def __init__(self, boot_id: int, seq: int, fixes: "list[Fix]") -> None:
        self.boot_id = boot_id
        self.seq = seq
        self.fixes = fixes

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Report)
            and (self.boot_id, self.seq) == (other.boot_id, other.seq)
            and self.fixes == other.fixes
        )

    def __repr__(self) -> str:
        return "Report(boot_id=%d, seq=%d, fixes=%r)" % (self.boot_id, self.seq, self.fixes)

    def encode(self) -> bytes:
        """[version, boot_id, seq, first fix, [delta fixes]]. Raises WireError if a value is out of range."""
        check_int("boot_id", self.boot_id, 0, UINT32_MAX)
        _check_batch(self.seq, len(self.fixes))
        rows = [check_values("fix", RANGES, fix.values()) for fix in self.fixes]
        deltas = [_difference(rows[i], rows[i - 1]) for i in range(1, len(rows))]
        payload = cbor.dumps([WIRE_VERSION, self.boot_id, self.seq, rows[0], deltas])
        if len(payload) > MAX_BYTES:
            raise WireError("report of %d bytes, at most %d allowed" % (len(payload), MAX_BYTES))
        return payload

    @staticmethod
    def decode(payload: bytes) -> "Report":
        """Raises WireError naming the first field that is not as the contract says."""
        boot_id, seq, first, deltas = open_message("report", payload, MAX_BYTES, 4)
        boot_id = check_int("boot_id", boot_id, 0, UINT32_MAX)
        if not isinstance(deltas, list):
            raise WireError("report's delta fixes are not an array")
        seq = _check_batch(seq, 1 + len(deltas))
        row = check_values("fix", RANGES, first)
        fixes = [Fix(*row)]
        for delta in deltas:
            row = check_values("delta fix", RANGES, _sum(delta, row))
            fixes.append(Fix(*row))
        return Report(boot_id, seq, fixes)


def _check_batch(seq: object, count: int) -> int:
    check_int("number of fixes", count, 1, MAX_FIXES)
    return check_int("seq", seq, 0, UINT32_MAX - count + 1)


def _difference(row: "list[int]", before: "list[int]") -> "list[int]":
    delta = [row[i] if i == _REASON else row[i] - before[i] for i in _DELTA_ROWS]
    while len(delta) > _DELTA_MIN and delta[-1] == 0:
        delta.pop()
    return delta


def _sum(delta: object, before: "list[int]") -> "list[int]":
    if not isinstance(delta, list):
        raise WireError("delta fix is %s, expected an array" % type(delta).__name__)
    check_int("number of fields of a delta fix", len(delta), _DELTA_MIN, len(RANGES))
    if len(delta) > _DELTA_MIN and delta[-1] == 0:
        raise WireError("delta fix ends with a difference of 0, which is to be left out")
    row = list(before)
    for i, value in zip(_DELTA_ROWS, delta):
        if i == _REASON:
            row[i] = value
        else:
            row[i] += check_int(RANGES[i][0] + " difference", value, -_DIFFERENCE_MAX, _DIFFERENCE_MAX)
    return row
