"""Operators and their logins."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.store.models import Operator, Session


class OperatorRow(NamedTuple):
    """One who may log in."""

    operator_id: int
    name: str
    password_hash: str


def add_operator(connection: Connection, name: str, password_hash: str, now_ms: int) -> None:
    """Raises sqlalchemy.exc.IntegrityError if the name is taken."""
    connection.execute(insert(Operator).values(name=name, password_hash=password_hash, created_ms=now_ms))


def count_operators(connection: Connection) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).select_from(Operator)) or 0


async def find_operator(connection: AsyncConnection, name: str) -> OperatorRow | None:
    """The operator of this name."""
    row = await connection.execute(
        select(Operator.operator_id, Operator.name, Operator.password_hash).where(Operator.name == name)
    )
    found = row.first()
    return None if found is None else OperatorRow(*found)


async def add_session(
    connection: AsyncConnection, token_hash: str, operator_id: int, now_ms: int, expires_ms: int
) -> None:
    """Store a login, and drop those that ended."""
    await connection.execute(delete(Session).where(Session.expires_ms <= now_ms))
    await connection.execute(
        insert(Session).values(token_hash=token_hash, operator_id=operator_id, created_ms=now_ms, expires_ms=expires_ms)
    )


async def find_session(connection: AsyncConnection, token_hash: str, now_ms: int) -> str | None:
    """The name of the operator whose login this is, None if there is none or it ended."""
    return await connection.scalar(
        select(Operator.name)
        .join(Session, Session.operator_id == Operator.operator_id)
        .where(Session.token_hash == token_hash, Session.expires_ms > now_ms)
    )


async def drop_session(connection: AsyncConnection, token_hash: str) -> None:
    """End a login."""
    await connection.execute(delete(Session).where(Session.token_hash == token_hash))
