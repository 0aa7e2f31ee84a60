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


class SessionRow(NamedTuple):
    """A login in force: whose, and until when."""

    name: str
    expires_ms: int


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
    return None if found is None else OperatorRow._make(found)


async def add_session(
    connection: AsyncConnection, token_hash: str, operator_id: int, now_ms: int, expires_ms: int
) -> None:
    """Store a login, and drop those that ended."""
    await connection.execute(delete(Session).where(Session.expires_ms <= now_ms))
    await connection.execute(
        insert(Session).values(token_hash=token_hash, operator_id=operator_id, created_ms=now_ms, expires_ms=expires_ms)
    )


async def find_session(connection: AsyncConnection, token_hash: str, now_ms: int) -> SessionRow | None:
    """The login of this token, None if there is none or it ended."""
    row = await connection.execute(
        select(Operator.name, Session.expires_ms)
        .join(Session, Session.operator_id == Operator.operator_id)
        .where(Session.token_hash == token_hash, Session.expires_ms > now_ms)
    )
    found = row.first()
    return None if found is None else SessionRow._make(found)


async def drop_session(connection: AsyncConnection, token_hash: str) -> None:
    """End a login."""
    await connection.execute(delete(Session).where(Session.token_hash == token_hash))
