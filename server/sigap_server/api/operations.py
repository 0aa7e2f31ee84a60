"""What operators see: units, incidents, counters; and registering a unit."""

from fastapi import APIRouter, Query

from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import IncidentOut, UnitCredentials, UnitIn, UnitOut
from sigap_server.errors import RegistrationError, RequestError
from sigap_server.store.incidents import list_incident_ids, load_records

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/units")
async def list_units(service: ServiceOf, _login: OperatorOf) -> list[UnitOut]:
    """All units."""
    return [UnitOut(**view) for view in service.unit_views(unit.unit_id for unit in service.fleet.units())]


@router.post("/units", status_code=201)
async def add_unit(body: UnitIn, service: ServiceOf, _login: OperatorOf) -> UnitCredentials:
    """Register a unit."""
    try:
        credentials = await service.add_unit(body.unit_id, body.callsign)
    except RegistrationError as error:
        raise RequestError(422, "field_invalid", str(error), error.field) from error
    return UnitCredentials(unit_id=body.unit_id, user=credentials.user, password=credentials.password)


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
