"""What operators see of incidents, and counters."""

from fastapi import APIRouter, Query

from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import IncidentOut
from sigap_server.errors import RequestError
from sigap_server.store.incidents import list_incident_ids, load_records

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/incidents")
async def list_incidents(
    service: ServiceOf, _login: OperatorOf, open: bool = False, limit: int = Query(100, ge=1, le=1000)
) -> list[IncidentOut]:
    """The newest incidents, newest first; with `open` those that are not closed."""
    async with service.database.read() as connection:
        incident_ids = await list_incident_ids(connection, open, limit)
        records = await load_records(connection, incident_ids)
    return [IncidentOut(**service.incident(record)) for record in reversed(records)]


@router.get("/incidents/{incident_id}")
async def read_incident(incident_id: int, service: ServiceOf, _login: OperatorOf) -> IncidentOut:
    """One incident of any age."""
    record = await service.dispatcher.record(incident_id)
    if record is None:
        raise RequestError(404, "incident_unknown", "there is no such incident")
    return IncidentOut(**service.incident(record))


@router.get("/counters")
async def read_counters(service: ServiceOf, _login: OperatorOf) -> dict[str, int]:
    """What every part of the server counted since its start."""
    return service.counters.read()
