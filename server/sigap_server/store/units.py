"""Registered units, and the last that was heard of each."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.store.models import Fix, Unit, UnitLink
from sigap_wire.link import Link
from sigap_wire.report import RANGES, Report
from sigap_wire.report import Fix as FixMessage


class UnitRow(NamedTuple):
    """One unit in service."""

    unit_key: int
    unit_id: str
    callsign: str
    password_hash: str


class LastHeard(NamedTuple):
    """A unit's latest messages as they came, each with when it was received (Unix ms), None if there was none."""

    link: tuple[Link, int] | None
    report: tuple[Report, int, bool] | None


def units_in_service(unit_ids: Sequence[str] | None = None) -> Select[int, str, str, str]:
    """UnitRow of all units, or of those named, in the order of unit_id."""
    statement = (
        select(Unit.unit_key, Unit.unit_id, Unit.callsign, Unit.password_hash)
        .where(Unit.retired_ms.is_(None))
        .order_by(Unit.unit_id)
    )
    return statement if unit_ids is None else statement.where(Unit.unit_id.in_(unit_ids))


def register(connection: Connection, unit_id: str, callsign: str, password_hash: str, now_ms: int) -> UnitRow:
    """Take the unit into service, in place of an earlier registration of the same unit_id."""
    connection.execute(update(Unit).where(Unit.unit_id == unit_id, Unit.retired_ms.is_(None)).values(retired_ms=now_ms))
    unit_key = connection.scalars(
        insert(Unit)
        .values(unit_id=unit_id, callsign=callsign, password_hash=password_hash, registered_ms=now_ms)
        .returning(Unit.unit_key)
    ).one()
    return UnitRow(unit_key, unit_id, callsign, password_hash)


def list_units(connection: Connection) -> list[UnitRow]:
    """All units in service."""
    return [UnitRow._make(row) for row in connection.execute(units_in_service())]


async def newest_key(connection: AsyncConnection) -> int:
    """Grows with every registration, whoever makes it."""
    return await connection.scalar(select(func.max(Unit.unit_key))) or 0


async def last_heard(connection: AsyncConnection, unit_key: int) -> LastHeard:
    """The unit's latest link message and its latest fix by (boot_id, seq)."""
    link = await connection.execute(
        select(UnitLink.boot_id, UnitLink.connection, UnitLink.online, UnitLink.firmware, UnitLink.received_ms).where(
            UnitLink.unit_key == unit_key
        )
    )
    fix = await connection.execute(
        select(Fix).where(Fix.unit_key == unit_key).order_by(Fix.boot_id.desc(), Fix.seq.desc()).limit(1)
    )
    last_link, last_fix = link.first(), fix.mappings().first()
    return LastHeard(
        None if last_link is None else (Link(*last_link[:4]), last_link[4]),
        None if last_fix is None else (_report(last_fix), last_fix["received_ms"], last_fix["live"]),
    )


def _report(row: RowMapping) -> Report:
    return Report(row["boot_id"], row["seq"], [FixMessage(*(row[name] for name, _, _ in RANGES))])
