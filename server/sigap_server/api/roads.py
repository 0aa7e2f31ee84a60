"""Roads that operators close and slow, and travel times on the map."""

from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import Body
from sigap_server.dispatch.events import operator_actor
from sigap_server.dispatch.inputs import FleetChanged
from sigap_server.service import Service
from sigap_server.store import road_changes
from sigap_server.store.road_changes import RoadChangeRow

router = APIRouter(prefix="/api/v1/roads", tags=["roads"])

_REPORTED_MS = 30 * 86_400_000


class RoadChangeIn(Body):
    """Either `area` or `street` says where."""

    factor: float | None = Field(
        None, ge=1, le=20, description="travel times are multiplied by it; null closes the roads"
    )
    area: dict[str, Any] | None = Field(None, description="GeoJSON Polygon or MultiPolygon")
    street: str | None = Field(None, max_length=200, description="a street's name, all of it")
    reason: str = Field(max_length=200)
    expires_ms: int | None = Field(None, description="it holds until then; null: until it is taken back")


class RoadChangeOut(BaseModel):
    """`in_force`: now. `ended_ms`: when an operator took it back."""

    change_id: int
    factor: float | None
    area: dict[str, Any] | None
    street: str | None
    reason: str
    actor: str
    created_ms: int
    expires_ms: int | None
    ended_ms: int | None
    ended_by: str | None
    in_force: bool


class PredictionsOut(BaseModel):
    """How good n predictions were; the rest is null for n = 0.

    `late_…`: quantiles of actual minus predicted, `error_…` of its amount, seconds. `ratio_p50`: actual to predicted.
    """

    n: int
    late_p10_s: float | None = None
    late_p50_s: float | None = None
    late_p90_s: float | None = None
    error_p50_s: float | None = None
    error_p90_s: float | None = None
    ratio_p50: float | None = None


class LearnedClassOut(BaseModel):
    """`ratio`: the median of observed to the road file's times, in all hours, before it is bounded."""

    drives: int
    ratio: float


class TravelTimesOut(BaseModel):
    """`learn`: whether the server learns and uses what it learned; if not, only `journeys` is filled.

    `drives` were counted, on `edges` roads enough to know each by itself; `classes`: those with enough drives.
    `journeys`: of the last 30 days, by road: promised at the offer, and from the acceptance to the arrival.
    `by_profile`, `by_fleet`: the last drives between two fixes, since the start: predicted by the road file alone, and
    by what was used before each.
    """

    learn: bool
    drives: int = 0
    edges: int = 0
    classes: dict[str, LearnedClassOut] = {}
    journeys: PredictionsOut
    by_profile: PredictionsOut = PredictionsOut(n=0)
    by_fleet: PredictionsOut = PredictionsOut(n=0)


@router.get("/changes")
async def list_changes(
    service: ServiceOf, _login: OperatorOf, limit: int = Query(100, ge=1, le=1000)
) -> list[RoadChangeOut]:
    """The last that were made, newest first."""
    async with service.database.read() as connection:
        rows = await road_changes.newest(connection, limit)
    return [_out(row, service) for row in rows]


@router.post("/changes", status_code=201)
async def change_roads(body: RoadChangeIn, service: ServiceOf, login: OperatorOf) -> RoadChangeOut:
    """Close or slow roads."""
    row = await service.roads.change({**body.model_dump(), "actor": operator_actor(login.name)}, service.now_ms())
    await service.dispatcher.tell(FleetChanged())
    return _out(row, service)


@router.delete("/changes/{change_id}", status_code=204)
async def restore_roads(change_id: int, service: ServiceOf, login: OperatorOf) -> None:
    """Take a change back."""
    await service.roads.restore(change_id, service.now_ms(), operator_actor(login.name))
    await service.dispatcher.tell(FleetChanged())


@router.get("/travel-times")
async def read_travel_times(service: ServiceOf, _login: OperatorOf) -> TravelTimesOut:
    """What was learned of travel times, and how far predictions were off. Without a map: no_roads."""
    return TravelTimesOut(**await service.roads.report(service.now_ms() - _REPORTED_MS))


def _out(row: RoadChangeRow, service: Service) -> RoadChangeOut:
    return RoadChangeOut(**row._asdict(), in_force=row.holds(service.now_ms()))
