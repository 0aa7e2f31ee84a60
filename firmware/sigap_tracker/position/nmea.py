"""A GPS receiver's NMEA 0183 to fixes: RMC and GGA of one moment merged, in integers from the text on.

RMC gives position, speed, course and date; GGA quality, satellites and HDOP. Where one of the two is missing the
other must do: RMC's mode then says the quality; GGA's position then takes its date from an earlier RMC or ZDA, and its
motion from an RMC or VTG of the last few seconds. A receiver that says neither of them, but GLL, is taken at that.
GSA fills in an HDOP that the GGA lacks; what it and GSV tell of the sky is kept for technicians (`sky`). All other
sentences are checked, counted and skipped. Any talker will do.

A moment is over, and its fix handed out, when both sentences of the same time have come in either order, or when
another time begins. A receiver that left out one of the two ALONE_EPOCHS times in a row is not waited for any more,
until the missing one shows up.
"""

from array import array

from sigap_tracker.position import sky
from sigap_tracker.position.civil_time import DAY_S, days_since_1970
from sigap_tracker.position.sentences import BAD, EMPTY, Sentences
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, Fix

ALONE_EPOCHS = 3
# A speed that old is nearer to the truth than none, which reads as standing still.
MOTION_MS = 3000

_KIND_RMC = 0x524D43
_KIND_GGA = 0x474741
_KIND_ZDA = 0x5A4441
_KIND_VTG = 0x565447
_KIND_GLL = 0x474C4C
_KIND_GSA = 0x475341
_KIND_GSV = 0x475356

_RMC, _GGA, _GLL = 1, 2, 4
_BOTH = _RMC | _GGA

_HALF_DAY_MS = 43200000
_A, _V, _N, _S, _E, _W = 65, 86, 78, 83, 69, 87

# The mode indicator of RMC and GLL (NMEA 2.3 on) as GGA's quality: autonomous, differential, estimated, float RTK,
# manual, not valid, precise, RTK, simulator.
_MODE_QUALITY = {65: 1, 68: 2, 69: 6, 70: 5, 77: 7, 78: 0, 80: 3, 82: 4, 83: 8}


