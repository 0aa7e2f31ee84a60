"""What decisions were made on, and by which rules."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.dispatch.events import Event as DispatchEvent
from sigap_server.dispatch.records import from_record
from sigap_server.store.models import Event, Policy, Weighing

_PUT_POLICY = sqlite.insert(Policy).on_conflict_do_nothing()
_ADD_WEIGHINGS = insert(Weighing)


class StoredEvent(NamedTuple):
    """An event as the log has it, with what it was decided on, both None for one that was no choice.

    record   as decision_record.pack made it
    policy   TOML
    """

    incident_id: int
    seq: int
    time_ms: int
    actor: str
    kind: str
    data: dict[str, Any]
    record: bytes | None
    policy: str | None

    def event(self) -> DispatchEvent:
        """Raises RecordError for an event that this program cannot read."""
        return from_record(self.incident_id, self.time_ms, self.actor, self.kind, self.data)


async def put_policy(connection: AsyncConnection, policy_hash: str, text: str, now_ms: int) -> None:
    """Keep these rules, once."""
    await connection.execute(_PUT_POLICY, {"policy_hash": policy_hash, "text": text, "first_used_ms": now_ms})


async def add_weighings(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of models.Weighing."""
    await connection.execute(_ADD_WEIGHINGS, rows)


def events_of(connection: Connection, incident_ids: Sequence[int]) -> list[StoredEvent]:
    """All events of these incidents, in the order in which they happened."""
    rows = connection.execute(
        select(
            Event.incident_id,
            Event.seq,
            Event.time_ms,
            Event.actor,
            Event.kind,
            Event.data,
            Weighing.data.label("record"),
            Policy.text.label("policy"),
        )
        .outerjoin(Weighing, (Weighing.incident_id == Event.incident_id) & (Weighing.seq == Event.seq))
        .outerjoin(Policy, Policy.policy_hash == Weighing.policy_hash)
        .where(Event.incident_id.in_(incident_ids))
        .order_by(Event.event_id)
    )
    return [StoredEvent._make(row) for row in rows]
