"""Events as (kind, data) records: what the log stores, and back, strictly."""

from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event, Offered
from sigap_server.errors import SigapError
from sigap_server.plain import PlainError, from_plain, to_plain

EVENT_CLASSES: dict[str, type[Event]] = {
    cls.KIND: cls
    for cls in vars(events).values()
    if isinstance(cls, type) and issubclass(cls, Event) and hasattr(cls, "KIND")
}
_BASE = ("incident_id", "time_ms", "actor")


class RecordError(SigapError, ValueError):
    """A record that is no event: names kind and field, what was found and what was expected."""


def to_record(event: Event) -> tuple[str, dict[str, Any]]:
    """(kind, data) with data of JSON types; incident_id, time_ms and actor are not in data."""
    data = to_plain(event)
    for name in _BASE:
        del data[name]
    if isinstance(event, Offered):
        data["chosen"] = event.unit_id
    return event.KIND, data


def from_record(incident_id: int, time_ms: int, actor: str, kind: str, data: object) -> Event:
    """The event that `to_record` took. Raises RecordError for an unknown kind, or a missing, unknown or wrong field."""
    cls = EVENT_CLASSES.get(kind)
    if cls is None:
        raise RecordError(f"unknown kind of event {kind!r}, expected one of: {', '.join(EVENT_CLASSES)}")
    if not isinstance(data, dict):
        raise RecordError(f"{kind}: data is {data!r:.80}, expected an object")
    for name in _BASE:
        if name in data:
            raise RecordError(f"{kind}.{name} does not belong into data")
    values = {**data, "incident_id": incident_id, "time_ms": time_ms, "actor": actor}
    if cls is Offered and values.pop("chosen", None) != values.get("unit_id"):
        raise RecordError("offered.chosen is not the unit_id of the offer")
    try:
        return from_plain(cls, values, kind)
    except PlainError as error:
        raise RecordError(str(error)) from error
