"""Which of the receiver's fixes are believed: each by itself first, then against the one believed before it."""

from sigap_tracker.position.geo import distance_m
from sigap_wire.report import HDOP_UNKNOWN, Fix

# Why a fix was not believed, as counted in `FixGate.rejected`.
NO_FIX = "no_fix"  # the receiver has no position, or one typed in or simulated (quality 7 and 8)
NO_TIME = "no_time"  # the receiver does not know the date yet
TIME_IMPOSSIBLE = "time_impossible"  # before GPS began, or too far from the day the firmware was built
FEW_SATELLITES = "few_satellites"
POOR_HDOP = "poor_hdop"
TOO_FAST = "too_fast"
TIME_BACKWARDS = "time_backwards"
TIME_JUMP = "time_jump"
JUMP = "jump"

_MEASURED = (1, 2, 3, 4, 5, 6)
# GPS numbers its weeks with ten bits: a receiver that has not heard of the latest overflow is that far behind.
WEEKS_1024_S = 619315200
_GPS_BEGAN_S = 315964800


class FixGate:
    """Counts `accepted` fixes, the others by reason in `rejected`, and `dates_corrected`.

    min_satellites  when the receiver names their number; 0 with a valid position means that it does not
    max_hdop_centi  25 is about 100 m of error: an emergency car known that well beats one not known, and the report
                    carries the HDOP for those who want better
    max_speed_cmps  a car's, as the receiver measured it and as two positions tell
    jump_slack_m    what two positions may lie apart beyond that
    max_step_s      between two fixes; more is a receiver that lost its date
    confirmations   that many fixes in a row that fit one another, and not the fix believed before, replace it: a gate
                    that once believed a wrong fix is not shut for ever
    min_time_s      the time cannot be earlier (Unix seconds), such as the day the firmware was built: a fix before it
                    is of a receiver whose week number has overflowed, and is given the time that it means. Nor can it
                    be 1024 weeks later. 0: every time may be right

    They are taken as they are: who sets them has checked them.
    """

    def __init__(
        self,
        min_satellites: int = 3,
        max_hdop_centi: int = 2500,
        max_speed_cmps: int = 7000,
        jump_slack_m: int = 100,
        max_step_s: int = 86400,
        confirmations: int = 5,
        min_time_s: int = 0,
    ) -> None:
        self.configure(min_satellites, max_hdop_centi, max_speed_cmps, min_time_s)
        self._jump_slack_m = jump_slack_m
        self._max_step_s = max_step_s
        self._confirmations = confirmations
        self.accepted = 0
        self.rejected: "dict[str, int]" = {}
        self.dates_corrected = 0
        self._believed: "Fix | None" = None
        self._doubted: "Fix | None" = None  # the latest of a row that does not fit the fix believed
        self._row = 0

    def configure(self, min_satellites: int, max_hdop_centi: int, max_speed_cmps: int, min_time_s: int) -> None:
        """For the fixes from now on; what was believed before stays."""
        self._min_satellites = min_satellites
        self._max_hdop_centi = max_hdop_centi
        self._max_speed_cmps = max_speed_cmps
        self._min_time_s = min_time_s

    def check(self, fix: Fix) -> "str | None":
        """None, and the next fix is held against this one, or why it is not believed.

        The time of a fix whose week number has overflowed is corrected in the fix itself.
        """
        if _GPS_BEGAN_S <= fix.fix_time_s < self._min_time_s and fix.quality in _MEASURED:
            behind_s = self._min_time_s - fix.fix_time_s
            fix.fix_time_s += (behind_s + WEEKS_1024_S - 1) // WEEKS_1024_S * WEEKS_1024_S
            self.dates_corrected += 1
        reason = self._fault(fix)
        if reason is None and self._believed is not None:
            reason = self._misfit(self._believed, fix)
            if reason is not None and self._confirmed(fix):
                reason = None
        if reason is None:
            self._believed, self._doubted = fix, None
            self.accepted += 1
        else:
            self.rejected[reason] = self.rejected.get(reason, 0) + 1
        return reason

    def _confirmed(self, fix: Fix) -> bool:
        if self._doubted is not None and self._misfit(self._doubted, fix) is None:
            self._row += 1
        else:
            self._row = 1
        self._doubted = fix
        return self._row >= self._confirmations

    def _fault(self, fix: Fix) -> "str | None":
        """What is wrong with a fix by itself."""
        if fix.quality not in _MEASURED:
            return NO_FIX
        if fix.fix_time_s == 0:
            return NO_TIME
        if self._min_time_s and not 0 <= fix.fix_time_s - self._min_time_s < WEEKS_1024_S:
            return TIME_IMPOSSIBLE
        if 0 < fix.satellites < self._min_satellites:
            return FEW_SATELLITES
        if self._max_hdop_centi < fix.hdop_centi < HDOP_UNKNOWN:
            return POOR_HDOP
        if fix.speed_cmps > self._max_speed_cmps:
            return TOO_FAST
        return None

    def _misfit(self, before: Fix, fix: Fix) -> "str | None":
        """Why one car cannot have had both fixes."""
        step_s = fix.fix_time_s - before.fix_time_s
        if step_s < 0:
            return TIME_BACKWARDS
        if step_s > self._max_step_s:
            return TIME_JUMP
        # Fix times are cut to whole seconds: between two there may be almost one more.
        reach_m = self._jump_slack_m + self._max_speed_cmps * (step_s + 1) // 100
        if distance_m(before.lat_e7, before.lon_e7, fix.lat_e7, fix.lon_e7) > reach_m:
            return JUMP
        return None
