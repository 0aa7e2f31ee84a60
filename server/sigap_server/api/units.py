"""Units: what operators see of them, registering one, changing what it is and how it is set."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, Query

from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import ConfigIn, ResultOut, UnitChange, UnitCredentials, UnitIn, UnitOut
from sigap_server.errors import RegistrationError, RequestError
from sigap_server.store.units import newest_results
from sigap_server.traits import check_traits
from sigap_wire.config import Config
from sigap_wire.result import OUTCOME_NAMES, SUBJECT_NAMES

router = APIRouter(prefix="/api/v1/units", tags=["units"])


@router.get("")
async def list_units(service: ServiceOf, _login: OperatorOf) -> list[UnitOut]:
    """All units."""
    return [UnitOut(**view) for view in service.unit_views(unit.unit_id for unit in service.fleet.units())]


@router.post("", status_code=201)
async def add_unit(body: UnitIn, service: ServiceOf, _login: OperatorOf) -> UnitCredentials:
    """Register a unit."""
    with _naming_the_field():
        traits = check_traits(body.kind, body.skills, body.agency, body.sector)
        credentials = await service.add_unit(body.unit_id, body.callsign, traits)
    return UnitCredentials(unit_id=body.unit_id, user=credentials.user, password=credentials.password)


@router.patch("/{unit_id}")
async def change_unit(unit_id: str, body: UnitChange, service: ServiceOf, login: OperatorOf) -> UnitOut:
    """Change what a unit is called or can do, or whether it may be asked. What is left out stays as it is."""
    if service.registry.key(unit_id) is None:
        raise RequestError(404, "unit_unknown", f"there is no unit {unit_id}", "unit_id")
    with _naming_the_field():
        await service.change_unit(unit_id, body.model_dump(exclude_none=True), login.name)
    return UnitOut(**service.unit_views([unit_id])[0])


@router.post("/{unit_id}/config", status_code=202)
async def send_config(unit_id: str, body: ConfigIn, service: ServiceOf, login: OperatorOf) -> None:
    """Change settings of a unit. Answered when the broker keeps the change for it; see the unit's results."""
    changes: dict[str, int | str] = {**body.changes}
    await service.send_config(unit_id, Config(body.revision, changes), login.name)


@router.get("/{unit_id}/results")
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


@contextmanager
def _naming_the_field() -> Iterator[None]:
    try:
        yield
    except RegistrationError as error:
        raise RequestError(422, "field_invalid", str(error), error.field) from error


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
