"""The road graph as a driver sees it: metres on a plane, the nearest street, where it goes on, the quickest way."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sigap_roads.graph import RoadGraph
from sigap_roads.profile import profile_from
from sigap_roads.ways import RoadClass
from sigap_simulator.geometry import Plane

Point = tuple[float, float]
"""(east_m, north_m) from the plane's origin."""

NO_TWIN = -1


@dataclass(frozen=True, slots=True)
class Place:
    """A point on a street, `along_m` metres from the beginning of `edge`."""

    point: Point
    edge: int
    along_m: float


@dataclass(frozen=True, slots=True)
class Approach:
    """The quickest ways to a place from everywhere.

    before_s after_s   (m,) from the beginning and from the end of every edge, infinite where there is none
    ends               edge → where to stop on it, metres from its beginning
    """

    before_s: npt.NDArray[np.float64]
    after_s: npt.NDArray[np.float64]
    ends: dict[int, float]


class Streets:
    """Drives by a RoadGraph's edges; lengths are those on the plane.

    The way to an incident is searched here by other means than the server's: cars that drive as the server expects show
    that it is right, not that both make the same mistake.

    turn_round_s   what turning round in mid-block costs
    """

    def __init__(self, graph: RoadGraph, plane: Plane) -> None:
        self.graph = graph
        self._profile = profile_from(graph.info.get("profile", {}), "the road graph")
        self.turn_round_s = self._profile.turns.u_turn_s
        east, north = plane.to_metres(
            *(axis.astype(np.float64) * 1e-7 for axis in (graph.shape_lat_e7, graph.shape_lon_e7))
        )
        self._points = np.column_stack((east, north))
        # Between the last point of an edge and the first of the next one there is no street.
        begins = np.ones(len(self._points), np.bool_)
        begins[graph.edge_shape[1:] - 1] = False
        self._begins = np.flatnonzero(begins)
        self._vectors = self._points[self._begins + 1] - self._points[self._begins]
        self._squares = np.maximum((self._vectors**2).sum(axis=1), 1e-9)
        self._halves = np.sqrt(self._squares) / 2.0
        self._middles = self._points[self._begins] + self._vectors / 2.0
        self._drawn_edge = np.searchsorted(graph.edge_shape, self._begins, side="right") - 1
        self._on_foot = graph.edge_class[self._drawn_edge] != RoadClass.MOTORWAY
        # Against the traffic: from an edge to each one that leads into it, at what driving that one and turning costs.
        self._turn_from = np.repeat(np.arange(graph.edge_count), np.diff(graph.turn_first))
        costs_ms = graph.edge_time_ms[self._turn_from].astype(np.float64) + graph.turn_ms
        shape = (graph.edge_count, graph.edge_count)
        self._shapes: dict[int, list[Point]] = {}
        self._backwards = csr_array((costs_ms, (graph.turn_to, self._turn_from)), shape=shape)

    def nearest(self, point: Point, on_foot: bool = False) -> Place:
        """The nearest place on any street, or on any but a motorway."""
        to_middle = np.hypot(self._middles[:, 0] - point[0], self._middles[:, 1] - point[1])
        if on_foot:
            to_middle = np.where(self._on_foot, to_middle, np.inf)
        # No leg is nearer than its middle less its half, and the nearest is no farther than the nearest middle.
        legs = np.flatnonzero(to_middle - self._halves <= to_middle.min() + 1e-6)
        offs = np.asarray(point) - self._points[self._begins[legs]]
        shares = np.clip((offs * self._vectors[legs]).sum(axis=1) / self._squares[legs], 0.0, 1.0)
        found = int(((offs - shares[:, None] * self._vectors[legs]) ** 2).sum(axis=1).argmin())
        leg = int(legs[found])
        east, north = self._points[self._begins[leg]] + shares[found] * self._vectors[leg]
        edge = int(self._drawn_edge[leg])
        before = self.points(edge)[: int(self._begins[leg]) - int(self.graph.edge_shape[edge]) + 1]
        along_m = sum(math.dist(a, b) for a, b in pairwise(before)) + math.dist(before[-1], (east, north))
        return Place((float(east), float(north)), edge, along_m)

    def points(self, edge: int) -> list[Point]:
        """Its shape, both ends included."""
        found = self._shapes.get(edge)
        if found is None:
            begin, end = self.graph.edge_shape[edge : edge + 2]
            found = self._shapes[edge] = [(east, north) for east, north in self._points[begin:end].tolist()]
        return found

    def length_m(self, edge: int) -> float:
        return sum(math.dist(a, b) for a, b in pairwise(self.points(edge)))

    def limit_mps(self, edge: int) -> float:
        """The speed that drivers keep to."""
        return 100.0 * float(self.graph.edge_length_dm[edge]) / float(self.graph.edge_time_ms[edge])

    def twin(self, edge: int) -> int:
        """The same carriageway the other way, or NO_TWIN."""
        return int(self.graph.edge_twin[edge])

    def may_turn_round(self, edge: int) -> bool:
        """Whether a car may turn in mid-block into the twin."""
        return self.twin(edge) != NO_TWIN and self._profile.may_turn_round(RoadClass(int(self.graph.edge_class[edge])))

    def onward(self, edge: int) -> list[tuple[int, float]]:
        """(edge, seconds that the turn costs) of every way to go on."""
        turns = slice(int(self.graph.turn_first[edge]), int(self.graph.turn_first[edge + 1]))
        costs_s = (self.graph.turn_ms[turns] * 1e-3).tolist()
        return list(zip(self.graph.turn_to[turns].tolist(), costs_s, strict=True))

    def approach(self, place: Place) -> Approach:
        """By the graph's own times. One may stop on either direction of a street."""
        ends = {place.edge: place.along_m}
        twin = self.twin(place.edge)
        if twin != NO_TWIN:
            ends[twin] = self.length_m(twin) - place.along_m
        last_ms = [self.graph.edge_time_ms[edge] * along_m / self.length_m(edge) for edge, along_m in ends.items()]
        to_ends_ms = dijkstra(self._backwards, indices=np.array(list(ends)))
        before_ms = (to_ends_ms + np.array(last_ms)[:, None]).min(axis=0)
        after_ms = np.full(self.graph.edge_count, np.inf)
        np.minimum.at(after_ms, self._turn_from, self.graph.turn_ms + before_ms[self.graph.turn_to])
        return Approach(before_ms * 1e-3, after_ms * 1e-3, ends)

    def way(self, edge: int, approach: Approach) -> list[int]:
        """The edges after `edge` to where one stops, its last one an end of the approach; empty where there is none."""
        found: list[int] = []
        while math.isfinite(approach.after_s[edge]):
            edge, _ = min(self.onward(edge), key=lambda turn: turn[1] + float(approach.before_s[turn[0]]))
            found.append(edge)
            if edge in approach.ends:
                return found
        return []
