"""What a unit does between its receiver and its broker, run by CPython: the firmware's own parts without its machine.

Sans-I/O: sentences, fixes, broker bytes, buttons and times go in; bytes for the broker and events come out.
"""

import time
from dataclasses import dataclass

from sigap_simulator.nor_flash import NorFlash
from sigap_simulator.order_view import OrderView
from sigap_simulator.unit import Listener, UnitAccount
from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network import mqtt_protocol
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.buttons import EMERGENCY
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import Spool
from sigap_wire import result, topics
from sigap_wire.ack import KIND_NAMES
from sigap_wire.config import Config
from sigap_wire.errors import WireError
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix

FIRMWARE = "protocol-level"
# A few sectors for thousands of units: up to 508 fixes wait, 381 at the least.
_SPOOL_SECTORS = 4
_JOURNAL_SECTORS = 2

AckDue = tuple[int, int, int]
"""(order_id, revision, kind) as the order book hands it out."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of all the clocks a unit has: wrapping milliseconds, seconds since its start, Unix seconds."""

    ticks_ms: int
    uptime_s: int
    unix_s: int

    @staticmethod
    def now(started_s: float, loop_s: float) -> "Moment":
        """From an event loop's time and what it was when the unit started."""
        return Moment(int(loop_s * 1000.0) & (TICKS_PERIOD_MS - 1), int(loop_s - started_s), int(time.time()))


