"""Which fixes are reported: TAIP's D rule (a time and a distance, or a longest time) and a change of course."""

from sigap_tracker.position.geo import distance_m
from sigap_wire.report import (
    COURSE_UNKNOWN,
    HDOP_UNKNOWN,
    REASON_ANGLE,
    REASON_DISTANCE,
    REASON_EVENT,
    REASON_FIRST,
    REASON_INTERVAL,
    REASON_NO_FIX,
    Fix,
)

# Slower is not driving, and a receiver's course is then noise.
DRIVING_CMPS = 200
# A corner takes that far; a shorter way says nothing about the course.
CORNER_M = 10
# A receiver at rest wanders about 5 m for each unit of HDOP, between houses three times that now and then.
WANDER_M_PER_HDOP = 15
URGENT_INTERVAL_S = 1


class Policy:
    """A fix is reported if it is

    - the first, or the first after the receiver's time was set back;
    - `max_interval_s` or more after the one reported before, so that a parked car is heard of;
    - `min_interval_s` or more after it, and either `distance_m` or more away from it, or driving on a course that
      differs by `angle_deg` or more;
    - one second or more after it while things are urgent, whatever the rest says;
    - the first after it was reported that there is none.

    That there is no fix is reported when there was none for `no_fix_s`, and every `max_interval_s` from then on.

    The settings are taken as they are: who sets them has checked them.
    """

    def __init__(
        self,
        min_interval_s: int = 1,
        max_interval_s: int = 30,
        distance_m: int = 50,
        angle_deg: int = 20,
        no_fix_s: int = 10,
    ) -> None:
        self.configure(min_interval_s, max_interval_s, distance_m, angle_deg, no_fix_s)
        self._reported: "Fix | None" = None
        self._latest: "Fix | None" = None
        self._course_cdeg = COURSE_UNKNOWN  # at the latest report, or as soon as the car drove after it
        self._missed_s = 0  # for how long there was no fix when that was reported last; 0: it was not

    def configure(
        self, min_interval_s: int, max_interval_s: int, distance_m: int, angle_deg: int, no_fix_s: int
    ) -> None:
        """For the fixes from now on; what was reported before stays."""
        self._min_interval_s = min_interval_s
        self._max_interval_s = max_interval_s
        self._distance_m = distance_m
        self._angle_cdeg = angle_deg * 100
        self._no_fix_s = no_fix_s

    def consider(self, fix: Fix, urgent: bool = False) -> "int | None":
        """One of sigap_wire.report.REASON_… if the fix is to be reported, which it then counts as, else None.

        Only fixes that the gate let pass may come here. `urgent` is True on an assignment or in an emergency.
        """
        reason = self._reason(fix, urgent)
        if self._missed_s:
            reason = REASON_EVENT if reason is None else reason
            self._missed_s = 0
        self._latest = fix
        if reason is not None:
            self._reported = fix
            self._course_cdeg = COURSE_UNKNOWN
        if self._course_cdeg == COURSE_UNKNOWN and fix.speed_cmps >= DRIVING_CMPS:
            self._course_cdeg = fix.course_cdeg
        return reason

    def miss(self, passed_s: int) -> "Fix | None":
        """Call about once a second: there was no fix for `passed_s`, since the latest or since the start.

        What to report, if that is due: the last known position with quality 0 and REASON_NO_FIX, all zero if there
        never was one.
        """
        if passed_s < (self._missed_s + self._max_interval_s if self._missed_s else self._no_fix_s):
            return None
        self._missed_s = passed_s
        known = self._latest
        lost = Fix(0, 0, 0) if known is None else Fix(known.fix_time_s, known.lat_e7, known.lon_e7)
        lost.quality = 0
        lost.reason = REASON_NO_FIX
        return lost

    def _reason(self, fix: Fix, urgent: bool) -> "int | None":
        before = self._reported
        if before is None:
            return REASON_FIRST
        passed_s = fix.fix_time_s - before.fix_time_s
        if passed_s < 0:
            return REASON_FIRST
        if passed_s < self._min_interval_s and not (urgent and passed_s >= URGENT_INTERVAL_S):
            return None
        away_m = distance_m(before.lat_e7, before.lon_e7, fix.lat_e7, fix.lon_e7)
        if self._has_turned(fix) and away_m >= CORNER_M:
            return REASON_ANGLE
        if away_m >= self._needed_m(before, fix):
            return REASON_DISTANCE
        if passed_s >= self._max_interval_s:
            return REASON_INTERVAL
        return REASON_EVENT if urgent else None

    def _has_turned(self, fix: Fix) -> bool:
        if fix.speed_cmps < DRIVING_CMPS or COURSE_UNKNOWN in (fix.course_cdeg, self._course_cdeg):
            return False
        turn = abs(fix.course_cdeg - self._course_cdeg)
        return min(turn, 36000 - turn) >= self._angle_cdeg

    def _needed_m(self, before: Fix, fix: Fix) -> int:
        """A car at rest must have moved by more than its receiver wanders, at the worse known of the two times."""
        if fix.speed_cmps >= DRIVING_CMPS or fix.hdop_centi == HDOP_UNKNOWN:
            return self._distance_m
        hdop_centi = fix.hdop_centi
        if hdop_centi < before.hdop_centi < HDOP_UNKNOWN:
            hdop_centi = before.hdop_centi
        return max(self._distance_m, hdop_centi * WANDER_M_PER_HDOP // 100)
