"""The order book: what the officer sees and what the server hears."""

from sigap_tracker.officer import order_store, orders
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.storage.journal import Journal
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED, STATE_OFFERED, Order
from tests.portable.nor_flash import NorFlash

NOW_S = 1789882530
EXPIRY_S = NOW_S + 30


def order(order_id=7, revision=1, state=STATE_OFFERED, expiry_s=EXPIRY_S, text=""):
    return Order(order_id, revision, state, 5, 0, 1, -69147440, 1076098110, 20, NOW_S - 60, expiry_s, 240, 0, text)


class Unit:
    """An order book and its clocks; every method returns the kind of acknowledgement, checked to name the order."""

    def __init__(self, time_s=NOW_S):
        self.book = OrderBook()
        self.time_s = time_s
        self.uptime_s = 100

    def hear(self, state=STATE_OFFERED, revision=1, order_id=7, **values):
        due = self.book.receive(order(order_id, revision, state, **values), self.time_s, self.uptime_s)
        assert due is None or due[:2] == (order_id, revision)
        return None if due is None else due[2]

    def press(self, button):
        return self.kind(self.book.press(button, self.time_s, self.uptime_s))

    def wait(self, seconds):
        self.uptime_s += seconds
        if self.time_s:
            self.time_s += seconds
        return self.kind(self.book.tick(self.time_s, self.uptime_s))

    def drive(self, speed_cmps):
        return self.kind(self.book.moved(speed_cmps))

    def kind(self, due):
        if due is None:
            return None
        assert due[:2] == (7, self.revision) or self.view == orders.IDLE
        return due[2]

    @property
    def view(self):
        return self.book.view

    @property
    def revision(self):
        return self.book.order.revision if self.book.order is not None else 0

    def alarm(self):
        return self.book.take_alarm()


def test_the_whole_story():
    unit = Unit()
    assert unit.hear() == ack.RECEIVED
    assert (unit.view, unit.alarm(), unit.alarm()) == (orders.OFFERED, orders.ALARM_OFFER, 0)
    assert unit.press("accept") == ack.ACCEPTED
    assert unit.view == orders.WAITING
    assert unit.book.urgent()
    assert unit.drive(1500) is None
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED
    assert (unit.view, unit.alarm()) == (orders.ASSIGNED, orders.ALARM_ASSIGNED)
    assert unit.drive(199) is None
    assert unit.drive(200) == ack.EN_ROUTE
    assert unit.drive(1500) is None
    assert unit.press("on_scene") == ack.ON_SCENE
    assert unit.view == orders.ON_SCENE
    assert not unit.book.urgent()
    assert unit.press("on_scene") is None
    assert unit.press("clear") == ack.CLEAR
    assert unit.view == orders.CLEARED
    assert unit.press("clear") is None
    assert unit.hear(STATE_CLOSED, 3) == ack.RECEIVED
    assert unit.view == orders.IDLE
    assert unit.book.order is None
    assert unit.alarm() == 0


def test_buttons_without_an_order_do_nothing():
    unit = Unit()
    for button in orders.BUTTONS:
        assert unit.press(button) is None
    assert unit.view == orders.IDLE


def test_buttons_that_mean_nothing_now_do_nothing():
    unit = Unit()
    unit.hear()
    assert unit.press("on_scene") is None
    assert unit.press("clear") is None
    assert unit.view == orders.OFFERED
    unit.press("accept")
    for button in orders.BUTTONS:
        assert unit.press(button) is None
    assert unit.view == orders.WAITING


def test_declining():
    unit = Unit()
    unit.hear()
    assert unit.press("decline") == ack.DECLINED
    assert unit.view == orders.IDLE
    assert unit.hear() == ack.RECEIVED  # delivered twice: not shown twice
    assert unit.view == orders.IDLE
    assert unit.hear(revision=2) == ack.RECEIVED  # the server asks again
    assert unit.view == orders.OFFERED


