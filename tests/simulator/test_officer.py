"""Officers act on what the unit shows, within human times, and see every order through."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sigap_simulator.officer import ACCEPT, ARRIVE, CLEAR, DECLINE, Officer, OfficerHabits
from sigap_simulator.order_view import ASSIGNED, CLEARED, IDLE, OFFERED, ON_SCENE, WAITING, OrderView
from sigap_tracker.officer import orders
from sigap_wire.order import Order

HABITS = OfficerHabits(decline_share=0.3)
INCIDENT = (-6.9, 107.6)


def showing(view: str, order_id: int = 1) -> OrderView:
    return OrderView(view, order_id, *INCIDENT)


def press_when_due(officer: Officer) -> tuple[str, float]:
    due_s = officer.next_press_s
    assert due_s is not None
    assert officer.press(due_s - 0.01) is None
    button = officer.press(due_s)
    assert button is not None
    return button, due_s


def test_an_order_from_offer_to_clear() -> None:
    officer = Officer(1, OfficerHabits(decline_share=0.0))
    assert officer.destination is None
    officer.see(showing(OFFERED), 100.0)
    button, accepted_s = press_when_due(officer)
    assert button == ACCEPT
    assert 101.0 <= accepted_s <= 106.0
    officer.see(showing(WAITING), accepted_s)
    assert officer.next_press_s is None
    assert officer.destination is None
    officer.see(showing(ASSIGNED), accepted_s + 0.1)
    assert officer.destination == INCIDENT
    assert officer.next_press_s is None
    officer.arrive(200.0)
    officer.arrive(201.0)
    button, on_scene_s = press_when_due(officer)
    assert button == ARRIVE
    assert 201.0 <= on_scene_s <= 204.0
    officer.see(showing(ON_SCENE), on_scene_s)
    assert officer.destination == INCIDENT
    button, clear_s = press_when_due(officer)
    assert button == CLEAR
    assert 8.0 <= clear_s - on_scene_s <= 20.0
    officer.see(showing(CLEARED), clear_s)
    assert officer.destination is None
    officer.see(OrderView(), clear_s + 1)
    assert officer.next_press_s is None


def test_a_press_that_changed_nothing_is_repeated() -> None:
    officer = Officer(2, OfficerHabits(decline_share=0.0, again_s=5.0))
    officer.see(showing(OFFERED), 0.0)
    _, first_s = press_when_due(officer)
    assert officer.press(first_s + 0.1) is None
    button, second_s = press_when_due(officer)
    assert (button, second_s - first_s) == (ACCEPT, pytest.approx(5.0))


def test_declining_is_as_rare_as_the_habit_says() -> None:
    buttons = []
    for seed in range(600):
        officer = Officer(seed, HABITS)
        officer.see(showing(OFFERED), 0.0)
        buttons.append(press_when_due(officer)[0])
    assert set(buttons) == {ACCEPT, DECLINE}
    assert buttons.count(DECLINE) / 600 == pytest.approx(0.3, abs=0.07)


def test_the_same_seed_decides_the_same() -> None:
    def times(seed: int) -> list[float | None]:
        officer = Officer(seed)
        found = []
        for order_id in range(20):
            officer.see(showing(OFFERED, order_id), 0.0)
            found.append(officer.next_press_s)
        return found

    assert times(3) == times(3) != times(4)


def test_a_cancelled_order_is_forgotten() -> None:
    officer = Officer(5)
    officer.see(showing(ASSIGNED), 0.0)
    officer.arrive(10.0)
    officer.see(showing("cancelled"), 10.5)
    assert officer.destination is None
    assert officer.next_press_s is None
    # The next incident needs its own arrival.
    officer.see(showing(ASSIGNED, 2), 20.0)
    assert officer.next_press_s is None


class OfficerAtAUnit(RuleBasedStateMachine):
    """An officer at the firmware's own order book, under a server that does anything in any sequence."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        self.officer = Officer(seed, HABITS)
        self.book = orders.OrderBook()
        self.revisions: dict[int, int] = {}
        self.now_s = 1000.0
        self.shown = OrderView()

    def look(self) -> None:
        self.shown = OrderView.of_book(self.book)
        event = OrderView.of_event(self.shown.event())
        assert event == self.shown
        self.officer.see(self.shown, self.now_s)

    @rule(order_id=st.integers(1, 3), state=st.integers(0, 3), expiry=st.integers(-5, 60))
    def order(self, order_id: int, state: int, expiry: int) -> None:
        revision = self.revisions[order_id] = self.revisions.get(order_id, 0) + 1
        now = int(self.now_s)
        order = Order(order_id, revision, state, order_id, 0, 1, -69000000, 1076000000, 20, now, now + expiry, 60)
        self.book.receive(order, now, now)
        self.look()

    @rule(passed_s=st.floats(0.1, 30.0))
    def wait(self, passed_s: float) -> None:
        end_s = self.now_s + passed_s
        while (due_s := self.officer.next_press_s) is not None and due_s <= end_s:
            self.now_s = max(self.now_s, due_s)
            self.act()
        self.now_s = end_s
        self.book.tick(int(self.now_s), int(self.now_s))
        self.look()

    def act(self) -> None:
        before = self.shown
        button = self.officer.press(self.now_s)
        assert button is not None
        # Every press means something to what is on the screen.
        assert (before.view, button) in {
            (OFFERED, ACCEPT),
            (OFFERED, DECLINE),
            (ASSIGNED, ARRIVE),
            (ON_SCENE, CLEAR),
        }
        self.book.press(button, int(self.now_s), int(self.now_s))
        self.look()

    @precondition(lambda self: self.officer.destination is not None)
    @rule()
    def arrive(self) -> None:
        self.officer.arrive(self.now_s)

    @invariant()
    def drives_only_when_told(self) -> None:
        assert (self.officer.destination is not None) == (self.shown.view in (ASSIGNED, ON_SCENE))

    @invariant()
    def answers_every_offer(self) -> None:
        if self.shown.view in (OFFERED, ON_SCENE):
            assert self.officer.next_press_s is not None
        if self.shown.view in (IDLE, WAITING, CLEARED):
            assert self.officer.next_press_s is None


OfficerAtAUnit.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestOfficerAtAUnit = OfficerAtAUnit.TestCase


def test_views_have_the_firmwares_names() -> None:
    for name in ("IDLE", "OFFERED", "WAITING", "ASSIGNED", "ON_SCENE", "CLEARED", "EXPIRED", "CANCELLED"):
        book = orders.OrderBook()
        book.view = getattr(orders, name)
        assert OrderView.of_book(book).view == name.lower()


def test_a_boot_empties_the_screen_and_other_events_do_not() -> None:
    assert OrderView.of_event({"log": "boot"}) == OrderView()
    for event in ({"log": "ack"}, {"display": ""}, {"log": "screen"}, {"log": "screen", "view": 3}):
        assert OrderView.of_event(event) is None
