"""From a message's bytes to what it says, or to the reason why it is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sigap_server.inbox import Incoming
from sigap_server.registry import Registry
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.errors import WireError
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.report import Report
from sigap_wire.result import Result

_DECODERS: dict[str, Callable[[bytes], Any]] = {
    topics.REPORT: Report.decode,
    topics.BACKLOG: Report.decode,
    topics.LINK: Link.decode,
    topics.HEALTH: Health.decode,
    topics.ACK: Ack.decode,
    topics.RESULT: Result.decode,
}


@dataclass(frozen=True, slots=True)
class Said:
    """A decoded message: who, when it was received (Unix ms) and what."""

    unit_id: str
    unit_key: int
    received_ms: int
    what: Any


@dataclass(frozen=True, slots=True)
class SaidReport(Said):
    """`what` is a Report. live: False for backlog."""

    live: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A message for quarantine. `code` is the end of the counter's name ingest.quarantined_…"""

    message: Incoming
    code: str
    reason: str


@dataclass(slots=True)
class Batch:
    """Messages sorted by kind, each kind in the order of arrival."""

    reports: list[SaidReport] = field(default_factory=list)
    acks: list[Said] = field(default_factory=list)
    links: list[Said] = field(default_factory=list)
    health: list[Said] = field(default_factory=list)
    results: list[Said] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def unknown_units(messages: Sequence[Incoming], registry: Registry) -> set[str]:
    """The unit_ids among the senders that the registry does not know."""
    senders = set()
    for message in messages:
        try:
            senders.add(topics.parse(message.topic)[0])
        except WireError:
            continue
    return {unit_id for unit_id in senders if registry.key(unit_id) is None}


def sort(messages: Sequence[Incoming], registry: Registry) -> Batch:
    """Decode them all; what cannot be decoded ends among the refused and disturbs no other."""
    batch = Batch()
    for message in messages:
        refused = _sort_one(message, registry, batch)
        if refused:
            batch.refused.append(refused)
    return batch


def _sort_one(message: Incoming, registry: Registry, batch: Batch) -> Refused | None:
    try:
        unit_id, kind = topics.parse(message.topic)
    except WireError as error:
        return Refused(message, "topic", str(error))
    decode = _DECODERS.get(kind)
    if decode is None:
        return Refused(message, "topic", f"units do not send on {message.topic}")
    unit_key = registry.key(unit_id)
    if unit_key is None:
        return Refused(message, "unit", f"unit {unit_id} is not registered")
    if message.payload_bytes > len(message.payload):
        return Refused(message, "size", f"{message.payload_bytes} bytes, at most {len(message.payload)} allowed")
    try:
        what = decode(message.payload)
    except WireError as error:
        return Refused(message, "wire", str(error))
    if kind in (topics.REPORT, topics.BACKLOG):
        batch.reports.append(SaidReport(unit_id, unit_key, message.received_ms, what, kind == topics.REPORT))
    else:
        _list_of(batch, kind).append(Said(unit_id, unit_key, message.received_ms, what))
    return None


def _list_of(batch: Batch, kind: str) -> list[Said]:
    lists = {
        topics.ACK: batch.acks,
        topics.LINK: batch.links,
        topics.HEALTH: batch.health,
        topics.RESULT: batch.results,
    }
    return lists[kind]