def test_repetitions_are_answered_and_change_nothing():
    unit = Unit()
    unit.hear()
    unit.alarm()
    assert unit.hear() == ack.RECEIVED
    assert unit.alarm() == 0
    unit.press("accept")
    assert unit.hear() == ack.RECEIVED
    assert unit.view == orders.WAITING
    unit.hear(STATE_ASSIGNED, 2)
    unit.press("on_scene")
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED
    assert unit.view == orders.ON_SCENE


def test_older_revisions_are_ignored_and_counted():
    unit = Unit()
    unit.hear(STATE_ASSIGNED, 5)
    assert unit.hear(STATE_CANCELLED, 4) is None
    assert unit.hear(STATE_OFFERED, 1) is None
    assert (unit.view, unit.revision) == (orders.ASSIGNED, 5)
    assert (unit.book.received, unit.book.stale) == (3, 2)
    unit.hear(STATE_CLOSED, 6)
    assert unit.hear(STATE_ASSIGNED, 5) is None
    assert unit.view == orders.IDLE


def test_an_offer_that_came_too_late_is_not_shown():
    unit = Unit(EXPIRY_S + 1)
    assert unit.hear() == ack.EXPIRED
    assert (unit.view, unit.alarm()) == (orders.IDLE, 0)
    assert unit.hear() == ack.EXPIRED
    assert unit.press("accept") is None


def test_an_offer_at_its_last_second_is_shown():
    unit = Unit(EXPIRY_S)
    assert unit.hear() == ack.RECEIVED
    assert unit.view == orders.OFFERED
    assert unit.press("accept") == ack.ACCEPTED


def test_an_offer_expires_on_the_screen():
    unit = Unit()
    unit.hear()
    assert unit.wait(30) is None
    assert unit.wait(1) == ack.EXPIRED
    assert unit.view == orders.EXPIRED
    assert unit.wait(1) is None
    assert unit.hear() == ack.EXPIRED
    assert unit.view == orders.EXPIRED
    unit.wait(30)
    assert unit.view == orders.IDLE


def test_accept_pressed_after_the_end_is_no_acceptance():
    unit = Unit()
    unit.hear()
    unit.time_s = EXPIRY_S + 1
    assert unit.press("accept") == ack.EXPIRED
    assert unit.view == orders.EXPIRED


def test_an_accepted_order_does_not_expire():
    unit = Unit()
    unit.hear()
    unit.press("accept")
    assert unit.wait(1000) is None
    assert unit.view == orders.WAITING
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED
    assert unit.view == orders.ASSIGNED


def test_without_a_clock_nothing_expires():
    unit = Unit(0)
    assert unit.hear(expiry_s=1) == ack.RECEIVED
    assert unit.wait(100000) is None
    assert unit.view == orders.OFFERED
    unit.time_s = EXPIRY_S  # the first fix
    assert unit.wait(0) == ack.EXPIRED


def test_cancelled_while_offered_waiting_assigned_and_on_scene():
    for buttons in ((), ("accept",), ("accept", "assigned"), ("accept", "assigned", "on_scene")):
        unit = Unit()
        unit.hear()
        for button in buttons:
            if button == "assigned":
                unit.hear(STATE_ASSIGNED, 2)
            else:
                unit.press(button)
        unit.alarm()
        assert unit.hear(STATE_CANCELLED, 3, text="salah tekan") == ack.RECEIVED
        assert (unit.view, unit.book.order.text) == (orders.CANCELLED, "salah tekan")
        assert unit.alarm() == orders.ALARM_CANCELLED
        unit.uptime_s += 3
        for button in ("on_scene", "accept", "clear"):
            assert unit.press(button) is None
        assert unit.view == orders.IDLE


def test_a_button_meant_for_what_was_there_before_does_not_wipe_the_notice():
    unit = Unit()
    unit.hear()
    unit.hear(STATE_CANCELLED, 2)
    assert unit.press("accept") is None
    assert unit.view == orders.CANCELLED
    unit.uptime_s += 2
    assert unit.press("accept") is None
    assert unit.view == orders.IDLE


