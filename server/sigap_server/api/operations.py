"""What operators see: units, incidents, counters; registering a unit, and changing its settings."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Query

from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import ConfigIn, IncidentOut, ResultOut, UnitCredentials, UnitIn, UnitOut
from sigap_server.errors import RegistrationError, RequestError
from sigap_server.store.incidents import list_incident_ids, load_records
from sigap_server.store.units import newest_results
from sigap_wire.config import Config
from sigap_wire.result import OUTCOME_NAMES, SUBJECT_NAMES

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


@router.post("/units/{unit_id}/config", status_code=202)
async def send_config(unit_id: str, body: ConfigIn, service: ServiceOf, login: OperatorOf) -> None:
    """Change settings of a unit. Answered when the broker keeps the change for it; see the unit's results."""
    changes: dict[str, int | str] = {**body.changes}
    await service.send_config(unit_id, Config(body.revision, changes), login.name)


@router.get("/units/{unit_id}/results")
async def list_results(
    unit_id: str, service: ServiceOf, _login: OperatorOf, limit: int = Query(100, ge=1, le=1000)
) -> list[ResultOut]:
    """What became of changes, updates and orders, the latest first."""
    unit_key = service.registry.key(unit_id)
    if unit_key is None:
        raise RequestError(404, "unit_unknown", f"there is no unit {unit_id}", "unit_id")
    async with service.database.read() as connection:
        rows = await connection.execute(newest_results(unit_key).limit(limit))
        return [_result(row) for row in rows]


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


def _result(row: Sequence[Any]) -> ResultOut:
    boot_id, seq, subject, number, outcome, value, detail, received_ms = row
    return ResultOut(
        boot_id=boot_id,
        seq=seq,
        subject=SUBJECT_NAMES[subject],
        number=number,
        outcome=OUTCOME_NAMES[outcome],
        value=value,
        detail=detail,
        received_ms=received_ms,
    )


@router.get("/counters")
async def read_counters(service: ServiceOf, _login: OperatorOf) -> dict[str, int]:
    """What every part of the server counted since its start."""
    return service.counters.read()
