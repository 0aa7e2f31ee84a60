"""Whether the server works."""

from functools import cache
from importlib import metadata

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sigap_server.api.context import ServiceOf
from sigap_server.api.shapes import StatusOut
from sigap_server.service import Service

router = APIRouter(prefix="/api/v1", tags=["status"])


@router.get("/status", responses={503: {"model": StatusOut}})
async def read_status(service: ServiceOf, response: Response) -> StatusOut:
    """503 while the database is away: then no alert can be taken."""
    database = "ok" if await _can_read(service) else "unavailable"
    broker = "connected" if service.link.connected else "disconnected"
    is_ok = database == "ok" and broker == "connected"
    response.status_code = 200 if database == "ok" else 503
    return StatusOut(status="ok" if is_ok else "degraded", version=version(), broker=broker, database=database)


@cache
def version() -> str:
    """Sigap's version."""
    return metadata.version("sigap")


async def _can_read(service: Service) -> bool:
    try:
        async with service.database.read() as connection:
            await connection.execute(text("SELECT 1 FROM unit LIMIT 1"))
    except DBAPIError:
        return False
    return True