def test_a_notice_leaves_by_itself():
    unit = Unit()
    unit.hear()
    unit.hear(STATE_CANCELLED, 2)
    unit.wait(19)
    assert unit.view == orders.CANCELLED
    unit.wait(1)
    assert unit.view == orders.IDLE


def test_cancelled_and_closed_for_an_order_never_seen():
    unit = Unit()
    assert unit.hear(STATE_CANCELLED, 4) == ack.RECEIVED
    assert unit.hear(STATE_CLOSED, 4, order_id=8) == ack.RECEIVED
    assert (unit.view, unit.alarm()) == (orders.IDLE, 0)
    assert unit.hear(STATE_OFFERED, 3) is None


def test_a_new_offer_while_busy_is_received_and_not_shown():
    for prepare in (lambda unit: unit.press("accept"), lambda unit: unit.hear(STATE_ASSIGNED, 2)):
        unit = Unit()
        unit.hear()
        prepare(unit)
        view = unit.view
        unit.alarm()
        assert unit.book.receive(order(8), NOW_S, 100) == (8, 1, ack.RECEIVED)
        assert (unit.view, unit.book.order.order_id, unit.alarm()) == (view, 7, 0)


def test_a_newer_offer_takes_the_place_of_one_not_answered_and_of_notices():
    for prepare in (
        lambda unit: None,
        lambda unit: unit.hear(STATE_CANCELLED, 2),
        lambda unit: unit.wait(31),
        lambda unit: (unit.hear(STATE_ASSIGNED, 2), unit.press("clear")),
    ):
        unit = Unit()
        unit.hear()
        prepare(unit)
        assert unit.book.receive(order(8, expiry_s=NOW_S + 100), unit.time_s, 100) == (8, 1, ack.RECEIVED)
        assert (unit.view, unit.book.order.order_id) == (orders.OFFERED, 8)


def test_an_assignment_is_shown_even_without_its_offer():
    unit = Unit()
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED
    assert (unit.view, unit.alarm()) == (orders.ASSIGNED, orders.ALARM_ASSIGNED)
    # and before an offer of something else
    other = Unit()
    other.hear()
    assert other.book.receive(order(8, 2, STATE_ASSIGNED), NOW_S, 100) == (8, 2, ack.RECEIVED)
    assert (other.view, other.book.order.order_id) == (orders.ASSIGNED, 8)


def test_news_of_an_assignment_keep_its_progress():
    unit = Unit()
    unit.hear(STATE_ASSIGNED, 2)
    unit.drive(1000)
    unit.alarm()
    assert unit.hear(STATE_ASSIGNED, 3, text="rumah biru") == ack.RECEIVED
    assert (unit.view, unit.book.order.text, unit.alarm()) == (orders.ASSIGNED, "rumah biru", 0)
    assert unit.drive(1000) is None
    unit.press("on_scene")
    unit.hear(STATE_ASSIGNED, 4)
    assert (unit.view, unit.revision) == (orders.ON_SCENE, 4)


def test_an_answer_that_crossed_a_new_revision_stands():
    unit = Unit()
    unit.hear()
    unit.press("accept")
    unit.alarm()
    assert unit.hear(revision=2, text="pintu belakang") == ack.RECEIVED
    assert (unit.view, unit.book.order.text, unit.alarm()) == (orders.WAITING, "pintu belakang", 0)


def test_en_route_once_for_each_assignment():
    unit = Unit()
    unit.hear(STATE_ASSIGNED, 2)
    assert unit.drive(500) == ack.EN_ROUTE
    unit.hear(STATE_CLOSED, 3)
    unit.book.receive(order(8, 1, STATE_ASSIGNED), NOW_S, 100)
    assert unit.book.moved(500) == (8, 1, ack.EN_ROUTE)


