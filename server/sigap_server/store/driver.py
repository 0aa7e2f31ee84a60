"""aiosqlite with one change of threads for each statement.

aiosqlite runs everything in a thread of the connection's own, and SQLAlchemy asks it four things for one statement:
make a cursor, execute, fetch, close. Each is a change of threads and back, 0.1 ms when the machine is idle and much
more when it is not. Here the statement, its rows and its cursor's end are one call.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import aiosqlite

_CHUNK_ROWS = 64  # of aiosqlite's own iteration, which nobody uses here


class _Done(NamedTuple):
    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]


class _Cursor:
    """What SQLAlchemy needs of a cursor, after the fact."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._done = _Done(None, -1, None, [])

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self._done = await self._connection.run("execute", statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._done = await self._connection.run("executemany", statement, parameters)

    async def fetchall(self) -> list[Any]:
        return self._done.rows

    async def close(self) -> None:
        """It is closed since its rows were fetched."""

    @property
    def description(self) -> Any:
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid


class Connection(aiosqlite.Connection):
    """An aiosqlite connection for SQLAlchemy's dialect."""

    def cursor(self) -> Any:
        return _Cursor(self)

    async def run(self, method: str, statement: str, parameters: Sequence[Any]) -> _Done:
        """A statement from beginning to end in the connection's thread."""
        done: _Done = await self._execute(_run, self._conn, method, statement, parameters)  # type: ignore[no-untyped-call]
        return done


def _run(connection: sqlite3.Connection, method: str, statement: str, parameters: Sequence[Any]) -> _Done:
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(statement, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


def connect(database: str, **_options: object) -> Connection:
    """For `connect_args={"async_creator_fn": connect}` of an engine; to be awaited.

    A transaction begins with its first change, and at once with the right to write.
    """
    connection = Connection(lambda: sqlite3.connect(database, isolation_level="IMMEDIATE"), _CHUNK_ROWS)
    connection._thread.daemon = True
    return connection
