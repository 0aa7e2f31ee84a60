"""The officer's side: orders and buttons in; screen, buzzer and acknowledgements out."""

import asyncio

from sigap_tracker import on_demand
from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import Machine
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer import orders
from sigap_tracker.officer.buttons import EMERGENCY, HOLD_MS, Buttons
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.screen import FIX_FRESH_S, Screen
from sigap_tracker.storage.journal import Journal
from sigap_wire.ack import KIND_NAMES
from sigap_wire.order import Order
from sigap_wire.report import Fix

_LOOK_MS = 20  # at buttons that are down
_DRAW_LOOKS = 8  # a display takes its time
_HOLD_SHOWN_MS = 400  # a short press is over before


class Desk:
    """The application tells whether there is a connection (`link_up`), which the screen says, and whether the display
    is to save power while there is no order to show (`dark`).

    What the screen shows is in the journal too, and on the screen again after a power cut.
    """

    def __init__(
        self, machine: Machine, clock: Clock, outbox: Outbox, link: MqttLink, screen: Screen, journal: Journal
    ) -> None:
        self.book = OrderBook()
        self._journal = journal
        self._buttons: "Buttons | None" = None  # while one is down
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
        try:
            on_demand.load("sigap_tracker.officer.order_store").restore(journal, self.book)
        except OSError:
            outbox.flash_failures += 1

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

    def edge(self, event: str) -> None:
        """A button's name after "+" when it goes down, after "-" when it comes up."""
        if self._buttons is None:
            self._buttons = on_demand.load("sigap_tracker.officer.buttons").Buttons(orders.BUTTONS)
            asyncio.create_task(self._look(self._buttons))
        self._buttons.change(event[1:], event[:1] == "+", self._machine.edge_ms)

    async def _look(self, buttons: Buttons) -> None:
        """While a button is down."""
        looks = 0
        try:
            while buttons.busy():
                meant = buttons.next(self._machine.ticks_ms())
                if meant == EMERGENCY:
                    self.hold()
                elif meant is not None:
                    self.press(meant)
                looks += 1
                if looks % _DRAW_LOOKS == 0:
                    self.draw()
                await asyncio.sleep_ms(_LOOK_MS)
        finally:
            self._buttons = None

    def hold(self) -> None:
        """The officer's own emergency begins, or is over."""
        self._acknowledge(self.book.hold())
        self.second()  # at once: an offer on the screen is for somebody else now

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
        return self._fix if self._now()[1] - self.fix_uptime_s <= FIX_FRESH_S else None

    def draw(self) -> None:
        """Show how things are."""
        time_s, uptime_s = self._now()
        held_ms = self._buttons.held_ms(self._machine.ticks_ms()) if self._buttons is not None else 0
        if self.safe_mode:
            self.screen.safe_mode()
        elif self.dark and not self.book.busy() and not held_ms:
            self._machine.canvas.fill(0)
        else:
            self.screen.draw(self.book, self._fix, uptime_s - self.fix_uptime_s, self.link_up, time_s, uptime_s)
            if held_ms >= _HOLD_SHOWN_MS:
                self.screen.hold(held_ms, HOLD_MS, self.book.emergency)
        self._machine.show()
        self._log_screen()

    def _now(self) -> "tuple[int, int]":
        return self._clock.now(self._machine.ticks_ms())

    def _acknowledge(self, due: "tuple[int, int, int] | None") -> None:
        alarm = self.book.take_alarm()
        if alarm:
            self._machine.buzz(on_demand.load("sigap_tracker.officer.alarms").PATTERNS[alarm])
        if due is None:
            return
        order_id, revision, kind = due
        self._outbox.put_ack(order_id, revision, kind, self._now()[0])
        self._store()  # after the answer: an order answered twice is better than one never answered
        self._link.wake()
        self._machine.log("ack", order_id=order_id, revision=revision, kind=KIND_NAMES[kind])

    def _store(self) -> None:
        try:
            on_demand.load("sigap_tracker.officer.order_store").save(self._journal, self.book)
        except OSError:
            self._outbox.flash_failures += 1

    def _log_screen(self) -> None:
        """Tell what the screen says about the order whenever that changes: only a person can read the pixels."""
        order = self.book.order
        shown = (self.book.view, order.order_id if order is not None else 0)
        if shown != self._logged:
            self._logged = shown
            self._store()
            values = {"view": orders.VIEW_NAMES[shown[0]], "order_id": shown[1]}
            if order is not None:
                values["lat_e7"] = order.lat_e7
                values["lon_e7"] = order.lon_e7
            self._machine.log("screen", **values)