def test_the_memory_of_orders_is_bounded_and_keeps_the_one_on_the_screen():
    unit = Unit()
    unit.hear(STATE_ASSIGNED, 2)
    for number in range(100, 200):
        unit.book.receive(order(number, 1, STATE_CANCELLED), NOW_S, 100)
    assert unit.hear(STATE_OFFERED, 1) is None
    assert unit.view == orders.ASSIGNED
    assert len(unit.book.known) == 16 * orders.KNOWN_BYTES


def test_the_officers_own_emergency_lasts_until_it_is_ended():
    unit = Unit()
    assert not unit.book.busy()
    assert unit.book.hold() == (0, 0, ack.EMERGENCY)
    assert unit.book.busy()
    assert (unit.book.emergency, unit.book.urgent(), unit.alarm()) == (True, True, orders.ALARM_EMERGENCY)
    unit.wait(100000)
    assert unit.book.emergency
    assert unit.book.hold() == (0, 0, ack.EMERGENCY_OVER)
    assert (unit.book.emergency, unit.book.urgent(), unit.alarm()) == (False, False, orders.ALARM_EMERGENCY_OVER)


def test_an_emergency_leaves_an_assignment_alone():
    unit = Unit()
    unit.hear()
    assert unit.press("accept") == ack.ACCEPTED
    unit.book.hold()
    assert unit.wait(0) is None
    assert unit.view == orders.WAITING
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED
    assert unit.wait(1) is None
    assert unit.press("on_scene") == ack.ON_SCENE
    assert unit.book.urgent()
    unit.book.hold()
    assert unit.view == orders.ON_SCENE


def test_an_emergency_declines_an_offer_that_waits_for_an_answer():
    unit = Unit()
    unit.hear()
    unit.book.hold()
    assert unit.book.tick(unit.time_s, unit.uptime_s) == (7, 1, ack.DECLINED)
    assert unit.view == orders.IDLE
    assert unit.wait(1) is None
    assert unit.press("accept") is None
    # and so with the next button, should that come before the tick
    unit = Unit()
    unit.hear()
    unit.book.hold()
    assert unit.book.press("accept", unit.time_s, unit.uptime_s) == (7, 1, ack.DECLINED)


def test_an_offer_during_an_emergency_is_declined_and_never_shown():
    unit = Unit()
    unit.book.hold()
    unit.alarm()
    assert unit.hear() == ack.DECLINED
    assert (unit.view, unit.alarm()) == (orders.IDLE, 0)
    assert unit.hear() == ack.DECLINED, "its repetition too"
    assert unit.hear(STATE_ASSIGNED, 2) == ack.RECEIVED, "the operator may insist"
    assert unit.view == orders.ASSIGNED
    unit.hear(STATE_CLOSED, 3)
    unit.book.hold()
    assert unit.hear(order_id=8) == ack.RECEIVED
    assert unit.view == orders.OFFERED


def test_an_offer_from_before_a_restart_is_declined_in_an_emergency():
    unit = Unit()
    unit.hear()
    unit.book.hold()
    again = stored_and_restored(unit.book)  # the power was cut before the offer was declined
    assert again.emergency
    assert again.tick(0, 1) is None
    assert again.tick(NOW_S, 2) == (7, 1, ack.DECLINED)
    assert again.view == orders.IDLE


def stored_and_restored(book):
    """The book of a unit that was switched off and on again."""
    journal = Journal(NorFlash(2), 0, 2)
    order_store.save(journal, book)
    again = OrderBook()
    order_store.restore(Journal(journal._flash, 0, 2), again)
    return again


