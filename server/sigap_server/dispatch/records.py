"""Events as (kind, data) records: what the log stores, and back, strictly."""

from sigap_server.dispatch.events import Event


class RecordError(ValueError):
    """A record that is no event: says which kind and field, what was found and what was expected."""


def to_record(event: Event) -> tuple[str, dict[str, object]]:
    """(kind, data) with data of JSON types; incident_id, time_ms and actor are not in data."""
    raise NotImplementedError


def from_record(incident_id: int, time_ms: int, actor: str, kind: str, data: dict[str, object]) -> Event:
    """The event that `to_record` took. Raises RecordError for an unknown kind, or a missing, unknown or wrong field."""
    raise NotImplementedError
