"""Travel times by road: the fleet's positions, looked up in the travel-time field of each incident."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import structlog

from sigap_roads.closures import RoadChange, edges_of
from sigap_roads.field import Outcome, TravelTimeField
from sigap_roads.file import load
from sigap_roads.live import LiveRoads
from sigap_roads.names import PlaceNames
from sigap_roads.places import Cars
from sigap_roads.profile import profile_from
from sigap_roads.warm_up import warm_up
from sigap_server.eta import Eta, Problem, StraightLine
from sigap_server.fleet import UnitPosition
from sigap_server.store.road_changes import RoadChangeRow

log = structlog.get_logger()

# Fields of places that are asked for again and again, the open incidents: in a surge there are hundreds.
_KEPT_BYTES = 256 * 1024**2
_BYTES_PER_EDGE = 24  # a label and its places in the queue
_KEPT_LEAST = 16
_COURSE_UNKNOWN = -1
_PROBLEMS = {
    Outcome.CAR_OFF_MAP: Problem.OFF_MAP,
    Outcome.NO_WAY: Problem.NO_WAY,
    Outcome.INCIDENT_OFF_MAP: Problem.PLACE_OFF_MAP,
}


class RoadTravel:
    """Exact by the roads as they are now; where no road is near the place, by straight line, and it says so."""

    method = "road"

    def __init__(self, roads: LiveRoads, otherwise: StraightLine) -> None:
        self._roads = roads
        self._otherwise = otherwise
        self._turn_s = profile_from(roads.graph.info["profile"], "the road file").turns.u_turn_s
        bytes_each = roads.graph.edge_count * _BYTES_PER_EDGE
        self._fields_kept = max(_KEPT_LEAST, _KEPT_BYTES // max(1, bytes_each))
        self._fields: dict[tuple[int, int], TravelTimeField] = {}
        self._snapped: tuple[Sequence[UnitPosition], Cars] | None = None

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
        """See EtaMethod."""
        if not positions:
            return []
        field = self.field(lat_e7, lon_e7)
        if not field.is_on_map:
            found = self._otherwise.eta(lat_e7, lon_e7, positions)
            return [replace(eta, problem=Problem.PLACE_OFF_MAP) for eta in found]
        etas = field.etas(self._cars(positions))
        columns = zip(etas.eta_ms.tolist(), etas.length_dm.tolist(), etas.outcome.tolist(), strict=True)
        return [self._eta(eta_ms, length_dm, outcome) for eta_ms, length_dm, outcome in columns]

    def field(self, lat_e7: int, lon_e7: int) -> TravelTimeField:
        """The field of a place, as the roads are now; kept for the next question."""
        place = lat_e7, lon_e7
        field = self._fields.pop(place, None)
        if field is None or field.version != self._roads.traffic.version:
            field = self._roads.field(lat_e7, lon_e7)
        self._fields[place] = field
        if len(self._fields) > self._fields_kept:
            del self._fields[next(iter(self._fields))]
        return field

    def _cars(self, positions: Sequence[UnitPosition]) -> Cars:
        # Several incidents are weighed with the very same list, one after the other.
        if self._snapped is None or self._snapped[0] is not positions:
            self._snapped = (
                positions,
                self._roads.snap(
                    np.array([at.lat_e7 for at in positions], np.int32),
                    np.array([at.lon_e7 for at in positions], np.int32),
                    np.array(
                        [_COURSE_UNKNOWN if at.course_cdeg is None else at.course_cdeg for at in positions], np.int32
                    ),
                    np.array([at.speed_cmps for at in positions], np.int32),
                ),
            )
        return self._snapped[1]

    def _eta(self, eta_ms: int, length_dm: int, outcome: int) -> Eta:
        problem = _PROBLEMS.get(Outcome(outcome))
        if eta_ms < 0:
            return Eta(None, None, self.method, problem=problem)
        return Eta(eta_ms / 1000, length_dm / 10, self.method, self._turn_s, problem)


class CityMap:
    """A map and what holds on it now.

    travel   how long units need
    names    what people call a place
    held     the changes that hold, or held lately
    """

    def __init__(self, live: LiveRoads, straight: StraightLine) -> None:
        self.live = live
        self.travel = RoadTravel(live, straight)
        self.names = PlaceNames(live.graph)
        self.held: list[RoadChangeRow] = []

    def check(self, row: RoadChangeRow) -> None:
        """Raises RoadsError for a change that cannot be found on this map."""
        edges_of(self.live.graph, _change(row))

    def hold(self, rows: Sequence[RoadChangeRow], now_ms: int) -> None:
        """These hold and no others; each was checked."""
        self.held = list(rows)
        self.live.change([_change(row) for row in rows if row.holds(now_ms)], now_ms)


def open_map(path: Path, straight: StraightLine, utc_offset_s: int) -> CityMap:
    """The road file's map, ready to answer. Raises RoadsError, OSError."""
    city = CityMap(LiveRoads(load(path), utc_offset_s=utc_offset_s), straight)
    warm_up()  # who presses first must not wait for a compiler
    graph = city.live.graph
    log.info("roads_loaded", file=str(path), junctions=graph.node_count, edges=graph.edge_count)
    return city


def _change(row: RoadChangeRow) -> RoadChange:
    return RoadChange(row.change_id, row.factor, row.area, row.street, expires_ms=row.expires_ms)
