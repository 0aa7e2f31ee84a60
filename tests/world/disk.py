"""The database of a simulated server: real SQLite with real transactions, without threads, and with bad days.

What a crash leaves is what was committed. Faults come at the moments at which the real server waits for its disk:
before and after each of them it may crash, be told of an error, or wait long.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, pool
from sqlalchemy.exc import OperationalError

from sigap_server.store import schema
from sigap_server.store.database import to_json

Point = Callable[[str], Awaitable[None]]


class Disk:
    """One file, used again for one world after the other. Engines outlive worlds, as they know statements by heart."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sigap.db"
        self._template = folder / "template.db"
        self._engines = self._engine(autocommit=False), self._engine(autocommit=True)
        if not self._template.exists():
            schema.upgrade(self._template)

    def begin(self, units: int) -> None:
        """A new database with units u-1, u-2 …"""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._template, self.path)
        connection = self.open()
        connection.executemany(
            "INSERT INTO unit (unit_id, callsign, password_hash, registered_ms) VALUES (?, ?, '', 0)",
            [(f"u-{number}", f"U-{number}") for number in range(1, units + 1)],
        )
        connection.close()

    def open(self) -> sqlite3.Connection:
        """A connection that sees what is committed."""
        return sqlite3.connect(self.path, isolation_level=None)

    def connect(self, point: Point, committed: Callable[[], None]) -> "Database":
        """The connections of one life of a server."""
        writer, reader = (engine.connect() for engine in self._engines)
        return Database(writer, reader, point, committed)

    def _engine(self, autocommit: bool) -> Engine:
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
        engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=pool.NullPool, json_serializer=to_json, **options
        )
        if not autocommit:
            event.listen(engine, "begin", schema.begin_immediate)
        return engine

    def _connect(self) -> sqlite3.Connection:
        connection = self.open()
        connection.execute("PRAGMA foreign_keys=ON")
        # Worlds end with their process: what only a power cut could lose need not be waited for.
        connection.execute("PRAGMA synchronous=OFF")
        return connection


class Database:
    """In the place of sigap_server.store.database.Database."""

    def __init__(self, writer: Connection, reader: Connection, point: Point, committed: Callable[[], None]) -> None:
        self.turn = asyncio.Lock()
        self._writer = writer
        self._reader = reader
        self._point = point
        self._committed = committed
        self.is_open = True

    @asynccontextmanager
    async def write(self) -> AsyncIterator["Statements"]:
        async with self.turn, self.transaction() as statements:
            yield statements

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Statements"]:
        await self._point("begin")
        transaction = self._writer.begin()
        try:
            yield Statements(self._writer, self._point)
            await self._point("commit")
        except BaseException:
            if self.is_open:
                transaction.rollback()
            raise
        transaction.commit()
        self._committed()
        await self._point("committed")

    @asynccontextmanager
    async def read(self) -> AsyncIterator["Statements"]:
        await self._point("read")
        yield Statements(self._reader, self._point)

    async def close(self) -> None:
        self.crash()

    def crash(self) -> None:
        """What is not committed is gone."""
        if self.is_open:
            self.is_open = False
            self._writer.close()
            self._reader.close()


class Statements:
    """In the place of sqlalchemy.ext.asyncio.AsyncConnection."""

    def __init__(self, connection: Connection, point: Point) -> None:
        self._connection = connection
        self._point = point

    async def execute(self, *arguments: Any) -> Any:
        await self._point("execute")
        return self._connection.execute(*arguments)

    async def scalar(self, *arguments: Any) -> Any:
        await self._point("execute")
        return self._connection.scalar(*arguments)

    async def scalars(self, *arguments: Any) -> Any:
        await self._point("execute")
        return self._connection.scalars(*arguments)


def disk_error() -> OperationalError:
    """What SQLAlchemy raises when the disk does not do it."""
    return OperationalError("(simulated)", {}, sqlite3.OperationalError("disk I/O error"))
