"""The live feed as Server-Sent Events."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from sigap_server.access import Login
from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.service import Service

_PING_S = 15
# Who takes nothing for so long is gone; the browser connects again by itself.
_SEND_TIMEOUT_S = 10

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/live", response_class=EventSourceResponse)
async def watch(service: ServiceOf, login: OperatorOf) -> EventSourceResponse:
    """Events: `snapshot` first, and again after falling behind; `units` (that changed), `incident`, `counters`."""
    return EventSourceResponse(_events(service, login), ping=_PING_S, send_timeout=_SEND_TIMEOUT_S, sep="\n")


async def _events(service: Service, login: Login) -> AsyncIterator[ServerSentEvent]:
    live = service.live
    watcher = live.open(login.key)
    lasts_s = (login.expires_ms - service.now_ms()) / 1000
    session_ends = asyncio.get_running_loop().call_later(lasts_s, watcher.end)
    try:
        async for event in watcher.events():
            yield ServerSentEvent(event.data, event=event.name)
    finally:
        session_ends.cancel()
        live.close(watcher)
