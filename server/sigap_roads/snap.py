"""From positions to places on the road."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.graph import RoadGraph
from sigap_roads.on_foot import walk_ms
from sigap_roads.places import NOWHERE, Cars, Stops
from sigap_roads.profile import profile_from
from sigap_roads.search import FULL, Int32, fixed
from sigap_roads.street_index import ANY_COURSE, along_edge, build_index, match, piece_bearing, snap_all
from sigap_roads.ways import RoadClass

COURSE_UNKNOWN = -1
MOVING_CMPS = 100  # below, a receiver's course says nothing


@dataclass(frozen=True, slots=True)
class SnapRules:
    """How far is how far.

    car_max_m        a car that is further from every road is off the map: nobody parks further away, and beyond it is
                     the receiver or the map that is wrong
    beside_m         an incident that close to the road is at the road; beyond, the straight line is walked
    off_road_m       further away than this an incident is said to be off the road
    off_map_m        and than this it is off the map, as in the sea: nobody can say how to get there
    across_m         the other carriageway of the incident's street may be so much further away than the nearer one
    across_s         to get over the traffic from there, besides the walk
    """

    car_max_m: float = 150.0
    beside_m: float = 30.0
    off_road_m: float = 1000.0
    off_map_m: float = 5000.0
    across_m: float = 40.0
    across_s: float = 10.0


DEFAULT_RULES = SnapRules()


def turn_round_ms(graph: RoadGraph) -> Int32:
    """By ways.RoadClass, from the profile that the graph was built by: see Snapper."""
    profile = profile_from(graph.info.get("profile", {}), "the graph's profile")
    able = [profile.may_turn_round(road_class) for road_class in RoadClass]
    return np.array([round(profile.turns.u_turn_s * 1000) if may else -1 for may in able], np.int32)


class Snapper:
    """Finds places on one graph.

    turn_round_ms   by ways.RoadClass: what turning round in mid-block takes on a street of both directions, -1 where it
                    cannot be done
    """

    def __init__(self, graph: RoadGraph, turn_round_ms: Int32, rules: SnapRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._turn_round_ms = turn_round_ms
        index = build_index(graph)
        shapes = fixed(graph.shape_lat_e7), fixed(graph.shape_lon_e7)
        self._streets = (fixed(graph.edge_twin), fixed(graph.edge_class), fixed(graph.edge_name), *shapes)
        self._shape = fixed(graph.edge_shape)
        self._pieces = (index.piece_edge, index.piece_point)
        self._index: tuple[Any, ...] = (*self._pieces, index.cell_first, index.cell_piece, *index.shape)

    def cars(self, lat_e7: Int32, lon_e7: Int32, course_cdeg: Int32, speed_cmps: Int32) -> Cars:
        """Where n cars are.

        A car that moves is on the edge that fits its position and its course; the other direction of a street is a
        second place for it, after turning round. A car that stands, or whose course is -1 (not known), may point
        either way: the other direction is its second place at once, or the other carriageway if that is hardly further.
        """
        n = len(lat_e7)
        edges: npt.NDArray[np.int32] = np.full((2, n), NOWHERE, np.int32)
        along: npt.NDArray[np.int32] = np.zeros((2, n), np.int32)
        extra_ms: npt.NDArray[np.int32] = np.zeros(n, np.int32)
        off_m: npt.NDArray[np.float32] = np.full(n, np.inf, np.float32)
        course_deg = np.where((course_cdeg < 0) | (speed_cmps < MOVING_CMPS), ANY_COURSE, course_cdeg / 100)
        lat, lon = (np.ascontiguousarray(column, np.int32) for column in (lat_e7, lon_e7))
        snap_all(
            lat, lon, course_deg, self.rules.car_max_m, self._turn_round_ms, edges, along, extra_ms, off_m,
            self._shape, self._streets, self._index,
        )  # fmt: skip
        return Cars(edges[0], along[0], edges[1], along[1], extra_ms, off_m)

    def stops(self, lat_e7: int, lon_e7: int) -> Stops:
        """Where cars may stop for an incident: the nearest street in both directions, and its other carriageway."""
        rules = self.rules
        lat, lon = np.int32(lat_e7), np.int32(lon_e7)
        edge, piece, along, off_m = match(lat, lon, ANY_COURSE, rules.off_map_m, NOWHERE, *self._streets, *self._index)
        if edge == NOWHERE:
            return _stops([], float("inf"))
        off_m = float(off_m)
        foot_m = off_m if off_m > rules.beside_m else 0.0
        along_q16 = self._along(edge, piece, along)
        rows = [(edge, along_q16, walk_ms(foot_m), foot_m)]
        twin = int(self._streets[0][edge])
        if twin != NOWHERE:
            rows.append((twin, FULL - along_q16, walk_ms(foot_m), foot_m))
        else:
            back_deg = (self._bearing_deg(piece) + 180) % 360
            other, piece, along, other_m = match(
                lat, lon, back_deg, off_m + rules.across_m, edge, *self._streets, *self._index
            )
            if other != NOWHERE:
                cross_m = foot_m + max(0.0, float(other_m) - off_m)
                cross_ms = walk_ms(cross_m) + round(rules.across_s * 1000)
                rows.append((other, self._along(other, piece, along), cross_ms, cross_m))
        return _stops(rows, off_m)

    def _along(self, edge: int, piece: int, along: float) -> int:
        return int(along_edge(edge, piece, along, *self._pieces, self._shape, *self._streets[3:]))

    def _bearing_deg(self, piece: int) -> float:
        return piece_bearing(piece, self._pieces[1], *self._streets[3:])


def _stops(rows: list[tuple[int, int, int, float]], off_m: float) -> Stops:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    edge, along_q16, foot_ms, foot_m = (np.array([round(value) for value in column], np.int32) for column in columns)
    return Stops(edge, along_q16, foot_ms, foot_m, off_m)