class NmeaParser:
    """Counts `sentences`, `bad_checksum` and `unparsable` as told in `sentences.Sentences`, and `fixes` handed out.

    A moment without a valid position is handed out too, as a Fix of quality 0 with nothing else in it, so that "the
    receiver has no fix" and "the receiver is dumb" can be told apart. A valid position whose date is not known yet
    has fix_time_s 0. The fix gate refuses both.

    `sky` is an array of what GSA and GSV said last, indexed by sky.DIMENSION and the like.
    """

    def __init__(self) -> None:
        self.fixes = 0
        self.setups = 0  # times that the receiver was told what to say, see receiver_watch
        self._text = Sentences()
        self._out: "list[Fix]" = []
        self._fix = Fix(0, 0, 0)
        self._seen = 0  # _RMC | _GGA of the moment that is open
        self._void = False
        self._time_ms = EMPTY  # its time of day
        self._done_ms = EMPTY  # the time of day of the fix handed out last
        self._alone_kind = 0
        self._alone = 0
        self._since_rmc = 0  # GGAs and GLLs since the latest RMC
        self._since_both = 0  # GLLs since the latest RMC or GGA
        self.sky = array("H", bytes(2 * sky.SIZE))
        self._days = -1  # date of the latest RMC or ZDA, -1 before the first
        self._days_ms = 0  # the time of day it was last held against
        self._speed_cmps = 0  # of the latest RMC or VTG
        self._course_cdeg = COURSE_UNKNOWN
        self._motion_ms = -MOTION_MS - 1  # its time of day

    @property
    def sentences(self) -> int:
        return self._text.sentences

    @property
    def bad_checksum(self) -> int:
        return self._text.bad_checksum

    @property
    def unparsable(self) -> int:
        return self._text.unparsable

    def paired(self) -> bool:
        """Whether the latest moments had an RMC and a GGA each."""
        return self._alone < ALONE_EPOCHS and self._since_rmc < ALONE_EPOCHS

    def feed(self, buf: "bytearray | memoryview", n: int) -> "list[Fix]":
        """The fixes completed by the first `n` bytes of `buf`, oldest first. `buf` may be refilled afterwards."""
        view = memoryview(buf)
        at = 0
        while at < n:
            at += self._text.load(view, at, n)
            while self._text.advance():
                self._read()
        return self._take()

    def flush(self) -> "list[Fix]":
        """The input ended: the fix of the moment that is still open, if there is one."""
        self._text.finish()
        if self._seen:
            self._emit()
        return self._take()

    def _take(self) -> "list[Fix]":
        fixes, self._out = self._out, []
        return fixes

    def _read(self) -> None:
        kind = self._text.kind()
        if kind == _KIND_RMC:
            readable = self._read_rmc()
        elif kind == _KIND_GGA:
            readable = self._read_gga()
        elif kind == _KIND_GSV:
            readable = sky.read_gsv(self._text, self.sky)
        elif kind == _KIND_GSA:
            readable = sky.read_gsa(self._text, self.sky)
        elif kind == _KIND_VTG:
            readable = self._read_vtg()
        elif kind == _KIND_GLL:
            readable = self._read_gll()
        elif kind == _KIND_ZDA:
            readable = self._read_zda()
        else:
            return
        if not readable:
            self._text.unparsable += 1

    def _read_rmc(self) -> bool:
        text = self._text
        self._since_rmc = self._since_both = 0
        if text.split() < 10:
            return False
        time_ms, status = self._time(1), text.letter(2)
        if time_ms == BAD or status not in (_A, _V, EMPTY):
            return False
        quality = _MODE_QUALITY.get(text.letter(12), 1)
        if status != _A or quality == 0:
            return self._add_void(_RMC, time_ms)
        lat_e7, lon_e7 = self._signed_e7(3, 90, _N, _S), self._signed_e7(5, 180, _E, _W)
        speed_mkn, course_mdeg, days = text.decimal(7, 3), text.decimal(8, 3), self._date(9)
        if time_ms < 0 or lat_e7 is None or lon_e7 is None or BAD in (speed_mkn, course_mdeg, days):
            return False
        if not self._begin(_RMC, time_ms):
            return True
        fix = self._fix
        fix.lat_e7, fix.lon_e7 = lat_e7, lon_e7
        self._moved(speed_mkn, course_mdeg, time_ms)
        fix.speed_cmps, fix.course_cdeg = self._speed_cmps, self._course_cdeg
        if not self._seen & _GGA:
            fix.quality = quality
        if days != EMPTY:
            self._days, self._days_ms = days, time_ms
        fix.fix_time_s = self._unix_s(time_ms)
        self._end(_RMC)
        return True

    def _moved(self, speed_mkn: int, course_mdeg: int, time_ms: int) -> None:
        # One knot is 1852 m an hour, 463/9 cm/s.
        self._speed_cmps = 0 if speed_mkn == EMPTY else (speed_mkn * 463 + 4500) // 9000
        self._course_cdeg = (course_mdeg + 5) // 10 % 36000 if 0 <= course_mdeg <= 360000 else COURSE_UNKNOWN
        self._motion_ms = time_ms

    def _read_gga(self) -> bool:
        text = self._text
        self._since_rmc += 1
        self._since_both = 0
        if text.split() < 9:
            return False
        time_ms, quality = self._time(1), text.decimal(6, 0)
        if time_ms == BAD or quality == BAD:
            return False
        if quality <= 0:
            return self._add_void(_GGA, time_ms)
        lat_e7, lon_e7 = self._signed_e7(2, 90, _N, _S), self._signed_e7(4, 180, _E, _W)
        satellites, hdop_milli = text.decimal(7, 0), text.decimal(8, 3)
        if time_ms < 0 or lat_e7 is None or lon_e7 is None or BAD in (satellites, hdop_milli):
            return False
        if not self._begin(_GGA, time_ms):
            return True
        fix = self._fix
        # NovAtel goes on counting where the standard ends at 8: a fix, of a kind the wire has no number for.
        fix.quality = quality if quality <= 8 else 1
        fix.satellites = max(0, min(satellites, 99))
        fix.hdop_centi = HDOP_UNKNOWN if hdop_milli == EMPTY else min((hdop_milli + 5) // 10, HDOP_UNKNOWN)
        if not self._seen & _RMC:
            self._place(time_ms, lat_e7, lon_e7)
        self._end(_GGA)
        return True

    def _place(self, time_ms: int, lat_e7: int, lon_e7: int) -> None:
        """A position that came without its motion and date."""
        fix = self._fix
        fix.lat_e7, fix.lon_e7 = lat_e7, lon_e7
        if 0 <= time_ms - self._motion_ms <= MOTION_MS:
            fix.speed_cmps, fix.course_cdeg = self._speed_cmps, self._course_cdeg
        fix.fix_time_s = self._unix_s(time_ms)

    def _read_gll(self) -> bool:
        """Its position counts once nothing better has come for ALONE_EPOCHS of them; each is then a moment."""
        text = self._text
        self._since_rmc += 1
        self._since_both += 1
        if self._since_both <= ALONE_EPOCHS:
            return True
        if text.split() < 7:
            return False
        time_ms, status = self._time(5), text.letter(6)
        if time_ms == BAD or status not in (_A, _V, EMPTY):
            return False
        quality = _MODE_QUALITY.get(text.letter(7), 1)
        if status != _A or quality == 0:
            return self._add_void(_GLL, time_ms)
        lat_e7, lon_e7 = self._signed_e7(1, 90, _N, _S), self._signed_e7(3, 180, _E, _W)
        if time_ms < 0 or lat_e7 is None or lon_e7 is None:
            return False
        if self._begin(_GLL, time_ms):
            self._fix.quality = quality
            self._place(time_ms, lat_e7, lon_e7)
            self._end(_GLL)
        return True

    def _read_vtg(self) -> bool:
        """It has no time: it belongs to the moment that is open or was the last. An RMC knows it all itself."""
        if self._since_rmc < ALONE_EPOCHS:
            return True
        text = self._text
        if text.split() < 9:
            return False
        course_mdeg, speed_mkn = text.decimal(1, 3), text.decimal(5, 3)
        if course_mdeg == BAD or speed_mkn == BAD:
            return False
        if speed_mkn != EMPTY and self._time_ms >= 0:
            self._moved(speed_mkn, course_mdeg, self._time_ms)
            if self._seen:
                self._fix.speed_cmps, self._fix.course_cdeg = self._speed_cmps, self._course_cdeg
        return True

    def _read_zda(self) -> bool:
        text = self._text
        if text.split() < 5:
            return False
        time_ms = self._time(1)
        day, month, year = text.decimal(2, 0), text.decimal(3, 0), text.decimal(4, 0)
        if time_ms == EMPTY or year == EMPTY:
            return True
        days = days_since_1970(year, month, day)
        if time_ms == BAD or days < 0:
            return False
        self._days, self._days_ms = days, time_ms
        return True

    def _time(self, field: int) -> int:
        """hhmmss.sss as milliseconds of the day, EMPTY or BAD. A leap second is the next day's first."""
        value = self._text.decimal(field, 3)
        if value < 0:
            return value
        hours, minutes, second_ms = value // 10000000, value // 100000 % 100, value % 100000
        if hours > 23 or minutes > 59 or second_ms > 60999:
            return BAD
        return (hours * 60 + minutes) * 60000 + second_ms

    def _date(self, field: int) -> int:
        """ddmmyy as days since 1970, EMPTY or BAD. GPS began in 1980, so 80 is 1980 and 79 is 2079."""
        value = self._text.decimal(field, 0)
        if value < 0:
            return value
        year = value % 100
        days = days_since_1970(year + (1900 if year >= 80 else 2000), value // 100 % 100, value // 10000)
        return days if days >= 0 else BAD

    def _signed_e7(self, field: int, limit_deg: int, plus: int, minus: int) -> "int | None":
        angle = self._text.angle_e7(field, limit_deg)
        half = self._text.letter(field + 1)
        if angle < 0 or half not in (plus, minus):
            return None
        return angle if half == plus else -angle

    def _unix_s(self, time_ms: int) -> int:
        """Unix seconds of a time of day, 0 while no date is known. Past midnight the known date moves on."""
        if self._days < 0:
            return 0
        if time_ms < self._days_ms - _HALF_DAY_MS:
            self._days += 1
        self._days_ms = time_ms
        return self._days * DAY_S + time_ms // 1000

    def _add_void(self, kind: int, time_ms: int) -> bool:
        if self._begin(kind, time_ms):
            self._void = True
            self._end(kind)
        return True

    def _begin(self, kind: int, time_ms: int) -> bool:
        """Make way for a sentence of the moment `time_ms`; False if that moment has no room for it."""
        if kind != self._alone_kind:
            self._alone = 0
        if time_ms >= 0:
            if time_ms == self._done_ms and not self._seen:
                return False  # second talker, or the partner of one that was not waited for
            if time_ms == self._time_ms and self._seen & kind:
                return False
        if self._seen and (time_ms != self._time_ms or self._seen & kind):
            self._alone = self._alone + 1 if self._seen == self._alone_kind else 1
            self._alone_kind = self._seen
            self._emit()
        if not self._seen:
            self._fix = Fix(0, 0, 0)
            self._void = False
            self._time_ms = time_ms
        return True

    def _end(self, kind: int) -> None:
        self._seen |= kind
        if self._seen in (_BOTH, _GLL) or (self._alone >= ALONE_EPOCHS and kind == self._alone_kind):
            self._emit()

    def _emit(self) -> None:
        if self._fix.hdop_centi == HDOP_UNKNOWN:
            self._fix.hdop_centi = sky.hdop_centi(self.sky)
        self._out.append(Fix(0, 0, 0, quality=0) if self._void else self._fix)
        sky.end_of_moment(self.sky)
        self.fixes += 1
        self._seen = 0
        self._done_ms = self._time_ms
