"""What to do about a line that is dead: ever more, rung by rung, and from the bottom again once the server was heard.

Each rung is taken when the one below it was, and reconnecting stayed fruitless for the patience since. A climb that did
not help doubles the patience of the next. Times are milliseconds of a clock that wraps at 2**30 (clock.py).
"""

from sigap_tracker.clock import elapsed_ms

RECONNECT, LINE_RESTART, MODEM_RESET, MODEM_POWER, REBOOT = range(5)
RUNG_NAMES = "reconnect,line_restart,modem_reset,modem_power,reboot"

_PATIENCE_MAX_S = 3600
_REBOOT_MAX_S = 6 * 3600
_FOREVER_S = 1 << 24  # seconds are not counted further


class Ladder:
    """`counts` is how often each rung was taken.

    patience_s  for a rung to help
    reboot_s    without the server before the first reboot; twice as long before each further one, up to 6 hours, so
                that a network that is gone for a night does not make a fleet restart all night
    has_modem   there is one to reset
    reboots     that this ladder had the unit do since the server was heard last: to be kept through each of them
    """

    def __init__(self, now_ms: int, patience_s: int, reboot_s: int, has_modem: bool, reboots: int = 0) -> None:
        self.counts = [0, 0, 0, 0, 0]
        self.reboots = reboots
        self._patience_s = patience_s
        self._reboot_s = reboot_s
        self._has_modem = has_modem
        self._last_ms = now_ms
        self._rest_ms = 0
        self._rung = RECONNECT
        self._climbs = 0
        self._rung_s = 0  # since that rung was taken
        self._silent_s = 0  # since the server was heard, or the latest reboot

    def heard(self, now_ms: int) -> None:
        """The server took a connection."""
        self._pass(now_ms)
        self.reboots = 0
        self._rung = RECONNECT
        self._climbs = self._rung_s = self._silent_s = 0

    def failed(self, now_ms: int, reached: bool) -> int:
        """Another attempt to connect failed, or a connection ended: the rung to take now. To be called every 12 days.

        reached  something answered at the server's address: the line is good, and restarting it is all that may help
        """
        self._pass(now_ms)
        rung = self._next(LINE_RESTART if reached else REBOOT)
        self.counts[rung] += 1
        if rung == REBOOT:
            self.reboots += 1
            self._silent_s = 0  # if it does not come about
        return rung

    def _next(self, top: int) -> int:
        self._rung = min(self._rung, top)
        if self._rung_s < min(self._patience_s << min(self._climbs, 10), _PATIENCE_MAX_S):
            return RECONNECT
        self._rung_s = 0
        rung = self._rung + 1
        if rung == MODEM_RESET and not self._has_modem:
            rung = REBOOT
        if rung > top or (rung == REBOOT and self._silent_s < self.reboot_due_s()):
            self._climbs += 1
            rung = LINE_RESTART
        self._rung = rung
        return rung

    def reboot_due_s(self) -> int:
        """Without the server, before the next reboot."""
        return min(self._reboot_s << min(self.reboots, 15), _REBOOT_MAX_S)

    def _pass(self, now_ms: int) -> None:
        self._rest_ms += elapsed_ms(now_ms, self._last_ms)
        self._last_ms = now_ms
        passed_s = self._rest_ms // 1000
        self._rest_ms %= 1000
        self._rung_s = min(self._rung_s + passed_s, _FOREVER_S)
        self._silent_s = min(self._silent_s + passed_s, _FOREVER_S)
