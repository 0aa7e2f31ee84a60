"""The server inside the test's own event loop, with a real socket for HTTP."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from sigap_server.service import Service
from sigap_server.serving import listen, serve
from tests.support.installation import OPERATOR_PASSWORD, Installation
from tests.support.waiting import eventually_async


class Running:
    """A running service and a client of its API."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service = service
        self.client = client

    async def connected(self) -> None:
        """Wait for the broker."""
        await eventually_async(lambda: self.service.link.connected, what="the server's connection to the broker")

    async def counted(self, name: str, number: int = 1) -> None:
        """Wait until a counter or gauge has reached this number."""
        await eventually_async(
            lambda: self.service.counters[name] >= number, what=f"{name} >= {number}: {self.service.counters.read()}"
        )

    async def log_in(self) -> None:
        """As the operator."""
        body = {"name": "operator", "password": OPERATOR_PASSWORD}
        assert (await self.client.post("/api/v1/session", json=body)).status_code == 204

    async def press(self, **changes: object) -> dict[str, Any]:
        """A citizen's emergency in the middle of the city, but for what is changed; what the server answers."""
        body = {"id": str(uuid.uuid4()), "kind": "emergency", "lat": -6.9, "lon": 107.6, **changes}
        answer = await self.client.post("/api/v1/alerts", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        async with self.service.database.read() as connection:
            return [tuple(row) for row in await connection.exec_driver_sql(query)]


@asynccontextmanager
async def running(installation: Installation, *, connected: bool = True) -> AsyncIterator[Running]:
    """Run the server until the block ends; with `connected` it begins when the broker knows the server's session, as
    what is published before that very first time has no reader."""
    service = Service(installation.settings)
    listener = listen(installation.settings.http)
    await service.load()
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(service, listener, stop))
    async with httpx.AsyncClient(base_url=installation.url, timeout=20) as client:
        try:
            server = Running(service, client)
            if connected:
                await server.connected()
            yield server
        finally:
            stop.set()
            has_stopped_well = await serving
    assert has_stopped_well, "the server failed while running"
