"""The demo as a client of the server's own HTTP API: log in, follow the live feed, read incidents."""

from collections.abc import AsyncIterator
from typing import Any, Self

import httpx
import orjson
from httpx_sse import aconnect_sse

from sigap_server.errors import SigapError


class Console:
    """An operator's session with the server; an async context manager."""

    def __init__(self, base_url: str, name: str, password: str) -> None:
        self._login = {"name": name, "password": password}
        # A server closes an idle connection after five seconds: one that old is not used again, just when it does.
        limits = httpx.Limits(keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=10.0, trust_env=False, limits=limits)

    async def __aenter__(self) -> Self:
        answer = await self._http.post("/api/v1/session", json=self._login)
        answer.raise_for_status()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Any:
        """The JSON under /api/v1. Raises httpx.HTTPStatusError."""
        answer = await self._http.get(f"/api/v1/{path}")
        answer.raise_for_status()
        return answer.json()

    async def live(self) -> AsyncIterator[tuple[str, Any]]:
        """(event, data) of the live feed, a snapshot first; ends when the server closes the stream."""
        timeout = httpx.Timeout(10.0, read=60.0)
        async with aconnect_sse(self._http, "GET", "/api/v1/live", timeout=timeout) as source:
            async for event in source.aiter_sse():
                yield event.event, orjson.loads(event.data)


async def press(base_url: str, alert: dict[str, Any]) -> dict[str, Any]:
    """Press the button as the citizen's page does: POST one alert. Raises SigapError with the server's reason."""
    async with httpx.AsyncClient(base_url=base_url, timeout=10.0, trust_env=False) as http:
        answer = await http.post("/api/v1/alerts", json=alert)
    if answer.status_code not in (200, 201):
        raise SigapError(f"the server refused the alert ({answer.status_code}): {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
