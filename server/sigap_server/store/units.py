"""Registered units, and the last that was heard of each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.fleet import Duty
from sigap_server.store.models import Ack, Fix, Result, Unit, UnitLink
from sigap_server.traits import Traits
from sigap_wire.ack import EMERGENCY
from sigap_wire.ack import Ack as AckMessage
from sigap_wire.link import Link
from sigap_wire.report import RANGES, Report
from sigap_wire.report import Fix as FixMessage
from sigap_wire.result import SUBJECT_CONNECTION
from sigap_wire.result import Result as ResultMessage


class UnitRow(NamedTuple):
    """One unit in service."""

    unit_key: int
    unit_id: str
    callsign: str
    password_hash: str
    kind: str
    skills: list[str]
    agency: str
    sector: str
    duty: str
    duty_ms: int | None

    @property
    def traits(self) -> Traits:
        """As the fleet has them."""
        return Traits(self.kind, frozenset(self.skills), self.agency, self.sector)


class LastHeard(NamedTuple):
    """A unit's latest messages as they came, each with when it was received (Unix ms), None if there was none.

    reports   the latest fix, and before it the latest that was one, if that is another
    """

    link: tuple[Link, int] | None
    reports: tuple[tuple[Report, int, bool], ...]
    distress: tuple[AckMessage, int] | None
    result: tuple[ResultMessage, int] | None


def units_in_service(unit_ids: Sequence[str] | None = None) -> Select[Any]:
    """UnitRow of all units, or of those named, in the order of unit_id."""
    statement = (
        select(*(getattr(Unit, name) for name in UnitRow._fields))
        .where(Unit.retired_ms.is_(None))
        .order_by(Unit.unit_id)
    )
    return statement if unit_ids is None else statement.where(Unit.unit_id.in_(unit_ids))


def register(
    connection: Connection, unit_id: str, callsign: str, password_hash: str, traits: Traits, now_ms: int
) -> None:
    """Take the unit into service, in place of an earlier registration of the same unit_id."""
    connection.execute(update(Unit).where(Unit.unit_id == unit_id, Unit.retired_ms.is_(None)).values(retired_ms=now_ms))
    connection.execute(
        insert(Unit).values(
            unit_id=unit_id,
            callsign=callsign,
            password_hash=password_hash,
            registered_ms=now_ms,
            **_plain(traits),
        )
    )


async def describe(connection: AsyncConnection, unit_key: int, callsign: str, traits: Traits) -> None:
    """Change what people call the unit and what it is for."""
    await connection.execute(update(Unit).where(Unit.unit_key == unit_key).values(callsign=callsign, **_plain(traits)))


async def set_duty(connection: AsyncConnection, unit_key: int, duty: Duty, since_ms: int) -> None:
    """Change whether the unit may be asked."""
    await connection.execute(update(Unit).where(Unit.unit_key == unit_key).values(duty=duty.value, duty_ms=since_ms))


def _plain(traits: Traits) -> dict[str, Any]:
    return {
        "kind": traits.kind,
        "skills": sorted(traits.skills),
        "agency": traits.agency,
        "sector": traits.sector,
    }


def list_units(connection: Connection) -> list[UnitRow]:
    """All units in service."""
    return [UnitRow._make(row) for row in connection.execute(units_in_service())]


_NEWEST_KEY = select(func.max(Unit.unit_key))  # asked every second: to make the statement costs more than to run it


async def newest_key(connection: AsyncConnection) -> int:
    """Grows with every registration, whoever makes it."""
    return await connection.scalar(_NEWEST_KEY) or 0


async def last_heard(connection: AsyncConnection, unit_key: int) -> LastHeard:
    """The unit's latest link message, and the latest of its other messages by (boot_id, seq)."""
    link = await connection.execute(
        select(UnitLink.boot_id, UnitLink.connection, UnitLink.online, UnitLink.firmware, UnitLink.received_ms).where(
            UnitLink.unit_key == unit_key
        )
    )
    last_link = link.first()
    return LastHeard(
        None if last_link is None else (Link(*last_link[:4]), last_link[4]),
        await _last_reports(connection, unit_key),
        await _last_distress(connection, unit_key),
        await _last_result(connection, unit_key),
    )


async def _last_reports(connection: AsyncConnection, unit_key: int) -> tuple[tuple[Report, int, bool], ...]:
    newest = select(Fix).where(Fix.unit_key == unit_key).order_by(Fix.boot_id.desc(), Fix.seq.desc()).limit(1)
    rows = [(await connection.execute(newest)).mappings().first()]
    if rows[0] is not None and rows[0]["quality"] == 0:
        rows.insert(0, (await connection.execute(newest.where(Fix.quality > 0))).mappings().first())
    return tuple((_report(row), row["received_ms"], row["live"]) for row in rows if row is not None)


def _report(row: RowMapping) -> Report:
    return Report(row["boot_id"], row["seq"], [FixMessage(*(row[name] for name, _, _ in RANGES))])


async def _last_distress(connection: AsyncConnection, unit_key: int) -> tuple[AckMessage, int] | None:
    rows = await connection.execute(
        select(Ack.boot_id, Ack.seq, Ack.order_id, Ack.revision, Ack.kind, Ack.ack_time_s, Ack.received_ms)
        .where(Ack.unit_key == unit_key, Ack.kind >= EMERGENCY)
        .order_by(Ack.boot_id.desc(), Ack.seq.desc())
        .limit(1)
    )
    row = rows.first()
    return None if row is None else (AckMessage(*row[:6]), row[6])


async def _last_result(connection: AsyncConnection, unit_key: int) -> tuple[ResultMessage, int] | None:
    answers = newest_results(unit_key).where(Result.subject != SUBJECT_CONNECTION)
    rows = await connection.execute(answers.limit(1))
    row = rows.first()
    return None if row is None else (ResultMessage(*row[:7]), row[7])


def newest_results(unit_key: int) -> Select[int, int, int, int, int, int, str, int]:
    """The fields of Result in their order and when it was received, the latest by (boot_id, seq) first."""
    return (
        select(
            Result.boot_id,
            Result.seq,
            Result.subject,
            Result.number,
            Result.outcome,
            Result.value,
            Result.detail,
            Result.received_ms,
        )
        .where(Result.unit_key == unit_key)
        .order_by(Result.boot_id.desc(), Result.seq.desc())
    )
