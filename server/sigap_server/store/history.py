"""What units sent: fixes, acknowledgements, links, health, and what was refused. Every write may be repeated."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.store.models import Ack, Fix, Quarantine, Result, UnitHealth, UnitLink
from sigap_wire.ack import Ack as AckMessage
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.report import RANGES, Report
from sigap_wire.result import Result as ResultMessage

_FIX_COLUMNS = tuple(name for name, _, _ in RANGES)
_INSERT_FIX = insert(Fix).on_conflict_do_nothing()
_INSERT_ACK = insert(Ack).on_conflict_do_nothing()
_INSERT_RESULT = insert(Result).on_conflict_do_nothing()


def _but_key(new: Any) -> dict[str, Any]:
    return {column.name: column for column in new if column.name != "unit_key"}


def _put_link() -> Any:
    statement = insert(UnitLink)
    new = statement.excluded
    same_boot = UnitLink.boot_id == new.boot_id
    later = or_(
        UnitLink.boot_id < new.boot_id,
        and_(same_boot, UnitLink.connection < new.connection),
        and_(same_boot, UnitLink.connection == new.connection, UnitLink.online > new.online),
    )
    return statement.on_conflict_do_update(index_elements=["unit_key"], set_=_but_key(new), where=later)


def _put_health() -> Any:
    statement = insert(UnitHealth)
    return statement.on_conflict_do_update(index_elements=["unit_key"], set_=_but_key(statement.excluded))


_PUT_LINK = _put_link()
_PUT_HEALTH = _put_health()


def fix_rows(unit_key: int, report: Report, live: bool, received_ms: int) -> list[dict[str, Any]]:
    """The report's fixes as rows of `fix`."""
    return [
        dict(
            zip(_FIX_COLUMNS, fix.values(), strict=True),
            unit_key=unit_key,
            boot_id=report.boot_id,
            seq=report.seq + place,
            live=live,
            received_ms=received_ms,
        )
        for place, fix in enumerate(report.fixes)
    ]


async def add_fixes(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> int:
    """Store them; the number of those that were not there before."""
    return (await connection.execute(_INSERT_FIX, rows)).rowcount


async def add_ack(connection: AsyncConnection, unit_key: int, ack: AckMessage, received_ms: int) -> bool:
    """Store it; False if it was there before."""
    row = {
        "unit_key": unit_key,
        "boot_id": ack.boot_id,
        "seq": ack.seq,
        "order_id": ack.order_id,
        "revision": ack.revision,
        "kind": ack.kind,
        "ack_time_s": ack.ack_time_s,
        "received_ms": received_ms,
    }
    return (await connection.execute(_INSERT_ACK, row)).rowcount == 1


async def note_refusal(connection: AsyncConnection, unit_key: int, ack: AckMessage, why: str) -> None:
    """Say with the stored acknowledgement why dispatch did not accept it."""
    key = and_(Ack.unit_key == unit_key, Ack.boot_id == ack.boot_id, Ack.seq == ack.seq)
    await connection.execute(update(Ack).where(key).values(refused=why))


async def add_result(connection: AsyncConnection, unit_key: int, result: ResultMessage, received_ms: int) -> bool:
    """Store it; False if it was there before."""
    row = {
        "unit_key": unit_key,
        "boot_id": result.boot_id,
        "seq": result.seq,
        "subject": result.subject,
        "number": result.number,
        "outcome": result.outcome,
        "value": result.value,
        "detail": result.detail,
        "received_ms": received_ms,
    }
    return (await connection.execute(_INSERT_RESULT, row)).rowcount == 1


async def put_link(connection: AsyncConnection, unit_key: int, link: Link, received_ms: int) -> None:
    """Keep it as the unit's latest, unless a later one is there: a will may arrive after the next connection's word."""
    row = {
        "unit_key": unit_key,
        "boot_id": link.boot_id,
        "connection": link.connection,
        "online": link.online,
        "firmware": link.firmware,
        "received_ms": received_ms,
    }
    await connection.execute(_PUT_LINK, row)


async def put_health(connection: AsyncConnection, unit_key: int, health: Health, received_ms: int) -> None:
    """Keep it as the unit's latest."""
    row = {
        "unit_key": unit_key,
        "boot_id": health.boot_id,
        "uptime_s": health.uptime_s,
        "counters": health.counters,
        "received_ms": received_ms,
    }
    await connection.execute(_PUT_HEALTH, row)


async def add_quarantined(connection: AsyncConnection, rows: Sequence[dict[str, Any]], keep: int) -> None:
    """Store refused messages and drop the oldest beyond `keep`."""
    await connection.execute(insert(Quarantine), rows)
    newest = select(func.max(Quarantine.quarantine_id)).scalar_subquery()
    await connection.execute(delete(Quarantine).where(Quarantine.quarantine_id <= newest - keep))
