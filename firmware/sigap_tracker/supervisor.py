"""Who of the unit's tasks is alive, who failed how often, and when nothing helps but to start the unit anew.

Pure: the shell in app.py calls second() once a second and does what the answers say. Nothing here looks at a clock, so
nothing here can go wrong when one wraps around.
"""

from array import array

# The tasks, and how many seconds each may be silent before it counts as stuck. A task checks in at its start and
# whenever it comes around; one that waits for the world outside has to come around by itself meanwhile.
OUTPUT, GPS, MQTT, SECOND = range(4)
TASK_NAMES = ("output", "gps", "mqtt", "second")
UNWATCHED = 0
_ALLOWED_S = (UNWATCHED, 120, 300, 30)

_LONGEST_DELAY_S = 60
_STEADY_S = 120  # a task that ran so long starts over with the shortest delay
_FAULTS_MAX = 6  # of the program in a row: after 1 + 2 + 4 + 8 + 16 s of waiting a new start is the better hope


class Supervisor:
    """Seconds and counts of every task, by its number.

    reset_for    why the unit is to start anew; empty while it need not
    maintenance_s   a technician works so much longer on the unit: it does not start anew by itself
    """

    def __init__(self) -> None:
        self.failures = array("H", bytes(2 * len(TASK_NAMES)))
        self.reset_for = ""
        self.maintenance_s = 0
        self._allowed_s = array("H", _ALLOWED_S)
        self._silent_s = array("H", self.failures)
        self._steady_s = array("H", self.failures)
        self._streak = bytearray(len(TASK_NAMES))  # failures without a steady time between them
        self._faults = bytearray(len(TASK_NAMES))  # and those that the program is to blame for

    def allow_s(self, task: int, allowed_s: int) -> None:
        """Let a task be silent for so long, at most 65535 s."""
        self._allowed_s[task] = min(allowed_s, 0xFFFF)

    def check_in(self, task: int) -> None:
        """The task is alive."""
        self._silent_s[task] = 0

    def second(self) -> int:
        """A second went by. Returns the first task that is stuck, or -1: then the watchdog may be fed."""
        stuck = -1
        if self.maintenance_s:
            self.maintenance_s -= 1
        for task in range(len(TASK_NAMES)):
            if self._steady_s[task] < _STEADY_S:
                self._steady_s[task] += 1
            else:
                self._streak[task] = self._faults[task] = 0
            allowed_s = self._allowed_s[task]
            if allowed_s == UNWATCHED:
                continue
            if self._silent_s[task] <= allowed_s:
                self._silent_s[task] += self._silent_s[task] < 0xFFFF
            if self._silent_s[task] > allowed_s and stuck < 0:
                stuck = task
        return stuck

    def failed(self, task: int, by_program: bool) -> int:
        """The task ended. Returns the seconds to wait before it starts again.

        by_program   not the world's fault, as a receiver that was unplugged is: too many of these want a reset
        """
        self.failures[task] = min(self.failures[task] + 1, 0xFFFF)
        self._steady_s[task] = 0
        streak = self._streak[task] = min(self._streak[task] + 1, 0xFF)
        if by_program:
            faults = self._faults[task] = min(self._faults[task] + 1, 0xFF)
            if faults >= _FAULTS_MAX:
                self.reset_for = "task %s failed %d times" % (TASK_NAMES[task], faults)
        return min(1 << min(streak - 1, 6), _LONGEST_DELAY_S)