class UnitCore:
    """`tell` gets the events that a real unit logs. `policy` None reports every fix.

    boot_id  must be higher than at the unit's start before
    """

    def __init__(self, account: UnitAccount, boot_id: int, policy: Policy | None, tell: Listener) -> None:
        self._account = account
        self._boot_id = boot_id
        self._policy = policy
        self._tell = tell
        self._topics = {kind: topics.topic(account.unit_id, kind) for kind in (*topics.FROM_UNIT, *topics.TO_UNIT)}
        self._session = MqttSession(
            account.unit_id,
            account.user,
            account.password,
            account.keepalive_s,
            self._topics[topics.LINK],
            (self._topics[topics.ORDER], self._topics[topics.CONFIG]),
        )
        flash = NorFlash(_SPOOL_SECTORS + _JOURNAL_SECTORS)
        self._spool = Spool(flash, 0, _SPOOL_SECTORS)
        self._outbox = Outbox(boot_id, self._spool, Journal(flash, _SPOOL_SECTORS, _JOURNAL_SECTORS))
        self._book = OrderBook()
        self._view = OrderView()
        self._parser = NmeaParser()
        self._gate = FixGate()
        self._fix_state = ""
        self.subscribed = False  # at least once
        self.connections = 0
        self.delivered = 0
        self.orders = 0

    @property
    def connected(self) -> bool:
        return self._session.is_open()

    @property
    def emergency(self) -> bool:
        """The officer's own."""
        return self._book.emergency

    @property
    def fixes_kept(self) -> int:
        return self._outbox.kept

    @property
    def fixes_queued(self) -> int:
        return self._spool.queued

    def connection_made(self, now: Moment) -> None:
        """A connection to the broker stands; `output` has what to write first."""
        self.connections += 1
        self._session.open(self._link(online=False), now.ticks_ms)

    def connection_lost(self, reason: str) -> None:
        self._session.close()
        self._tell({"log": "disconnected", "reason": reason})

    def leave(self) -> bytes:
        """What to write before a connection is closed on purpose."""
        self._session.close(politely=True)
        return bytes(self._session.take_output())

    def receive(self, data: bytes, now: Moment) -> None:
        """Bytes from the broker. Raises MqttError when the connection cannot go on."""
        for event in self._session.receive(data, len(data), now.ticks_ms):
            kind = event[0]
            if kind == mqtt_protocol.CONNECTED:
                self._outbox.put_link(self._link(online=True))
                self._tell({"log": "connected", "connection": self.connections})
            elif kind == mqtt_protocol.SUBSCRIBED:
                self.subscribed = True
            elif kind == mqtt_protocol.DELIVERED:
                self.delivered += 1
                self._outbox.delivered(event[1])
            elif kind == mqtt_protocol.MESSAGE and event[1] == self._topics[topics.ORDER]:
                self._order(event[2], now)
            elif kind == mqtt_protocol.MESSAGE and event[1] == self._topics[topics.CONFIG]:
                self._config(event[2], now)

    def nmea(self, content: bytes, now: Moment) -> None:
        """Bytes from the receiver, through the firmware's parser and gate."""
        for fix in self._parser.feed(bytearray(content), len(content)):
            reason = self._gate.check(fix) or "accepted"
            if reason != self._fix_state:
                self._fix_state = reason
                self._tell({"log": "fix_gate", "reason": reason})
            if reason == "accepted":
                self.fix(fix, now)

    def fix(self, fix: Fix, now: Moment) -> None:
        """A believed fix; the policy may keep it."""
        if self._policy is None or self._keeps(fix, self._policy):
            self._outbox.keep(fix)
        self._answer(self._book.moved(fix.speed_cmps), now)

    def _keeps(self, fix: Fix, policy: Policy) -> bool:
        reason = policy.consider(fix, self._book.urgent())
        if reason is None:
            return False
        fix.reason = reason
        return True

    def press(self, button: str, now: Moment) -> None:
        """One of orders.BUTTONS, or EMERGENCY: a button held until the officer's own emergency begins, or is over."""
        if button == EMERGENCY:
            self._answer(self._book.hold(), now)
            self._answer(self._book.tick(now.unix_s, now.uptime_s), now)  # an offer on the screen is for another now
            return
        self._answer(self._book.press(button, now.unix_s, now.uptime_s), now)

    def tick(self, now: Moment) -> None:
        """Call about once a second. Raises MqttError when the connection is dead."""
        self._answer(self._book.tick(now.unix_s, now.uptime_s), now)
        self._session.tick(now.ticks_ms)

    def output(self, now: Moment) -> bytearray:
        """Bytes to write to the broker now, after every call above."""
        while self._session.has_room():
            message = self._outbox.next_message()
            if message is None:
                break
            kind, payload, token = message
            self._session.publish(self._topics[kind], payload, kind == topics.LINK, token, now.ticks_ms)
        return self._session.take_output()

    def _link(self, online: bool) -> bytes:
        return Link(self._boot_id, self.connections, online, FIRMWARE).encode()

    def _order(self, payload: bytes, now: Moment) -> None:
        try:
            order = Order.decode(payload)
        except WireError as error:
            self._tell({"log": "order_refused", "error": str(error)})
            self._outbox.put_result(result.SUBJECT_ORDER, 0, result.REFUSED, 0, str(error))
            return
        self.orders += 1
        due = self._book.receive(order, now.unix_s, now.uptime_s)
        self._tell(
            {
                "log": "order",
                "order_id": order.order_id,
                "revision": order.revision,
                "state": order.state,
            }
        )
        self._answer(due, now)

    def _config(self, payload: bytes, now: Moment) -> None:
        """It has no settings that could be changed: asked how it is, it tells; anything else is refused as a whole."""
        revision, outcome, detail = 0, result.APPLIED, ""
        try:
            config = Config.decode(payload)
            revision = config.revision
            if config.changes:
                outcome, detail = result.REFUSED, "a protocol-level unit has no settings"
            else:
                counters = {"reports_kept": self.fixes_kept, "queue": self.fixes_queued, "orders": self.orders}
                self._outbox.put_health(Health(self._boot_id, now.uptime_s, counters).encode())
        except WireError as error:
            outcome, detail = result.REFUSED, str(error)
        self._tell({"log": "config", "revision": revision, "outcome": result.OUTCOME_NAMES[outcome], "detail": detail})
        self._outbox.put_result(result.SUBJECT_CONFIG, revision, outcome, 0, detail)

    def _answer(self, due: AckDue | None, now: Moment) -> None:
        """Acknowledge what is due after the order book was touched, and say so if the screen changed."""
        if due is not None:
            order_id, revision, kind = due
            self._outbox.put_ack(order_id, revision, kind, now.unix_s)
            self._tell({"log": "ack", "order_id": order_id, "revision": revision, "kind": KIND_NAMES[kind]})
        view = OrderView.of_book(self._book)
        if view != self._view:
            self._view = view
            self._tell(view.event())
