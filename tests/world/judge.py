"""The promises, checked from outside: against what is on the disk, what the broker has and what the cars believe.

Nothing here uses the server's own way of thinking but `evolve`, whose result is compared with the server's state.
"""

import json
import sqlite3
from dataclasses import replace

from immutables import Map

from sigap_server.dispatch.events import Alarm, Event
from sigap_server.dispatch.evolve import evolve
from sigap_server.dispatch.records import from_record
from sigap_server.dispatch.state import DispatchState
from sigap_server.errors import SigapError
from sigap_server.service import Service
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.errors import WireError
from sigap_wire.link import Link
from sigap_wire.order import STATE_ASSIGNED, Order
from sigap_wire.report import Report
from tests.world.ledger import BrokenError, Ledger
from tests.world.trace import Trace

_NEW = "SELECT event_id, incident_id, seq, time_ms, kind, actor, data FROM event WHERE event_id > ? ORDER BY event_id"


class Judge:
    """Raises nothing where it is called, as the world must not notice: what was broken is in `broken`."""

    def __init__(self, database: sqlite3.Connection, trace: Trace) -> None:
        self._database = database
        self._trace = trace
        self._last_event = 0
        self._units = {unit_id: key for key, unit_id in database.execute("SELECT unit_key, unit_id FROM unit")}
        self.ledger = Ledger()
        self.state = DispatchState()
        self.broken: BrokenError | None = None
        self._confirmed: list[tuple[str, str, bytes]] = []

    def find(self, promise: str, what: object) -> None:
        """A promise is broken. Only the first counts."""
        if self.broken is None:
            self._trace("judge", "BROKEN:", promise, "—", what)
            self.broken = BrokenError(promise, str(what))

    # Told as it happens.

    def committed(self) -> None:
        """There may be new events in the log."""
        try:
            self._read_on()
            self.ledger.end_of_decision()
        except BrokenError as broken:
            self.find(broken.promise, broken.what)
        except SigapError as error:
            self.find("the log can be read", error)

    def _read_on(self) -> None:
        for event_id, incident_id, seq, time_ms, kind, actor, data in self._database.execute(_NEW, (self._last_event,)):
            self._last_event = event_id
            event = from_record(incident_id, time_ms, actor, kind, json.loads(data))
            self._trace("log", f"incident {incident_id}", kind, _brief(event))
            self.ledger.add(event, seq)
            self.state = evolve(self.state, event)

    def answered(self, alert_id: str) -> None:
        """A press was answered with a 2xx."""
        if not self._database.execute("SELECT 1 FROM alert WHERE alert_id = ?", (alert_id,)).fetchone():
            self.find("a press is answered only once it is stored", alert_id)

    def acknowledged(self, topic: str, payload: bytes) -> None:
        """The server told the broker that it needs this message no more."""
        if not self._is_stored(topic, payload):
            self.find("a message is acknowledged only once it is stored", f"{topic} {payload.hex()}")

    def published(self, unit_id: str, payload: bytes) -> None:
        """The server sent an order."""
        order = Order.decode(payload)
        if self.ledger.orders.get(order.order_id) != unit_id:
            self.find("an order is sent only once it is in the log", f"{unit_id}: {order}")
        if order.state == STATE_ASSIGNED and (unit_id, order.order_id) not in self.ledger.assigned:
            self.find("an order is sent only once it is in the log", f"{unit_id}: {order}")

    def confirmed(self, unit_id: str, kind: str, payload: bytes) -> None:
        """The broker told the unit that it has this message; the unit forgets it."""
        self._confirmed.append((unit_id, kind, payload))

    def fell(self, error: BaseException) -> None:
        """The server died of itself."""
        self.find("the server does not fall", repr(error))

    # Looked at now and then.

    def look(self, service: Service) -> None:
        """The server's state is the fold of the log, whenever no turn is under way."""
        dispatcher = service.dispatcher
        if service.database.turn.locked() or dispatcher._in_doubt:
            return
        mine, its = (_but_what_may_be_missing(state) for state in (self.state, dispatcher.state))
        if mine != its:
            self.find("the server's state is the fold of the log", _difference(mine, its))
        for incident_id, case in self.ledger.cases.items():
            incident = dispatcher.state.incidents.get(incident_id)
            if case.needs_alarm and (incident is None or Alarm.UNOWNED not in incident.alarms):
                self.find("every P1 has an owner or an operator's alarm", f"incident {incident_id}: {incident}")
        if service.counters["ingest.quarantined_internal"]:
            self.find("no message is beyond the server", "ingest.quarantined_internal")

    def no_offer_outlives(self, deadline_before_ms: int) -> None:
        """Told when the server had all it needs for a while: offers that had to end by then have ended."""
        for order in self.state.open_orders():
            if order.is_offer and order.deadline_ms < deadline_before_ms:
                self.find("every offer ends", f"order {order.order_id} to {order.unit_id}")

    def believes(self, unit_id: str, order_id: int) -> None:
        """What an officer reads on the screen."""
        if (unit_id, order_id) not in self.ledger.assigned:
            self.find("a car that believes it is assigned was assigned", f"{unit_id}, order {order_id}")

    def knows(self, unit_id: str, order_id: int, before_ms: int) -> None:
        """A unit that could be told for a while shows this order: it must not be one that ended before."""
        ended_ms = self.ledger.ended_ms.get(order_id)
        if ended_ms is not None and ended_ms < before_ms:
            self.find("a unit that is ordered off is told", f"{unit_id} still shows order {order_id}")

    def everything_arrived(self) -> None:
        """What the broker confirmed to a unit is in the database by now."""
        for unit_id, kind, payload in self._confirmed:
            if not self._is_stored(topics.topic(unit_id, kind), payload):
                self.find("a confirmed message is stored in the end", f"{unit_id} {kind} {payload.hex()}")

    def tables_agree(self) -> None:
        """The incidents' rows say what their events say."""
        rows = self._database.execute("SELECT incident_id, phase, closed_ms IS NOT NULL FROM incident ORDER BY 1")
        found = {incident_id: (phase, bool(closed)) for incident_id, phase, closed in rows}
        expected = {
            case: (self.state.incidents[case].phase.value, False) if case in self.state.incidents else ("closed", True)
            for case in self.ledger.cases
        }
        if found != expected:
            self.find("the incidents' rows say what their events say", f"{found} instead of {expected}")
        alerts = dict(self._database.execute("SELECT alert_id, incident_id FROM alert"))
        if alerts != self.ledger.alerts:
            self.find("every alert is where its events say", f"{alerts} instead of {self.ledger.alerts}")

    def _is_stored(self, topic: str, payload: bytes) -> bool:
        unit_id, kind = topics.parse(topic)
        key = self._units[unit_id]
        try:
            if kind in (topics.REPORT, topics.BACKLOG):
                report = Report.decode(payload)
                return self._has("fix WHERE unit_key=? AND boot_id=? AND seq=?", key, report.boot_id, report.seq)
            if kind == topics.ACK:
                ack = Ack.decode(payload)
                return self._has("ack WHERE unit_key=? AND boot_id=? AND seq=?", key, ack.boot_id, ack.seq)
            if kind == topics.LINK:
                link = Link.decode(payload)
                after = "unit_link WHERE unit_key=? AND (boot_id, connection) >= (?, ?)"
                return self._has(after, key, link.boot_id, link.connection)
        except WireError:
            pass
        return self._has("quarantine WHERE topic=? AND payload=?", topic, payload)

    def _has(self, where: str, *values: object) -> bool:
        return self._database.execute(f"SELECT 1 FROM {where}", values).fetchone() is not None


def _but_what_may_be_missing(state: DispatchState) -> DispatchState:
    """A state that was not folded from the log's beginning lacks old entries of these."""
    return replace(state, finished=Map(), work=Map(), distress=Map())


def _brief(event: Event) -> str:
    names = ("order_id", "unit_id", "revision", "reason", "deadline", "disposition", "ack", "why")
    return " ".join(f"{name}={getattr(event, name)}" for name in names if hasattr(event, name))


def _difference(mine: DispatchState, its: DispatchState) -> str:
    names = [name for name in DispatchState.__slots__ if getattr(mine, name) != getattr(its, name)]
    return "; ".join(f"{name}: log {getattr(mine, name)!r}, server {getattr(its, name)!r}" for name in names)
