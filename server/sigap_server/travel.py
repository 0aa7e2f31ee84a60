"""Travel times by road: the fleet's positions, looked up in the travel-time field of each incident."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigap_roads.field import Outcome, TravelTimeField
from sigap_roads.live import LiveRoads
from sigap_roads.places import Cars
from sigap_roads.profile import profile_from
from sigap_server.eta import Eta, Problem, StraightLine
from sigap_server.fleet import UnitPosition

# Of places that are asked for again and again: the open incidents.
_FIELDS_KEPT = 64
_COURSE_UNKNOWN = -1
_PROBLEMS = {
    Outcome.CAR_OFF_MAP: Problem.OFF_MAP,
    Outcome.NO_WAY: Problem.NO_WAY,
    Outcome.INCIDENT_OFF_MAP: Problem.PLACE_OFF_MAP,
}


class RoadTravel:
    """Exact by the roads as they are now; where no road is near the place, by straight line, and it says so."""

    method = "road"
    words = "by road"

    def __init__(self, roads: LiveRoads, otherwise: StraightLine) -> None:
        self._roads = roads
        self._otherwise = otherwise
        self._turn_s = profile_from(roads.graph.info["profile"], "the road file").turns.u_turn_s
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
        if len(self._fields) > _FIELDS_KEPT:
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
