"""What the fleet's tracks taught, and the tracks and arrivals that it is learned from and measured by."""

from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.store.models import Event, Fix, LearnedTimes
from sigap_wire.report import REASON_NO_FIX

Place = tuple[int, int]  # boot_id and seq


class TrackRow(NamedTuple):
    """Columns of models.Fix."""

    boot_id: int
    seq: int
    fix_time_s: int
    lat_e7: int
    lon_e7: int
    course_cdeg: int
    speed_cmps: int


class JourneyRow(NamedTuple):
    """An event of an order that tells of a journey; eta_s and eta_method only of an offer."""

    order_id: int
    kind: str
    time_ms: int
    eta_s: float | None
    eta_method: str | None


_PUT = sqlite.insert(LearnedTimes)
_PUT = _PUT.on_conflict_do_update(
    index_elements=["built_from"], set_={name: _PUT.excluded[name] for name in ("data", "up_to")}
)
_ORDER, _ETA, _METHOD = (func.json_extract(Event.data, f"$.{name}") for name in ("order_id", "eta_s", "eta_method"))


async def load(connection: AsyncConnection, built_from: str) -> tuple[bytes, dict[int, Place]] | None:
    """(data, up_to by unit_key) of this map, None if nothing was learned on it."""
    found = await connection.execute(
        select(LearnedTimes.data, LearnedTimes.up_to).where(LearnedTimes.built_from == built_from)
    )
    row = found.first()
    if row is None:
        return None
    return row.data, {int(unit_key): (boot_id, seq) for unit_key, (boot_id, seq) in row.up_to.items()}


async def put(connection: AsyncConnection, built_from: str, data: bytes, up_to: dict[int, Place]) -> None:
    """Keep it in place of what was there of this map."""
    places = {str(unit_key): list(place) for unit_key, place in up_to.items()}
    await connection.execute(_PUT, {"built_from": built_from, "data": data, "up_to": places})


async def track(connection: AsyncConnection, unit_key: int, since: Place | None, limit: int) -> list[TrackRow]:
    """A unit's positions from `since` on, that one too, in their order: the last `limit` of them."""
    key = tuple_(Fix.boot_id, Fix.seq)
    statement = select(*(getattr(Fix, name) for name in TrackRow._fields)).where(
        Fix.unit_key == unit_key, Fix.reason != REASON_NO_FIX
    )
    if since is not None:
        statement = statement.where(key >= since)
    rows = await connection.execute(statement.order_by(Fix.boot_id.desc(), Fix.seq.desc()).limit(limit))
    return [TrackRow._make(row) for row in rows][::-1]


async def journeys(connection: AsyncConnection, since_ms: int) -> list[JourneyRow]:
    """What was said since then of orders that were offered, accepted and came to their end, in its order."""
    kinds = ("offered", "assigned", "arrived_by_position", "on_scene")
    rows = await connection.execute(
        select(_ORDER, Event.kind, Event.time_ms, _ETA, _METHOD)
        .where(Event.kind.in_(kinds), Event.time_ms >= since_ms)
        .order_by(Event.event_id)
    )
    return [JourneyRow._make(row) for row in rows]
