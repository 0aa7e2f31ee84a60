"""The ladder: which rung when."""

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network.ladder import (
    LINE_RESTART,
    MODEM_POWER,
    MODEM_RESET,
    REBOOT,
    RECONNECT,
    Ladder,
)

START_MS = TICKS_PERIOD_MS - 90_000


class Night:
    """A ladder and an attempt every ten seconds, from just before the ticks wrap around."""

    def __init__(self, patience_s=120, reboot_s=1800, has_modem=True, reboots=0):
        self.now_ms = START_MS
        self.passed_s = 0
        self.ladder = Ladder(START_MS, patience_s, reboot_s, has_modem, reboots)

    def failing(self, hours, reached=False):
        """[(s since the start, rung)] of all that is more than to reconnect."""
        taken = []
        for _ in range(hours * 360):
            self.now_ms = (self.now_ms + 10_000) % TICKS_PERIOD_MS
            self.passed_s += 10
            rung = self.ladder.failed(self.now_ms, reached)
            if rung != RECONNECT:
                taken.append((self.passed_s, rung))
        return taken


def test_rung_by_rung():
    taken = Night().failing(1)
    assert taken[:3] == [(120, LINE_RESTART), (240, MODEM_RESET), (360, MODEM_POWER)]
    # No reboot yet: from the line again, with twice the patience.
    assert taken[3:6] == [(480, LINE_RESTART), (720, MODEM_RESET), (960, MODEM_POWER)]
    assert taken[6:10] == [(1200, LINE_RESTART), (1680, MODEM_RESET), (2160, MODEM_POWER), (2640, REBOOT)]


def test_where_there_is_no_modem():
    taken = [rung for _, rung in Night(has_modem=False).failing(2)]
    assert set(taken) == {LINE_RESTART, REBOOT}
    assert taken[0] == LINE_RESTART


def test_a_server_that_refuses_all_night_restarts_the_line_ever_more_seldom():
    night = Night()
    taken = night.failing(8, reached=True)
    assert {rung for _, rung in taken} == {LINE_RESTART}
    assert [at for at, _ in taken[:5]] == [120, 240, 480, 960, 1920]
    assert len(taken) < 15
    assert night.ladder.counts[RECONNECT] + len(taken) == 8 * 360


def test_a_line_that_dies_after_its_server_was_reached_is_climbed_for():
    night = Night()
    night.failing(1, reached=True)
    assert REBOOT in [rung for _, rung in night.failing(8)]


def test_reboots_of_a_night_without_a_network():
    waits = []
    for reboots in range(8):
        # A reboot is a new ladder that was told of those before it.
        night = Night(reboots=reboots)
        taken = night.failing(11)
        waits.append(next(at for at, rung in taken if rung == REBOOT))
        assert night.ladder.reboots > reboots
    dues = [1800, 3600, 7200, 14400, 21600, 21600, 21600, 21600]
    for i, due_s in enumerate(dues):
        assert due_s <= waits[i] <= due_s + 4 * 3600


def test_a_reboot_that_is_not_allowed_is_not_asked_for_at_once_again():
    night = Night(patience_s=10, reboot_s=600)
    asked = [at for at, rung in night.failing(12) if rung == REBOOT]
    assert len(asked) <= 6
    waits = [asked[i + 1] - asked[i] for i in range(len(asked) - 1)]
    assert waits == sorted(waits)


def test_the_server_heard_is_the_bottom_again():
    night = Night(patience_s=60)
    night.failing(3)
    assert night.ladder.reboots > 0
    night.ladder.heard(night.now_ms)
    assert night.ladder.reboots == 0
    before = night.passed_s
    taken = night.failing(1)
    assert taken[0] == (before + 60, LINE_RESTART)
    assert taken[1] == (before + 120, MODEM_RESET)


def test_counts():
    night = Night()
    taken = [rung for _, rung in night.failing(5)]
    for rung in (LINE_RESTART, MODEM_RESET, MODEM_POWER, REBOOT):
        assert night.ladder.counts[rung] == taken.count(rung)
    assert sum(night.ladder.counts) == 5 * 360
