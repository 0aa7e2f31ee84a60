"""Roads that operators closed or slowed, kept for good: a decision of last year was made on them."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.store.models import RoadChange


class RoadChangeRow(NamedTuple):
    """The columns of models.RoadChange."""

    change_id: int
    factor: float | None
    area: dict[str, Any] | None
    street: str | None
    reason: str
    actor: str
    created_ms: int
    expires_ms: int | None
    ended_ms: int | None
    ended_by: str | None

    def holds(self, now_ms: int) -> bool:
        """Whether it is in force."""
        return self.ended_ms is None and (self.expires_ms is None or now_ms < self.expires_ms)


_COLUMNS = select(*(getattr(RoadChange, name) for name in RoadChangeRow._fields))


async def add(connection: AsyncConnection, **values: Any) -> int:
    """Store a new one; its change_id."""
    return (await connection.scalars(insert(RoadChange).values(**values).returning(RoadChange.change_id))).one()


async def end(connection: AsyncConnection, change_id: int, now_ms: int, actor: str) -> bool:
    """Take one back; False if there is none of this number in force."""
    done = await connection.execute(
        update(RoadChange)
        .where(
            RoadChange.change_id == change_id,
            RoadChange.ended_ms.is_(None),
            RoadChange.expires_ms.is_(None) | (RoadChange.expires_ms > now_ms),
        )
        .values(ended_ms=now_ms, ended_by=actor)
    )
    return done.rowcount == 1


async def in_force(connection: AsyncConnection, now_ms: int) -> list[RoadChangeRow]:
    """Those in force, in the order in which they were made."""
    rows = await connection.execute(_COLUMNS.where(RoadChange.ended_ms.is_(None)).order_by(RoadChange.change_id))
    found = [RoadChangeRow._make(row) for row in rows]
    return [row for row in found if row.holds(now_ms)]


async def newest(connection: AsyncConnection, limit: int) -> list[RoadChangeRow]:
    """The last that were made, in force or not, newest first."""
    rows = await connection.execute(_COLUMNS.order_by(RoadChange.change_id.desc()).limit(limit))
    return [RoadChangeRow._make(row) for row in rows]
