"""What people call a place: "Jalan Asia Afrika", and at a corner "Jalan Asia Afrika / Jalan Braga"."""

from math import cos, hypot, radians
from typing import Any

import numpy as np

from sigap_roads.geometry import METRES_PER_E7
from sigap_roads.graph import RoadGraph
from sigap_roads.search import fixed
from sigap_roads.street_index import ANY_COURSE, NONE, build_index, match

STREET_MAX_M = 500.0  # further away no street says anything about a place
CORNER_MAX_M = 30.0


class PlaceNames:
    """Finds the words on one graph; making it takes some 0.1 s for a large city."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        index = build_index(graph, graph.edge_name > 0)
        streets = fixed(graph.edge_twin), fixed(graph.edge_class), fixed(graph.edge_name)
        shapes = fixed(graph.shape_lat_e7), fixed(graph.shape_lon_e7)
        pieces = index.piece_edge, index.piece_point, index.cell_first, index.cell_piece
        self._tables: tuple[Any, ...] = (*streets, *shapes, *pieces, *index.shape)
        self._ends = np.concatenate((graph.edge_from, graph.edge_to))
        self._by_end = np.argsort(self._ends, kind="stable")
        self._ends = self._ends[self._by_end]

    def street(self, lat_e7: int, lon_e7: int) -> str:
        """The name of the nearest street that has one, "" if there is none within STREET_MAX_M."""
        edge = self._edge(lat_e7, lon_e7)
        return self._graph.name_of(edge) if edge != NONE else ""

    def words(self, lat_e7: int, lon_e7: int) -> str:
        """The street, and within CORNER_MAX_M of a corner also the one that it meets, the greatest of several."""
        edge = self._edge(lat_e7, lon_e7)
        if edge == NONE:
            return ""
        name = self._graph.name_of(edge)
        corners = (int(self._graph.edge_from[edge]), int(self._graph.edge_to[edge]))
        for corner in sorted(corners, key=lambda node: self._away_m(node, lat_e7, lon_e7)):
            if self._away_m(corner, lat_e7, lon_e7) <= CORNER_MAX_M and (other := self._other(corner, edge)):
                return f"{name} / {other}"
        return name

    def _edge(self, lat_e7: int, lon_e7: int) -> int:
        place = np.int32(lat_e7), np.int32(lon_e7)
        return int(match(*place, ANY_COURSE, STREET_MAX_M, NONE, *self._tables)[0])

    def _away_m(self, node: int, lat_e7: int, lon_e7: int) -> float:
        north = int(self._graph.node_lat_e7[node]) - lat_e7
        east = (int(self._graph.node_lon_e7[node]) - lon_e7) * cos(radians(lat_e7 / 1e7))
        return hypot(north, east) * METRES_PER_E7

    def _other(self, node: int, edge: int) -> str:
        graph = self._graph
        run = slice(*np.searchsorted(self._ends, [node, node + 1]))
        edges = self._by_end[run] % graph.edge_count
        named = {(int(graph.edge_class[e]), graph.name_of(e)) for e in edges.tolist() if graph.edge_name[e]}
        others = sorted(pair for pair in named if pair[1] != graph.name_of(edge))
        return others[0][1] if others else ""