def test_an_assignment_is_on_the_screen_again_after_a_power_cut():
    unit = Unit()
    unit.hear()
    unit.press("accept")
    for view, step in (
        (orders.WAITING, lambda: None),
        (orders.ASSIGNED, lambda: unit.hear(STATE_ASSIGNED, 2, text="Dirampok")),
        (orders.ON_SCENE, lambda: unit.press("on_scene")),
        (orders.CLEARED, lambda: unit.press("clear")),
    ):
        step()
        again = stored_and_restored(unit.book)
        assert (again.view, again.order, again.known) == (view, unit.book.order, unit.book.known)
        assert (again.emergency, again.put_by, again.take_alarm()) == (False, None, 0)


def test_a_car_on_its_way_does_not_set_out_twice():
    unit = Unit()
    unit.hear(STATE_ASSIGNED)
    assert unit.drive(1500) == ack.EN_ROUTE
    assert stored_and_restored(unit.book).moved(1500) is None


def test_what_was_known_is_known_again():
    unit = Unit()
    unit.hear(revision=3)
    unit.press("decline")
    again = Unit()
    again.book = stored_and_restored(unit.book)
    assert again.hear(revision=2) is None
    assert again.hear(revision=3) == ack.RECEIVED
    assert again.view == orders.IDLE


def test_an_offer_waits_for_the_time_to_be_known():
    unit = Unit()
    unit.hear()
    again = Unit(time_s=0)
    again.book = stored_and_restored(unit.book)
    assert again.wait(5) is None
    assert (again.view, again.alarm()) == (orders.IDLE, 0)
    again.book = stored_and_restored(again.book)  # cut off once more
    again.time_s = EXPIRY_S
    assert again.wait(0) is None
    assert (again.view, again.alarm()) == (orders.OFFERED, orders.ALARM_OFFER)
    assert again.press("accept") == ack.ACCEPTED


def test_an_offer_that_expired_meanwhile_is_not_shown():
    unit = Unit()
    unit.hear()
    again = Unit(time_s=0)
    again.book = stored_and_restored(unit.book)
    again.time_s = EXPIRY_S + 1
    assert again.wait(0) == ack.EXPIRED
    assert (again.view, again.alarm()) == (orders.IDLE, 0)
    assert again.hear() == ack.EXPIRED
    assert stored_and_restored(again.book).put_by is None


def test_an_offer_that_waits_gives_way_to_what_is_newer():
    unit = Unit()
    unit.hear()
    again = Unit(time_s=0)
    again.book = stored_and_restored(unit.book)
    assert again.hear(STATE_CANCELLED, 2) == ack.RECEIVED
    again.time_s = NOW_S
    assert again.wait(0) is None
    assert again.view == orders.IDLE
    again.book = stored_and_restored(unit.book)
    assert again.hear(STATE_ASSIGNED, order_id=8) == ack.RECEIVED
    again.wait(0)
    assert (again.view, again.book.order.order_id) == (orders.ASSIGNED, 8)


def test_notices_are_not_shown_again():
    for last in (lambda unit: unit.hear(STATE_CANCELLED, 2), lambda unit: unit.wait(31)):
        unit = Unit()
        unit.hear()
        last(unit)
        again = stored_and_restored(unit.book)
        assert (again.view, again.order, again.put_by) == (orders.IDLE, None, None)


def test_an_emergency_outlives_a_power_cut():
    unit = Unit()
    unit.book.hold()
    again = stored_and_restored(unit.book)
    assert again.urgent()
    again.hold()
    assert not stored_and_restored(again).emergency


def test_an_order_of_another_wire_is_not_shown():
    journal = Journal(NorFlash(2), 0, 2)
    journal.put(64, bytes((orders.ASSIGNED, 0)) + b"not an order")
    book = OrderBook()
    order_store.restore(journal, book)
    assert (book.view, book.order) == (orders.IDLE, None)


def test_nothing_is_written_when_nothing_changed():
    unit = Unit()
    unit.hear()
    journal = Journal(NorFlash(2), 0, 2)
    order_store.save(journal, unit.book)
    used = journal._used_bytes
    order_store.save(journal, unit.book)
    assert journal._used_bytes == used
