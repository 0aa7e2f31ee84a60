"""A unit: the firmware's own order book, a flash that keeps what is not confirmed, a link that comes and goes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from sigap_tracker.officer.orders import ASSIGNED, CLEARED, ON_SCENE, OrderBook
from sigap_wire import topics
from sigap_wire.ack import KIND_NAMES, Ack
from sigap_wire.link import Link
from sigap_wire.order import STATE_NAMES, Order
from sigap_wire.report import Fix, Report
from tests.world.broker import Broker, Line
from tests.world.clock import Clock
from tests.world.trace import Trace

HERE_E7 = (-69_000_000, 1_076_000_000)
E7_PER_M = 90
OWNS = (ASSIGNED, ON_SCENE, CLEARED)
_KEPT = 20


@dataclass(eq=False, slots=True)
class _Letter:
    """A message in the flash until the broker has confirmed it."""

    kind: str
    payload: bytes


class Car:
    """`confirmed` is told of every message that the broker has confirmed: (unit_id, kind, payload)."""

    def __init__(
        self,
        unit_id: str,
        loop: asyncio.AbstractEventLoop,
        rng: Random,
        trace: Trace,
        broker: Broker,
        confirmed: Callable[[str, str, bytes], None],
    ) -> None:
        self.unit_id = unit_id
        self._loop = loop
        self._rng = rng
        self._trace = trace
        self._broker = broker
        self._confirmed = confirmed
        self.clock = Clock(loop)
        self.has_time = True
        self.has_fix = True
        self.book = OrderBook()
        self.place_m = rng.uniform(-4000, 4000), rng.uniform(-4000, 4000)
        self.line: Line | None = None
        self._since_s = 0.0
        self.boot_id = 1
        self._connections = 0
        self._acks = 0
        self._fixes = 0
        self.flash: list[_Letter] = []

    # Its link.

    def connect(self) -> None:
        """The link is up: the link message first, then the latest, then what waited."""
        if self.line is not None or not self._broker.is_up:
            return
        self._connections += 1
        self._since_s = self._loop.time()
        self._trace(self.unit_id, "connects", f"boot {self.boot_id} connection {self._connections}")
        self.line = Line(self.unit_id, self._link(online=False), self._order)
        self._broker.attach(self.line)
        self.flash = [letter for letter in self.flash if letter.kind != topics.LINK]
        for letter in self.flash:
            if letter.kind == topics.REPORT:
                letter.kind = topics.BACKLOG
        waited = list(self.flash)
        self._send(_Letter(topics.LINK, self._link(online=True)))
        self.report()
        for letter in waited:
            self._publish(letter)

    def drop(self, noticed_after_s: float) -> None:
        """The link is gone."""
        if self.line is not None:
            self._trace(self.unit_id, f"loses its link, noticed after {noticed_after_s:.1f} s")
            self._broker.cut(self.line, noticed_after_s)
            self.line = None

    def reboot(self) -> None:
        """Power is cut and comes back: the flash is as it was, everything else is new."""
        self._trace(self.unit_id, "restarts")
        self.drop(self._rng.choice([0.0, 1.0, 20.0]))
        emergency = self.book.emergency  # survives, as the settings do
        self.book = OrderBook()
        self.book.emergency = emergency
        self.boot_id += 1
        self._connections = self._acks = self._fixes = 0

    def notice(self) -> None:
        """The line may be dead, and nobody told the unit."""
        if self.line is not None and not self.line.is_up:
            self._trace(self.unit_id, "finds its link dead")
            self.line = None

    @property
    def connected_s(self) -> float:
        """How long its link has been up; 0 without one."""
        return self._loop.time() - self._since_s if self.line is not None and self.line.is_up else 0.0

    # What it says.

    def report(self) -> None:
        """A position, if it has one."""
        if not self.has_fix:
            return
        lat_e7, lon_e7 = (at + round(m * E7_PER_M) for at, m in zip(HERE_E7, self.place_m, strict=True))
        fix = Fix(self.clock.now_ms() // 1000, lat_e7, lon_e7)
        kind = topics.REPORT if self.line is not None else topics.BACKLOG
        self._send(_Letter(kind, Report(self.boot_id, self._fixes, [fix]).encode()))
        self._fixes += 1

    def say(self, due: "tuple[int, int, int] | None") -> None:
        """An acknowledgement that became due."""
        if due is None:
            return
        order_id, revision, kind = due
        self._trace(self.unit_id, KIND_NAMES[kind], f"order {order_id} revision {revision}")
        ack = Ack(self.boot_id, self._acks, order_id, revision, kind, self.time_s)
        self._acks += 1
        self._send(_Letter(topics.ACK, ack.encode()))

    def babble(self, payload: bytes) -> None:
        """Something that no unit should say."""
        self._send(_Letter(self._rng.choice([topics.ACK, topics.REPORT, topics.HEALTH]), payload))

    # What its officer does.

    def press(self, button: str) -> None:
        """One of the buttons."""
        self._trace(self.unit_id, "button", button)
        self.say(self.book.press(button, self.time_s, self.uptime_s))

    def tick(self) -> None:
        """Once a second."""
        self.notice()
        self.say(self.book.tick(self.time_s, self.uptime_s))
        if self.book.view == ASSIGNED and self.book.order is not None:
            self._drive(self.book.order)
        if self.book.emergency and self._rng.random() < 0.2:
            self.place_m = tuple(m + self._rng.uniform(-80, 80) for m in self.place_m)  # type: ignore[assignment]
            self.report()

    def owns(self) -> "Order | None":
        """The order that its officer believes to have."""
        return self.book.order if self.book.view in OWNS else None

    @property
    def time_s(self) -> int:
        """Unix seconds by the unit's clock, 0 without one."""
        return self.clock.now_ms() // 1000 if self.has_time else 0

    @property
    def uptime_s(self) -> int:
        return int(self._loop.time())

    def _drive(self, order: Order) -> None:
        goal_m = tuple((at - here) / E7_PER_M for at, here in zip((order.lat_e7, order.lon_e7), HERE_E7, strict=True))
        self.place_m = tuple(m + (to - m) * 0.2 for m, to in zip(self.place_m, goal_m, strict=True))  # type: ignore[assignment]
        self.say(self.book.moved(1000))

    def _order(self, payload: bytes) -> None:
        order = Order.decode(payload)
        self._trace(self.unit_id, "gets", STATE_NAMES[order.state], f"order {order.order_id} revision {order.revision}")
        self.say(self.book.receive(order, self.time_s, self.uptime_s))

    def _link(self, online: bool) -> bytes:
        return Link(self.boot_id, self._connections, online, "world").encode()

    def _send(self, letter: _Letter) -> None:
        self.flash.append(letter)
        fixes = [old for old in self.flash if old.kind in (topics.REPORT, topics.BACKLOG)]
        if len(fixes) > _KEPT:
            self.flash.remove(fixes[0])  # a full flash gives up the oldest fixes
        self._publish(letter)

    def _publish(self, letter: _Letter) -> None:
        def confirmed() -> None:
            if letter in self.flash:
                self.flash.remove(letter)
                self._confirmed(self.unit_id, kind, letter.payload)

        if self.line is not None:
            kind = letter.kind
            self._broker.from_unit(self.line, topics.topic(self.unit_id, kind), letter.payload, confirmed)


def places(rng: Random, count: int) -> list[dict[str, Any]]:
    """Where callers are: latitude and longitude in degrees."""
    return [
        {"lat": HERE_E7[0] / 1e7 + rng.uniform(-0.03, 0.03), "lon": HERE_E7[1] / 1e7 + rng.uniform(-0.03, 0.03)}
        for _ in range(count)
    ]
