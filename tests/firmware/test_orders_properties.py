"""The order book against anything a broker, a server in trouble and an impatient officer may do to it."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sigap_tracker.officer import orders
from sigap_tracker.officer.orders import KNOWN, KNOWN_BYTES, OrderBook
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED, STATE_OFFERED, Order

START_S = 1789882530


class OfficerAndServer(RuleBasedStateMachine):
    """Orders in any sequence, repeated, reordered, too late; buttons at any time; with and without a clock."""

    @initialize(has_time=st.booleans())
    def begin(self, has_time: bool) -> None:
        self.book = OrderBook()
        self.now_s = START_S
        self.uptime_s = 5
        self.has_time = has_time
        self.sent: dict[tuple[int, int], Order] = {}  # the content of a revision never changes
        self.highest: dict[int, int] = {}  # revision heard of, by order
        self.over: set[int] = set()  # cancelled or closed by the server
        self.accepted: list[tuple[int, int]] = []
        self.shown: dict[int, int] = {}

    @property
    def time_s(self) -> int:
        return self.now_s if self.has_time else 0

    @rule(
        order_id=st.integers(1, 3),
        revision=st.integers(1, 5),
        state=st.sampled_from((STATE_OFFERED, STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED)),
        expires_in_s=st.integers(-20, 60),
    )
    def hear(self, order_id: int, revision: int, state: int, expires_in_s: int) -> None:
        made = Order(order_id, revision, state, 5, 0, 1, 0, 0, 20, START_S, self.now_s + expires_in_s, 60)
        order = self.sent.setdefault((order_id, revision), made)
        stale = revision < self.highest.get(order_id, 0)
        news = revision > self.highest.get(order_id, 0)
        busy = self.book.view in (orders.WAITING, orders.ASSIGNED, orders.ON_SCENE)
        before = (self.book.view, self.book.order)
        due = self.book.receive(order, self.time_s, self.uptime_s)
        if stale:
            assert due is None
        else:
            assert due is not None
            assert due[:2] == (order_id, revision)
            assert due[2] in (ack.RECEIVED, ack.EXPIRED, ack.DECLINED)
        if not news:
            assert (self.book.view, self.book.order) == before
            return
        self.highest[order_id] = revision
        if order.state in (STATE_CANCELLED, STATE_CLOSED):
            self.over.add(order_id)
            assert (
                self.book.order is None or self.book.order.order_id != order_id or (self.book.view == orders.CANCELLED)
            )
        else:
            self.over.discard(order_id)
        is_open = not self.time_s or self.time_s <= order.expiry_time_s
        if order.state == STATE_OFFERED and self.book.emergency:
            assert (self.book.view, self.book.order) == before or busy
            assert busy or due == (order_id, revision, ack.DECLINED)
        elif order.state == STATE_OFFERED and not busy and is_open:
            assert self.book.view == orders.OFFERED
            assert self.book.order == order

    @rule(button=st.sampled_from(orders.BUTTONS))
    def press(self, button: str) -> None:
        before, shown = self.book.view, self.book.order
        due = self.book.press(button, self.time_s, self.uptime_s)
        if due is None:
            return
        assert shown is not None
        order_id, revision, kind = due
        assert (order_id, revision) == (shown.order_id, shown.revision)
        if kind == ack.ACCEPTED:
            assert button == "accept"
            assert before == orders.OFFERED
            assert order_id not in self.over
            assert not self.time_s or self.time_s <= shown.expiry_time_s
            assert (order_id, revision) not in self.accepted, "accepted twice"
            self.accepted.append((order_id, revision))
        elif kind == ack.EXPIRED:
            assert before == orders.OFFERED
            assert self.time_s > shown.expiry_time_s
        else:
            assert kind == {"decline": ack.DECLINED, "on_scene": ack.ON_SCENE, "clear": ack.CLEAR}[button]
            assert (
                before
                in {
                    ack.DECLINED: (orders.OFFERED,),
                    ack.ON_SCENE: (orders.ASSIGNED,),
                    ack.CLEAR: (orders.ASSIGNED, orders.ON_SCENE),
                }[kind]
            )

    @rule(speed_cmps=st.integers(0, 3000))
    def drive(self, speed_cmps: int) -> None:
        due = self.book.moved(speed_cmps)
        if due is not None:
            assert due[2] == ack.EN_ROUTE
            assert self.book.view == orders.ASSIGNED
            assert speed_cmps >= 200
            assert self.book.moved(speed_cmps) is None

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        self.now_s += seconds
        self.uptime_s += seconds
        due = self.book.tick(self.time_s, self.uptime_s)
        if due is not None:
            assert due[2] == ack.EXPIRED
        assert self.book.tick(self.time_s, self.uptime_s) is None

    @rule()
    def hold(self) -> None:
        shown = self.book.order if self.book.view == orders.OFFERED else None
        self.book.hold()
        due = self.book.tick(self.time_s, self.uptime_s)
        if shown is not None and self.book.emergency:
            assert due == (shown.order_id, shown.revision, ack.DECLINED)

    @rule()
    def find_the_time(self) -> None:
        self.has_time = True

    @invariant()
    def the_screen_is_never_behind(self) -> None:
        order = self.book.order
        assert (order is None) == (self.book.view == orders.IDLE)
        if order is not None:
            assert order.revision >= self.shown.get(order.order_id, 0), "an older revision is back"
            self.shown[order.order_id] = order.revision
            if order.order_id in self.over:
                assert self.book.view == orders.CANCELLED

    @invariant()
    def who_is_in_danger_has_no_offer(self) -> None:
        assert not (self.book.emergency and self.book.view == orders.OFFERED)

    @invariant()
    def an_expired_offer_leaves_within_a_second(self) -> None:
        if self.book.view == orders.OFFERED and self.time_s:
            assert self.book.order is not None
            if self.time_s > self.book.order.expiry_time_s:
                self.book.tick(self.time_s, self.uptime_s)
                assert self.book.view == orders.EXPIRED


TestOfficerAndServer = OfficerAndServer.TestCase
TestOfficerAndServer.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 3), st.integers(0, 3)), max_size=300))
def test_the_memory_stays_bounded(heard: list[tuple[int, int, int]]) -> None:
    book = OrderBook()
    for order_id, revision, state in heard:
        book.receive(Order(order_id, revision, state, 5, 0, 1, 0, 0, 20, START_S, START_S + 9, 60), START_S, 5)
    assert len(book.known) <= 16 * KNOWN_BYTES
    if book.order is not None:
        assert book.order.order_id in {known[0] for known in struct.iter_unpack(KNOWN, book.known)}
