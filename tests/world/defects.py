"""Defects planted on purpose, one at a time: each of a kind that somebody might write."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from sigap_server.dispatch import acks, core, events, orders, units
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatcher import Dispatcher
from sigap_server.inbox import Inbox, Incoming
from sigap_server.ingest import Ingest
from sigap_server.mqtt import BrokerLink
from sigap_server.service import Service
from sigap_server.store import history, incidents
from sigap_server.store.incidents import record_of
from sigap_wire.ack import ACCEPTED
from sigap_wire.order import STATE_CANCELLED

Patch = pytest.MonkeyPatch
DEFECTS: dict[str, Callable[[Patch], None]] = {}


def defect(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Adds it to DEFECTS under its name."""
    DEFECTS[plant.__name__] = plant
    return plant


@defect
def acknowledged_before_stored(patch: Patch) -> None:
    take_in = Ingest._take_in

    async def hasty(self: Ingest, messages: Sequence[Incoming]) -> None:
        self._acknowledge(messages)
        await take_in(self, messages)

    patch.setattr(Ingest, "_take_in", hasty)


@defect
def answered_before_stored(patch: Patch) -> None:
    receive = Dispatcher.receive

    async def hasty(self: Dispatcher, alert: Any, *others: Any, **named: Any) -> Any:
        task = asyncio.create_task(receive(self, alert, *others, **named))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.sleep(0)
        seen = events.AlertReceived(
            incident_id=1, time_ms=0, alert_id=alert.alert_id, kind=alert.kind, priority=1, lat_e7=0, lon_e7=0,
            accuracy_m=None, text="", pressed_ms=0,
        )  # fmt: skip
        return record_of(seen, "waiting"), True

    patch.setattr(Dispatcher, "receive", hasty)


@defect
def told_before_committed(patch: Patch) -> None:
    store = Dispatcher._store

    async def hasty(self: Dispatcher, connection: Any, turn: Any) -> Any:
        self.send(turn.orders)
        return await store(self, connection, turn)

    patch.setattr(Dispatcher, "_store", hasty)


@defect
def withdrawal_not_told(patch: Patch) -> None:
    patch.setattr(orders, "_TOLD", tuple(kind for kind in orders._TOLD if kind is not events.OfferWithdrawn))


@defect
def late_acceptance_taken(patch: Patch) -> None:
    answer = acks._answer

    def lenient(turn: Any, unit_id: str, ack: Any) -> None:
        order = turn.state.order_of(unit_id, ack.order_id)
        if order is not None and order.state == STATE_CANCELLED and ack.kind == ACCEPTED:
            named = {"order_id": order.order_id, "unit_id": unit_id}
            turn.add(events.Assigned(incident_id=order.incident_id, time_ms=turn.now_ms, **named))
            return
        answer(turn, unit_id, ack)

    patch.setattr(acks, "_answer", lenient)


@defect
def deadlines_forgotten(patch: Patch) -> None:
    patch.setattr(units, "end_overdue", lambda turn: None)


@defect
def doubt_not_settled(patch: Patch) -> None:
    async def trusting(self: Dispatcher) -> None:
        self._in_doubt = False

    patch.setattr(Dispatcher, "_settle_doubt", trusting)


@defect
def orders_not_repeated_after_a_connection(patch: Patch) -> None:
    async def forgetful(self: Service) -> None:
        self.clockwork.connection_began()

    patch.setattr(Service, "_on_connected", forgetful)


@defect
def returning_unit_not_told_its_order(patch: Patch) -> None:
    patch.setattr(core, "_to_repeat", lambda state, given: ())
    patch.setattr(orders, "_TOLD", tuple(kind for kind in orders._TOLD if kind is not events.UnitBack))


@defect
def numbers_of_an_old_connection_acknowledged(patch: Patch) -> None:
    def careless(self: Inbox, messages: Iterable[Incoming]) -> list[int]:
        return [message.mid for message in messages if message.mid]

    patch.setattr(Inbox, "done", careless)


@defect
def restart_forgets_the_last_event(patch: Patch) -> None:
    load_log = incidents.load_log

    async def forgetful(connection: Any, closed_since_ms: int) -> Any:
        log = await load_log(connection, closed_since_ms)
        return type(log)(log.events[:-1], log.next_incident_id, log.next_order_id)

    patch.setattr(incidents, "load_log", forgetful)


@defect
def alarm_only_until_the_first_offer(patch: Patch) -> None:
    patch.setattr(Incident, "is_unowned_emergency", property(lambda self: self.priority == 1 and not self.orders))


@defect
def lost_owner_is_no_alarm(patch: Patch) -> None:
    patch.setattr(Incident, "is_unowned_emergency", property(lambda self: self.priority == 1 and not self.owners))


@defect
def repeated_acknowledgement_not_stored(patch: Patch) -> None:
    """Taken for a repetition by its order alone, as if a unit said each thing once."""
    add_ack = history.add_ack
    seen: set[tuple[int, int, int]] = set()

    async def clever(connection: Any, unit_key: int, ack: Any, received_ms: int) -> bool:
        said = unit_key, ack.order_id, ack.kind
        if said in seen:
            return False
        seen.add(said)
        return await add_ack(connection, unit_key, ack, received_ms)

    patch.setattr(history, "add_ack", clever)


@defect
def paused_link_not_resumed(patch: Patch) -> None:
    patch.setattr(BrokerLink, "_resume", lambda self: None)
    patch.setattr(Inbox, "is_full", property(lambda self: len(self) >= 3))


@defect
def event_written_in_a_transaction_of_its_own(patch: Patch) -> None:
    """The log loses what happened when the disk fails between the two."""
    add_events = incidents.add_events

    async def split(connection: Any, rows: Any) -> None:
        raw = connection._connection.connection.dbapi_connection
        await add_events(connection, rows[:1])
        raw.execute("COMMIT")
        await connection._point("execute")
        raw.execute("BEGIN IMMEDIATE")
        if rows[1:]:
            await add_events(connection, rows[1:])

    patch.setattr(incidents, "add_events", split)
