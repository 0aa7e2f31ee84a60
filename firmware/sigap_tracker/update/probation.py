"""Whether an application is well: what the one on trial is confirmed for, and what ends a row of crashes.

Well is: the server took the connection, and the receiver has a position. A position is not asked of an application that
came in place of one that had none either: it may stand in a garage.
"""

from sigap_boot.record import BootRecord

DEADLINE_S = 600  # for an application on trial
HEALTHY_S = 600  # of running, after which earlier crashes are forgotten

NOTHING, CONFIRM, GIVE_UP, FORGET_CRASHES = range(4)


class Probation:
    """Of a start. Without a clock: second() is called once a second and says what is to be done."""

    def __init__(self, record: BootRecord, on_trial: bool) -> None:
        """`on_trial`: the program that asks is the one that the record has on trial."""
        self._on_trial = on_trial
        self._needs_fix = bool(record.needs_fix)
        self._crashed = record.crashes > 0
        self._was_well = False
        self._seconds = 0

    def is_over(self) -> bool:
        """Nothing will come of it any more."""
        return not self._on_trial and not self._crashed

    def second(self, connected: bool, has_fix: bool) -> int:
        """NOTHING, CONFIRM, GIVE_UP or FORGET_CRASHES."""
        self._seconds += 1
        self._was_well = self._was_well or (connected and has_fix)
        if self._on_trial:
            if connected and (has_fix or not self._needs_fix):
                self._on_trial = False
                return CONFIRM
            if self._seconds >= DEADLINE_S:
                self._on_trial = False
                return GIVE_UP
        elif self._crashed and self._was_well and self._seconds >= HEALTHY_S:
            self._crashed = False
            return FORGET_CRASHES
        return NOTHING
