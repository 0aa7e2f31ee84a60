"""Presses and holds out of changes of level."""

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.officer.buttons import DEBOUNCE_MS, EMERGENCY, HOLD_MS, Buttons

NAMES = ("accept", "decline")
LOOK_MS = 20


class Finger:
    """Buttons that are looked at every 20 ms; `said` is what they meant."""

    def __init__(self, start_ms=1000):
        self.buttons = Buttons(NAMES)
        self.now_ms = start_ms
        self.said = []

    def down(self, name="accept"):
        self.buttons.change(name, True, self.now_ms)
        return self

    def up(self, name="accept"):
        self.buttons.change(name, False, self.now_ms)
        return self

    def wait(self, ms):
        for _ in range(0, ms, LOOK_MS):
            self.now_ms = (self.now_ms + LOOK_MS) % TICKS_PERIOD_MS
            while True:
                meant = self.buttons.next(self.now_ms)
                if meant is None:
                    break
                self.said.append(meant)
        return self


def test_a_short_press_means_something_when_it_is_over():
    finger = Finger().down().wait(200)
    assert (finger.said, finger.buttons.busy()) == ([], True)
    assert finger.up().wait(60).said == ["accept"]
    assert not finger.buttons.busy()


def test_a_bounce_is_one_press():
    finger = Finger()
    for _ in range(5):
        finger.down()
        finger.now_ms += 3
        finger.up()
        finger.now_ms += 3
    finger.down().wait(100)
    for _ in range(5):
        finger.up()
        finger.now_ms += 3
        finger.down()
        finger.now_ms += 3
    assert finger.up().wait(100).said == ["accept"]


def test_what_lasts_no_longer_than_a_bounce_is_nothing():
    finger = Finger().down()
    finger.now_ms += DEBOUNCE_MS - 1
    assert finger.up().wait(200).said == []
    assert not finger.buttons.busy()


def test_holding_on_is_an_emergency_once():
    finger = Finger().down().wait(HOLD_MS - LOOK_MS)
    assert finger.said == []
    assert finger.wait(LOOK_MS).said == [EMERGENCY]
    assert finger.wait(10000).up().wait(100).said == [EMERGENCY]
    assert finger.down().wait(HOLD_MS + 100).up().wait(100).said == [EMERGENCY] * 2


def test_a_hold_grows_until_it_is_one():
    finger = Finger()
    assert finger.buttons.held_ms(finger.now_ms) == 0
    finger.down().wait(500)
    assert finger.buttons.held_ms(finger.now_ms) == 500
    finger.wait(HOLD_MS)
    assert finger.buttons.held_ms(finger.now_ms) == 0


def test_a_contact_that_fails_for_a_moment_does_not_end_a_hold():
    finger = Finger().down().wait(1000).up()
    finger.now_ms += DEBOUNCE_MS // 2
    assert finger.down().wait(1000).said == [EMERGENCY]


def test_two_at_once_are_two_presses():
    finger = Finger().down().wait(60).down("decline").wait(60).up().wait(60).up("decline").wait(60)
    assert finger.said == ["accept", "decline"]


def test_two_that_are_held_are_one_emergency():
    finger = Finger().down().wait(500).down("decline").wait(5000)
    assert finger.up().wait(2 * HOLD_MS).up("decline").wait(100).said == [EMERGENCY]
    assert finger.down("decline").wait(60).up("decline").wait(60).said == [EMERGENCY, "decline"]


def test_a_press_beside_a_finished_hold_means_nothing():
    finger = Finger().down().wait(HOLD_MS + 500).down("decline").wait(100).up("decline").wait(100)
    assert finger.up().wait(100).said == [EMERGENCY]


def test_nobody_looked_in_time():
    finger = Finger().down().wait(60)
    finger.now_ms += HOLD_MS + 1000
    finger.up()
    assert finger.wait(100).said == [EMERGENCY]
    assert not finger.buttons.busy()


def test_a_busy_chip_hears_of_everything_at_once():
    finger = Finger().wait(60)
    for name, down_ms, up_ms in (("accept", 100, 180), ("decline", 300, 360), ("accept", 500, 600)):
        finger.buttons.change(name, True, finger.now_ms + down_ms)
        finger.buttons.change(name, False, finger.now_ms + up_ms)
    finger.now_ms += 1000
    assert finger.buttons.busy()
    assert finger.wait(LOOK_MS).said == ["accept", "decline", "accept"]
    assert not finger.buttons.busy()


def test_the_ticks_start_over():
    finger = Finger(TICKS_PERIOD_MS - 1000).down().wait(HOLD_MS).up().wait(100)
    assert finger.said == [EMERGENCY]
    finger = Finger(TICKS_PERIOD_MS - 100).down().wait(200).up().wait(100)
    assert finger.said == ["accept"]
