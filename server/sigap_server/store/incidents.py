"""Alerts, incidents and the log of their events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, true, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.dispatch.events import AlertEvent, AlertReceived, Event, Verdict
from sigap_server.dispatch.records import from_record
from sigap_server.store.models import Alert
from sigap_server.store.models import Event as EventRow
from sigap_server.store.models import Incident as IncidentRow


@dataclass(slots=True)
class IncidentRecord:
    """An incident as it is shown: the alert's facts, where it stands, and all its events in order.

    timeline   dicts with seq, time_ms, kind, actor, unit_id and data
    """

    incident_id: int
    alert_id: str
    kind: str
    priority: int
    lat_e7: int
    lon_e7: int
    accuracy_m: int | None
    text: str
    pressed_ms: int
    received_ms: int
    phase: str
    unit_id: str | None = None
    closed_ms: int | None = None
    disposition: str | None = None
    verdict: str | None = None
    timeline: list[dict[str, Any]] = field(default_factory=list)


# Made once: to make a statement costs more than to run it.
_NEW_ALERT = sqlite.insert(Alert)
# Again of the same alert: it belongs to another incident now.
_PUT_ALERT = _NEW_ALERT.on_conflict_do_update(
    index_elements=["alert_id"], set_={"incident_id": _NEW_ALERT.excluded.incident_id}
)
_ADD_INCIDENT = insert(IncidentRow)
_ADD_EVENTS = insert(EventRow)
_FIND_ALERT = select(Alert.incident_id).where(Alert.alert_id == bindparam("alert_id"))
_FACTS = ("alert_id", "kind", "lat_e7", "lon_e7", "accuracy_m", "text", "pressed_ms", "received_ms")
_STANDING = ("phase", "priority", "unit_id", "closed_ms", "disposition", "verdict")
# How an operator who found nothing out at first says in the end what it was.
REAL_DISPOSITION, FALSE_DISPOSITION = "real", "false_alarm"
_VERDICT_OF = {REAL_DISPOSITION: Verdict.REAL, FALSE_DISPOSITION: Verdict.FALSE}
_UPDATE_INCIDENT = (
    update(IncidentRow)
    .where(IncidentRow.incident_id == bindparam("key"))
    .values({name: bindparam(name) for name in _STANDING})
)


def timeline_entry(seq: int, time_ms: int, kind: str, actor: str, data: dict[str, Any]) -> dict[str, Any]:
    """One event as the API shows it."""
    return {"seq": seq, "time_ms": time_ms, "kind": kind, "actor": actor, "unit_id": data.get("unit_id"), "data": data}


def record_of(alert: AlertReceived, phase: str) -> IncidentRecord:
    """A new incident's record, without timeline."""
    return IncidentRecord(
        incident_id=alert.incident_id,
        alert_id=alert.alert_id,
        kind=alert.kind,
        priority=alert.priority,
        lat_e7=alert.lat_e7,
        lon_e7=alert.lon_e7,
        accuracy_m=alert.accuracy_m,
        text=alert.text,
        pressed_ms=alert.pressed_ms,
        received_ms=alert.time_ms if alert.received_ms is None else alert.received_ms,
        phase=phase,
    )


async def put_alert(connection: AsyncConnection, alert: AlertEvent) -> None:
    """Store an alert, or that it belongs to this incident from now on."""
    facts = {name: getattr(alert, name) for name in ("incident_id", *_FACTS) if name != "received_ms"}
    received_ms = alert.time_ms if alert.received_ms is None else alert.received_ms
    row = {**facts, "received_ms": received_ms, "source": alert.source.value, "device_id": alert.device or None}
    await connection.execute(_PUT_ALERT, row)


async def add_incident(connection: AsyncConnection, record: IncidentRecord) -> None:
    """Store a new incident; its alert is there already."""
    incident = {name: getattr(record, name) for name in ("incident_id", "alert_id", *_STANDING)}
    await connection.execute(_ADD_INCIDENT, incident)


async def update_incident(connection: AsyncConnection, record: IncidentRecord) -> None:
    """Store where the incident stands now."""
    standing = {name: getattr(record, name) for name in _STANDING}
    await connection.execute(_UPDATE_INCIDENT, {"key": record.incident_id, **standing})


