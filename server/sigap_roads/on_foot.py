"""The last part of a way that leads into closed streets."""

import heapq

import numpy as np
import numpy.typing as npt

from sigap_roads.graph import RoadGraph
from sigap_roads.places import Stops
from sigap_roads.search import part

WALK_MPS = 1.4  # a brisk walk
WALK_MAX_MS = 1_800_000  # nobody walks further than half an hour


def walk_ms(distance_m: float) -> int:
    """How long that takes on foot."""
    return round(distance_m / WALK_MPS * 1000)


def ends_on_foot(graph: RoadGraph, closed: npt.NDArray[np.bool_], stops: Stops) -> tuple[list[int], list[int]]:
    """Edges at whose end the car is left for a way along closed streets, and the milliseconds of that walk.

    For an incident on a closed edge: from it along closed edges, in either direction, to every junction within reach.
    """
    walk: dict[int, int] = {}
    queue: list[tuple[int, int]] = []
    for edge, along_q16, foot_ms in zip(stops.edge, stops.along_q16, stops.foot_ms, strict=True):
        if closed[edge]:
            length_dm = int(graph.edge_length_dm[edge])
            before_dm = int(part(length_dm, int(along_q16)))
            queue.append((int(foot_ms) + walk_ms(before_dm / 10), int(graph.edge_from[edge])))
            queue.append((int(foot_ms) + walk_ms((length_dm - before_dm) / 10), int(graph.edge_to[edge])))
    if not queue:
        return [], []
    near = _closed_by_node(graph, closed)
    heapq.heapify(queue)
    while queue:
        now_ms, node = heapq.heappop(queue)
        if node in walk or now_ms > WALK_MAX_MS:
            continue
        walk[node] = now_ms
        for other, edge_ms in near.get(node, ()):
            heapq.heappush(queue, (now_ms + edge_ms, other))
    arriving = np.flatnonzero(np.isin(graph.edge_to, np.fromiter(walk, np.int32)))
    return arriving.tolist(), [walk[node] for node in graph.edge_to[arriving].tolist()]


def _closed_by_node(graph: RoadGraph, closed: npt.NDArray[np.bool_]) -> dict[int, list[tuple[int, int]]]:
    """junction → (junction, milliseconds on foot) over the closed edges there."""
    near: dict[int, list[tuple[int, int]]] = {}
    for edge in np.flatnonzero(closed).tolist():
        begin, end = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        edge_ms = walk_ms(int(graph.edge_length_dm[edge]) / 10)
        near.setdefault(begin, []).append((end, edge_ms))
        near.setdefault(end, []).append((begin, edge_ms))
    return near
