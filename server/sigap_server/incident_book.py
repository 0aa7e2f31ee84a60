"""The incidents that are shown: all open ones and the last that were closed, with their timelines, in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sigap_server.dispatch.events import AlertReceived, Closed, Event, Verified
from sigap_server.dispatch.records import to_record
from sigap_server.dispatch.state import DispatchState, Phase
from sigap_server.store.incidents import IncidentRecord, record_of, timeline_entry

CLOSED_KEPT = 50


class IncidentBook:
    """Records by incident_id. What it hands out may change with the next event."""

    def __init__(self) -> None:
        self._records: dict[int, IncidentRecord] = {}

    def put(self, records: Iterable[IncidentRecord]) -> None:
        """Add records, and forget the oldest of those that are closed."""
        for record in records:
            self._records[record.incident_id] = record
        closed = sorted(key for key, record in self._records.items() if record.phase == Phase.CLOSED)
        for key in closed[:-CLOSED_KEPT]:
            del self._records[key]

    def get(self, incident_id: int) -> IncidentRecord | None:
        """The record, None if it is not in memory."""
        return self._records.get(incident_id)

    def records(self) -> list[IncidentRecord]:
        """All of them, by incident_id."""
        return [record for _, record in sorted(self._records.items())]

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()


def write_on(
    records: Mapping[int, IncidentRecord], events: Iterable[Event], state: DispatchState
) -> tuple[dict[int, IncidentRecord], list[dict[str, Any]]]:
    """What the records become with these events, and the rows for the log. `state` is the one after the events.

    `records` has all that the events are about, except new ones. They stay as they are: the transaction may yet fail.
    """
    written: dict[int, IncidentRecord] = {}
    rows = []
    for event in events:
        if isinstance(event, AlertReceived):
            written[event.incident_id] = record_of(event, Phase.WAITING)
        elif event.incident_id not in written:
            written[event.incident_id] = _copy(records[event.incident_id])
        record = written[event.incident_id]
        if isinstance(event, Closed):
            record.closed_ms, record.disposition, record.unit_id = event.time_ms, event.disposition, event.unit_id
        elif isinstance(event, Verified):
            record.verdict = event.verdict
        kind, data = to_record(event)
        seq = len(record.timeline) + 1
        record.timeline.append(timeline_entry(seq, event.time_ms, kind, event.actor, data))
        rows.append(
            {
                "incident_id": event.incident_id,
                "seq": seq,
                "time_ms": event.time_ms,
                "kind": kind,
                "actor": event.actor,
                "data": data,
            }
        )
    for incident_id, record in written.items():
        incident = state.incidents.get(incident_id)
        record.phase = incident.phase if incident else Phase.CLOSED
        if incident:
            record.unit_id, record.priority = incident.unit_id, incident.priority
    return written, rows


def _copy(record: IncidentRecord) -> IncidentRecord:
    return replace(record, timeline=list(record.timeline))
