"""Dispatch in time and on disk: one turn after the other, each decided, committed, then told to units and operators.

A turn holds the database's write lock from before its decisions until everybody knows them, so the state in memory is
always the fold of what is committed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.alerts import Alert
from sigap_server.counters import Counters
from sigap_server.dispatch.core import Step, step
from sigap_server.dispatch.decision_record import pack
from sigap_server.dispatch.events import CITIZEN, AlertEvent, AlertReceived, Event, Source
from sigap_server.dispatch.evolve import fold
from sigap_server.dispatch.inputs import AlertAccepted, Caller, Input
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.orders import OrderToSend, open_orders
from sigap_server.dispatch.policy import Policy, policy_hash, policy_to_toml
from sigap_server.dispatch.records import RecordError
from sigap_server.dispatch.state import DispatchState
from sigap_server.dispatch.weighing import Weighing
from sigap_server.errors import DatabaseError
from sigap_server.eta import EtaMethod
from sigap_server.fleet import Fleet
from sigap_server.incident_book import CLOSED_KEPT, IncidentBook, write_on
from sigap_server.store import decisions, incidents
from sigap_server.store.database import Database
from sigap_server.store.incidents import IncidentRecord

# Orders that ended in this time are remembered over a restart: their units may not have heard of the end yet.
_REMEMBERED_MS = 3_600_000
_COUNTED = {
    "offered": "dispatch.offers",
    "accepted": "dispatch.offers_accepted",
    "declined": "dispatch.offers_declined",
    "offer_timed_out": "dispatch.offers_timed_out",
    "closed": "dispatch.closed",
}

Written = dict[int, IncidentRecord]

log = structlog.get_logger()


class Turn:
    """Decisions in the making, on top of `state`. Nobody else knows of them before the commit."""

    def __init__(self, dispatcher: "Dispatcher") -> None:
        self._dispatcher = dispatcher
        self.state = dispatcher.state
        self.events: list[Event] = []
        self.orders: list[OrderToSend] = []
        # Place in `events` → what was known to that choice.
        self.weighings: dict[int, tuple[Need, Weighing]] = {}

    def tell(self, given: Input) -> Step:
        """Decide on one input."""
        dispatcher = self._dispatcher
        done = step(self.state, given, dispatcher.now_ms(), dispatcher.fleet, dispatcher.eta, dispatcher.policy)
        self.state = done.state
        self.weighings.update((len(self.events) + place, known) for place, known in done.weighings.items())
        self.events += done.events
        self.orders += done.orders
        return done


class Dispatcher:
    """Owns the dispatch state.

    place_words what people call a place (degrees × 10⁷), "" if nobody knows
    send        hands orders to the broker; called after the commit
    on_change   told the incident_ids and unit_ids that look different now
    """

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        eta: EtaMethod,
        policy: Policy,
        counters: Counters,
        now_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._counters = counters
        self._in_doubt = False
        self.loaded_until_ms = 0
        self._receiving: dict[str, asyncio.Task[tuple[IncidentRecord, bool]]] = {}
        self.fleet = fleet
        self.eta = eta
        self.policy = policy
        self._policy_hash, self._policy_text = policy_hash(policy), policy_to_toml(policy)
        self.now_ms = now_ms
        self.state = DispatchState()
        self.book = IncidentBook()
        self.place_words: Callable[[int, int], str] = lambda lat_e7, lon_e7: ""
        self.send: Callable[[Iterable[OrderToSend]], None] = lambda orders: None
        self.on_change: Callable[[Collection[int], Collection[str]], None] = lambda incident_ids, unit_ids: None
        self.deadline_changed = asyncio.Event()
        counters.gauge("dispatch.incidents_open", lambda: len(self.state.incidents))

    async def load(self) -> None:
        """Take the state from the log. Raises DatabaseError for an event that this program cannot read."""
        async with self._database.read() as connection:
            try:
                tail = await incidents.load_log(connection, self.now_ms() - _REMEMBERED_MS)
            except RecordError as error:
                raise DatabaseError(f"the log of events cannot be read: {error}") from error
            start = DispatchState(next_incident_id=tail.next_incident_id, next_order_id=tail.next_order_id)
            self.state = fold(tail.events, start)
            self.loaded_until_ms = max((event.time_ms for event in tail.events), default=0)
            shown = await incidents.list_incident_ids(connection, only_open=False, limit=CLOSED_KEPT)
            self.book.clear()
            self.book.put(await incidents.load_records(connection, {*shown, *self.state.incidents}))
        self._in_doubt = False
        log.info("dispatch_loaded", events=len(tail.events), incidents_open=len(self.state.incidents))

    async def tell(self, *given: Input) -> list[Step]:
        """A turn for these inputs alone, and what came of each. Without events, which is usual, it writes nothing."""
        async with self._database.turn:
            await self._settle_doubt()
            turn = Turn(self)
            steps = [turn.tell(one) for one in given]
            written: Written = {}
            if turn.events:
                with self._doubting():
                    async with self._database.transaction() as connection:
                        written = await self._store(connection, turn)
            self._adopt(turn, written)
            return steps

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[tuple[Turn, AsyncConnection]]:
        """A turn with a transaction, in which the caller stores what its inputs came from. If the block raises, nothing
        of it has happened."""
        async with self._database.turn:
            await self._settle_doubt()
            turn = Turn(self)
            with self._doubting():
                async with self._database.transaction() as connection:
                    yield turn, connection
                    written = await self._store(connection, turn)
            self._adopt(turn, written)

    async def receive(
        self, alert: Alert, source: Source = Source.CITIZEN, actor: str = CITIZEN, priority: int | None = None
    ) -> tuple[IncidentRecord, bool]:
        """The alert's incident, committed, and whether this was the first time that it came. Ask `find` first: it need
        not wait for its turn. The rest as in inputs.AlertAccepted."""
        # A task of its own: the sender may hang up, and what was begun must not end between the commit and its being
        # known here. The same press, sent again meanwhile, waits for the same task.
        underway = self._receiving.get(alert.alert_id)
        if underway is not None:
            return (await asyncio.shield(underway))[0], False
        task = self._receiving[alert.alert_id] = asyncio.create_task(self._receive(alert, source, actor, priority))
        task.add_done_callback(lambda _: self._receiving.pop(alert.alert_id))
        return await asyncio.shield(task)

    def is_receiving(self, alert_id: str) -> bool:
        """Whether this press is being stored now."""
        return alert_id in self._receiving

    async def _receive(
        self, alert: Alert, source: Source, actor: str, priority: int | None
    ) -> tuple[IncidentRecord, bool]:
        async with self.turn() as (turn, connection):
            incident_id = await incidents.find_alert(connection, alert.alert_id)
            is_new = incident_id is None
            if incident_id is None:
                real, false = await incidents.caller_history(connection, alert.device) if alert.device else (0, 0)
                alert = replace(alert, street=self.place_words(alert.lat_e7, alert.lon_e7))
                caller = Caller(source, real=real, false=false)
                incident_id = turn.tell(AlertAccepted(alert, caller, actor, priority)).events[0].incident_id
        record = await self.record(incident_id)
        assert record is not None
        return record, is_new

    async def find(self, alert_id: str) -> IncidentRecord | None:
        """The incident of an alert, None if it never came."""
        incident_id = self.state.by_alert.get(alert_id)
        if incident_id is not None:
            return await self.record(incident_id)
        async with self._database.read() as connection:
            incident_id = await incidents.find_alert(connection, alert_id)
            # What is committed may be ahead of what is in memory: who is found there is read there.
            found = [] if incident_id is None else await incidents.load_records(connection, [incident_id])
        return next(iter(found), None)

    async def record(self, incident_id: int) -> IncidentRecord | None:
        """An incident of any age."""
        known = self.book.get(incident_id)
        if known is not None:
            return known
        async with self._database.read() as connection:
            return next(iter(await incidents.load_records(connection, [incident_id])), None)

    async def _store(self, connection: AsyncConnection, turn: Turn) -> Written:
        if not turn.events:
            return {}
        new = {event.incident_id for event in turn.events if isinstance(event, AlertReceived)}
        known = {}
        for incident_id in {event.incident_id for event in turn.events} - new:
            record = self.book.get(incident_id)
            # An acknowledgement may come long after the end of its incident.
            known[incident_id] = record or (await incidents.load_records(connection, [incident_id]))[0]
        written, rows = write_on(known, turn.events, turn.state)
        for event in turn.events:
            if isinstance(event, AlertEvent):
                await incidents.put_alert(connection, event)
        for incident_id, record in written.items():
            write = incidents.add_incident if incident_id in new else incidents.update_incident
            await write(connection, record)
        await incidents.add_events(connection, rows)
        if turn.weighings:
            await self._store_weighings(connection, [(rows[i], *known) for i, known in turn.weighings.items()])
        return written

    async def _store_weighings(
        self, connection: AsyncConnection, made: Iterable[tuple[dict[str, Any], Need, Weighing]]
    ) -> None:
        await decisions.put_policy(connection, self._policy_hash, self._policy_text, self.now_ms())
        rows = [
            {
                "incident_id": event["incident_id"],
                "seq": event["seq"],
                "policy_hash": self._policy_hash,
                "data": pack(need, weighing),
            }
            for event, need, weighing in made
        ]
        await decisions.add_weighings(connection, rows)

    def _adopt(self, turn: Turn, written: Written) -> None:
        self.state = turn.state
        self.send(turn.orders)
        self.book.put(written.values())
        self._counters.add("dispatch.events", len(turn.events))
        for event in turn.events:
            if event.KIND in _COUNTED:
                self._counters.add(_COUNTED[event.KIND])
            log.info(event.KIND, incident_id=event.incident_id, actor=event.actor, unit_id=unit_of(event))
        if turn.events:
            self.deadline_changed.set()
            self.on_change(written.keys(), {unit for unit in map(unit_of, turn.events) if unit})

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """A commit that failed may yet be on the disk: after any failure the log says what is true."""
        try:
            yield
        except BaseException:
            self._in_doubt = True
            raise

    async def _settle_doubt(self) -> None:
        if self._in_doubt:
            known = self.state.incidents
            await self.load()
            if self.state.incidents != known:
                # The commit is on the disk after all, and its orders were never sent.
                self.send(open_orders(self.state))


def unit_of(event: Event) -> str | None:
    """The unit that an event is about."""
    return getattr(event, "unit_id", None)
