"""The officer's side: orders and buttons in; screen, buzzer and acknowledgements out."""

from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import Machine
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer import orders
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.screen import Screen
from sigap_wire.ack import KIND_NAMES
from sigap_wire.order import Order
from sigap_wire.report import Fix

_FIX_FRESH_S = 10  # an older position is no place to measure a distance from

# [frequency_hz, on_ms, off_ms] for orders.ALARM_…
_PATTERNS = (
    (),
    ((2400, 150, 80), (3000, 150, 80)) * 4,
    ((3000, 120, 60), (3000, 400, 0)),
    ((1200, 600, 100), (800, 800, 0)),
)


class Desk:
    """The application tells whether there is a connection (`link_up`), which the screen says, and whether the display
    is to save power while there is no order to show (`dark`)."""

    def __init__(self, machine: Machine, clock: Clock, outbox: Outbox, link: MqttLink, screen: Screen) -> None:
        self.book = OrderBook()
        self.link_up = False
        self.dark = False
        self.safe_mode = False
        self.presses = 0  # since the start
        self.screen = screen
        self._machine = machine
        self._clock = clock
        self._outbox = outbox
        self._link = link
        self._fix: "Fix | None" = None  # the latest that was believed
        self.fix_uptime_s = 0  # when that was, or the start
        self._logged = (orders.IDLE, 0)  # view and order of the log's latest `screen`

    def receive(self, payload: bytes) -> None:
        """An order from the server. Raises WireError."""
        order = Order.decode(payload)
        self._machine.log("order", order_id=order.order_id, revision=order.revision, state=order.state)
        self._acknowledge(self.book.receive(order, *self._now()))
        self.draw()

    def press(self, button: str) -> None:
        """One of orders.BUTTONS."""
        self.presses += 1
        self._acknowledge(self.book.press(button, *self._now()))
        self.draw()

    def moved(self, fix: Fix) -> None:
        """A fix that was believed."""
        self._fix = fix
        self.fix_uptime_s = self._now()[1]
        self._acknowledge(self.book.moved(fix.speed_cmps))

    def second(self) -> None:
        """A second went by."""
        self._acknowledge(self.book.tick(*self._now()))
        self.draw()

    def fresh_fix(self) -> "Fix | None":
        """Where the car is, unless that is not known any more."""
        return self._fix if self._now()[1] - self.fix_uptime_s <= _FIX_FRESH_S else None

    def draw(self) -> None:
        """Show how things are."""
        time_s, uptime_s = self._now()
        fix = self.fresh_fix()
        if self.safe_mode:
            self.screen.safe_mode()
        elif self.dark and self.book.view == orders.IDLE:
            self._machine.canvas.fill(0)
        else:
            self.screen.draw(self.book, fix, self.link_up, time_s, uptime_s)
        self._machine.show()
        self._log_screen()

    def _now(self) -> "tuple[int, int]":
        return self._clock.now(self._machine.ticks_ms())

    def _acknowledge(self, due: "tuple[int, int, int] | None") -> None:
        alarm = self.book.take_alarm()
        if alarm:
            self._machine.buzz(_PATTERNS[alarm])
        if due is None:
            return
        order_id, revision, kind = due
        self._outbox.put_ack(order_id, revision, kind, self._now()[0])
        self._link.wake()
        self._machine.log("ack", order_id=order_id, revision=revision, kind=KIND_NAMES[kind])

    def _log_screen(self) -> None:
        """Tell what the screen says about the order whenever that changes: only a person can read the pixels."""
        order = self.book.order
        shown = (self.book.view, order.order_id if order is not None else 0)
        if shown != self._logged:
            self._logged = shown
            values = {"view": orders.VIEW_NAMES[shown[0]], "order_id": shown[1]}
            if order is not None:
                values["lat_e7"] = order.lat_e7
                values["lon_e7"] = order.lon_e7
            self._machine.log("screen", **values)