async def add_events(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Append to the log: rows with incident_id, seq, time_ms, kind, actor and data, in the order of happening."""
    await connection.execute(_ADD_EVENTS, rows)


async def find_alert(connection: AsyncConnection, alert_id: str) -> int | None:
    """The incident_id of this press, None if it was never received."""
    return await connection.scalar(_FIND_ALERT, {"alert_id": alert_id})


async def caller_history(connection: AsyncConnection, device: str) -> tuple[int, int]:
    """How many incidents that this device reported before turned out (real, false)."""
    rows = await connection.execute(
        select(IncidentRow.verdict, IncidentRow.disposition)
        .join(Alert, Alert.incident_id == IncidentRow.incident_id)
        .where(Alert.device_id == device)
        .group_by(IncidentRow.incident_id)
    )
    found = [row.verdict or _VERDICT_OF.get(row.disposition) for row in rows]
    return found.count(Verdict.REAL), found.count(Verdict.FALSE)


async def load_records(connection: AsyncConnection, incident_ids: Iterable[int]) -> list[IncidentRecord]:
    """These incidents with their timelines, in the order of incident_id; unknown ones are left out."""
    wanted = list(incident_ids)
    rows = await connection.execute(
        select(
            IncidentRow.incident_id,
            *(getattr(Alert, name) for name in _FACTS),
            *(getattr(IncidentRow, name) for name in _STANDING),
        )
        # Its own first alert: others may be linked to it, and it may be linked to another by now.
        .join(IncidentRow, IncidentRow.alert_id == Alert.alert_id)
        .where(IncidentRow.incident_id.in_(wanted))
        .order_by(IncidentRow.incident_id)
    )
    records = {row.incident_id: IncidentRecord(**row._mapping) for row in rows}
    events = await connection.execute(
        select(EventRow.incident_id, EventRow.seq, EventRow.time_ms, EventRow.kind, EventRow.actor, EventRow.data)
        .where(EventRow.incident_id.in_(wanted))
        .order_by(EventRow.incident_id, EventRow.seq)
    )
    for row in events:
        entry = timeline_entry(row.seq, row.time_ms, row.kind, row.actor, row.data)
        records[row.incident_id].timeline.append(entry)
    return list(records.values())


async def list_incident_ids(connection: AsyncConnection, only_open: bool, limit: int) -> list[int]:
    """The newest `limit` incidents, newest first."""
    statement = select(IncidentRow.incident_id).order_by(IncidentRow.incident_id.desc()).limit(limit)
    if only_open:
        statement = statement.where(IncidentRow.closed_ms.is_(None))
    return list((await connection.scalars(statement)).all())


@dataclass(frozen=True, slots=True)
class Log:
    """The end of the log, from a point before which every incident that is not in `events` was closed.

    next_incident_id, next_order_id   what was next at that point
    """

    events: tuple[Event, ...]
    next_incident_id: int
    next_order_id: int


async def load_log(connection: AsyncConnection, closed_since_ms: int) -> Log:
    """The log from the first event of the oldest incident that is open or was closed since then.

    Raises RecordError for an event that this program cannot read.
    """
    first_incident = (
        select(IncidentRow.incident_id)
        .where((IncidentRow.closed_ms.is_(None)) | (IncidentRow.closed_ms >= closed_since_ms))
        .order_by(IncidentRow.incident_id)
        .limit(1)
    )
    start = await connection.scalar(
        select(EventRow.event_id).where(EventRow.incident_id == first_incident.scalar_subquery(), EventRow.seq == 1)
    )
    if start is None:
        return Log((), *await _next_ids(connection, true()))
    rows = await connection.execute(
        select(EventRow.incident_id, EventRow.time_ms, EventRow.actor, EventRow.kind, EventRow.data)
        .where(EventRow.event_id >= start)
        .order_by(EventRow.event_id)
    )
    events = tuple(from_record(row.incident_id, row.time_ms, row.actor, row.kind, row.data) for row in rows)
    return Log(events, *await _next_ids(connection, EventRow.event_id < start))


async def _next_ids(connection: AsyncConnection, before: ColumnElement[bool]) -> tuple[int, int]:
    # Newest first along the primary key: found at once, however long the log is.
    last = select(EventRow.incident_id, EventRow.data).where(before).order_by(EventRow.event_id.desc()).limit(1)
    alert = (await connection.execute(last.where(EventRow.kind == "alert_received"))).first()
    offer = (await connection.execute(last.where(EventRow.kind == "offered"))).first()
    last_order_id: Any = offer.data["order_id"] if offer else 0
    return (alert.incident_id if alert else 0) + 1, last_order_id + 1
