"""The server's own connections: one that writes, a few that read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from sigap_server.store import driver, schema

READERS = 4


class Database:
    """SQLite lets one connection write at a time. Writers wait their turn here, where waiting costs nothing, instead of
    in SQLite, which polls. Readers see the last committed state and wait for nobody."""

    def __init__(self, path: Path) -> None:
        self.turn = asyncio.Lock()
        url = f"sqlite+aiosqlite:///{path}"
        # Every call costs a change of threads, so the pools make none that is not needed: a block that ends has
        # committed or rolled back, and what only reads has nothing to roll back.
        options: dict[str, Any] = {
            "connect_args": {"async_creator_fn": driver.connect},
            "max_overflow": 0,
            "pool_reset_on_return": None,
            "json_serializer": to_json,
        }
        self._writer = create_async_engine(url, pool_size=1, **options)
        event.listen(self._writer.sync_engine, "connect", schema.set_pragmas)
        self._readers = create_async_engine(
            url, pool_size=READERS, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, **options
        )
        event.listen(self._readers.sync_engine, "connect", _prepare_reader)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in its turn: on the disk when the block ends, rolled back if it raises.

        Raises sqlalchemy.exc.DBAPIError when the database cannot do it.
        """
        async with self.turn, self.transaction() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """The transaction alone, for a caller who holds `turn`: from before a decision until its result is known."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees the last committed state and cannot write."""
        async with self._readers.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._readers.dispose()
        await self._writer.dispose()


def _prepare_reader(connection: object, record: object) -> None:
    schema.set_pragmas(connection, record)
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def to_json(value: object) -> str:
    """As every JSON column is written."""
    return orjson.dumps(value).decode()
