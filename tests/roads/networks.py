"""Small road networks for property tests, and a textbook search over them that shares no line with the product's."""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import strategies as st

from sigap_roads.graph import RoadGraph
from sigap_roads.places import NOWHERE, Cars, Stops
from sigap_roads.search import FULL

LAT_E7, LON_E7 = -69_175_000, 1_076_191_000


@dataclass
class Edge:
    """One directed edge of a network in the making."""

    begin: int
    end: int
    time_ms: int
    length_dm: int
    twin: int = -1
    via: tuple[tuple[int, int], ...] = ()  # points between


@dataclass
class Network:
    """Junctions at random places around Bandung, edges, and which turn costs what."""

    nodes: list[tuple[int, int]]
    edges: list[Edge]
    turns: dict[tuple[int, int], int] = field(default_factory=dict)

    def graph(self) -> RoadGraph:
        """The same as the product keeps it; see Edge.via for the shapes."""
        m = len(self.edges)
        behind, before = _lists(self.turns, m), _lists({(f, e): ms for (e, f), ms in self.turns.items()}, m)
        shapes = [[self.nodes[edge.begin], *edge.via, self.nodes[edge.end]] for edge in self.edges]
        shape = [point for points in shapes for point in points]
        i32 = np.int32
        return RoadGraph(
            node_lat_e7=np.array([lat for lat, _ in self.nodes], i32),
            node_lon_e7=np.array([lon for _, lon in self.nodes], i32),
            edge_from=np.array([edge.begin for edge in self.edges], i32),
            edge_to=np.array([edge.end for edge in self.edges], i32),
            edge_length_dm=np.array([edge.length_dm for edge in self.edges], i32),
            edge_time_ms=np.array([edge.time_ms for edge in self.edges], i32),
            edge_class=np.full(m, 6, np.uint8),
            edge_twin=np.array([edge.twin for edge in self.edges], i32),
            edge_name=np.arange(m, dtype=i32) % 3,
            edge_way=np.zeros(m, i32),
            edge_shape=np.cumsum([0, *map(len, shapes)]).astype(i32),
            shape_lat_e7=np.array([lat for lat, _ in shape], i32),
            shape_lon_e7=np.array([lon for _, lon in shape], i32),
            turn_first=behind[0],
            turn_to=behind[1],
            turn_ms=behind[2],
            into_first=before[0],
            into_from=before[1],
            into_ms=before[2],
            way_ids=np.array([1], np.int64),
            names=("", "Jalan Braga", "Jalan Asia Afrika"),
            info={},
        )


def _lists(turns: dict[tuple[int, int], int], m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    by_edge: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (edge, other), ms in turns.items():
        by_edge[edge].append((other, ms))
    first, others, costs = [0], [], []
    for edge in range(m):
        for other, ms in by_edge[edge]:
            others.append(other)
            costs.append(ms)
        first.append(len(others))
    return tuple(np.array(values, np.int32) for values in (first, others, costs))


def random_network(random: Random) -> Network:
    """2 to 14 junctions; one-ways, streets of both directions, parallel edges, loops, forbidden and expensive turns."""
    n = random.randint(2, 14)
    spread = random.choice([2_000, 60_000])
    nodes = [(LAT_E7 + random.randint(0, spread), LON_E7 + random.randint(0, spread)) for _ in range(n)]
    edges: list[Edge] = []
    for _ in range(random.randint(1, 3 * n)):
        begin, end = random.randrange(n), random.randrange(n)
        length_dm = random.choice([1, random.randint(1, 50), random.randint(100, 20_000)])
        via = tuple(
            (LAT_E7 + random.randint(0, spread), LON_E7 + random.randint(0, spread))
            for _ in range(random.choice([0, 0, 2]))
        )
        edges.append(Edge(begin, end, random.choice([1, 7, random.randint(1, 90_000)]), length_dm, via=via))
        if random.random() < 0.6:
            edges[-1].twin = len(edges)
            edges.append(Edge(end, begin, random.randint(1, 90_000), length_dm, len(edges) - 1, via[::-1]))
    network = Network(nodes, edges)
    forbidden = random.choice([0.0, 0.2, 0.5])
    for a, first in enumerate(edges):
        for b, second in enumerate(edges):
            if first.end == second.begin and random.random() >= forbidden:
                network.turns[a, b] = random.choice([0, 0, 3_000, random.randint(0, 20_000)])
    return network


def random_cars(random: Random, network: Network, n: int) -> Cars:
    """Anywhere along the edges, also at their ends; some may be on the other direction, some are off the map."""
    rows = []
    for _ in range(n):
        edge = random.randrange(len(network.edges)) if random.random() < 0.95 else NOWHERE
        along = random.choice([0, FULL, random.randint(0, FULL)])
        twin = network.edges[edge].twin if edge != NOWHERE and random.random() < 0.7 else NOWHERE
        rows.append((edge, along, twin, FULL - along, random.choice([0, 15_000])))
    return cars(rows)


def cars(rows: list[tuple[int, int, int, int, int]]) -> Cars:
    """Of (edge, along, second edge, along that, extra ms)."""
    columns = np.array(rows, np.int32).reshape(-1, 5).T.copy()
    return Cars(*columns, off_m=np.zeros(len(rows), np.float32))


def stops(rows: list[tuple[int, int, int]]) -> Stops:
    """Of (edge, along, foot ms)."""
    edge, along_q16, foot_ms = np.array(rows, np.int32).reshape(-1, 3).T.copy()
    return Stops(edge, along_q16, foot_ms, np.zeros(len(rows), np.int32), 0.0)


def random_stops(random: Random, network: Network) -> Stops:
    """One edge and often its other direction, at the same point."""
    edge = random.randrange(len(network.edges))
    along = random.choice([0, FULL, random.randint(0, FULL)])
    rows = [(edge, along, random.choice([0, 0, 12_345]))]
    if network.edges[edge].twin != NOWHERE and random.random() < 0.7:
        rows.append((network.edges[edge].twin, FULL - along, rows[0][2]))
    return stops(rows)


class Textbook:
    """Dijkstra as it stands in the book: forward from one car, over (time, length), with closures and the last walk.

    The only thing in common with the product is what times mean.
    """

    def __init__(self, network: Network, closed: list[bool], to: Stops, times_ms: list[int] | None = None) -> None:
        self._network = network
        self._closed = closed
        self._to = list(zip(to.edge.tolist(), to.along_q16.tolist(), to.foot_ms.tolist(), strict=True))
        self._times_ms = times_ms or [edge.time_ms for edge in network.edges]
        self._walks = self._walk()

    def eta(self, cars_: Cars, car: int) -> tuple[int, int] | None:
        """(milliseconds, decimetres), None if there is no way."""
        found = []
        for edge, along, extra_ms in (
            (int(cars_.edge[car]), int(cars_.along_q16[car]), 0),
            (int(cars_.second_edge[car]), int(cars_.second_along_q16[car]), int(cars_.second_extra_ms[car])),
        ):
            if edge != NOWHERE:
                found += [(extra_ms + ms, dm) for ms, dm in self._ways(edge, along)]
        return min(found, default=None)

    def _ways(self, edge: int, along: int) -> Iterator[tuple[int, int]]:
        """Every arrival of a car that is at a place on an edge."""
        ms, dm = self._along(edge, along)
        for stop, stop_along, foot_ms in self._to:
            if stop == edge and stop_along >= along:
                stop_ms, stop_dm = self._along(stop, stop_along)
                yield stop_ms - ms + foot_ms, stop_dm - dm
        whole_ms, whole_dm = self._along(edge, FULL)
        queue, seen = [(whole_ms - ms, whole_dm - dm, edge)], set()
        while queue:
            ms, dm, edge = heapq.heappop(queue)  # at the end of this edge
            if edge in seen:
                continue
            seen.add(edge)
            if self._network.edges[edge].end in self._walks:
                yield ms + self._walks[self._network.edges[edge].end], dm
            for (first, second), turn_ms in self._network.turns.items():
                if first != edge or self._closed[second]:
                    continue
                for stop, stop_along, foot_ms in self._to:
                    if stop == second:
                        stop_ms, stop_dm = self._along(stop, stop_along)
                        yield ms + turn_ms + stop_ms + foot_ms, dm + stop_dm
                next_ms, next_dm = self._along(second, FULL)
                heapq.heappush(queue, (ms + turn_ms + next_ms, dm + next_dm, second))

    def _along(self, edge: int, along: int) -> tuple[int, int]:
        """Time and length from an edge's beginning, each rounded half up."""
        return tuple(
            (2 * whole * along + FULL) // (2 * FULL)
            for whole in (self._times_ms[edge], self._network.edges[edge].length_dm)
        )

    def _walk(self) -> dict[int, int]:
        """junction → ms from there to the incident over closed edges, at 1.4 m/s, at most half an hour."""
        walks: dict[int, int] = {}
        for stop, along, foot_ms in self._to:
            if self._closed[stop]:
                edge = self._network.edges[stop]
                before_dm = self._along(stop, along)[1]
                for node, part_dm in ((edge.begin, before_dm), (edge.end, edge.length_dm - before_dm)):
                    walks[node] = min(walks.get(node, 10**9), foot_ms + round(part_dm / 10 / 1.4 * 1000))
        for _ in self._network.nodes:
            for edge, is_closed in zip(self._network.edges, self._closed, strict=True):
                for node, other in ((edge.begin, edge.end), (edge.end, edge.begin)):
                    if is_closed and walks.get(node, 10**9) <= 1_800_000:
                        ms = walks[node] + round(edge.length_dm / 10 / 1.4 * 1000)
                        walks[other] = min(walks.get(other, 10**9), ms)
        return {node: ms for node, ms in walks.items() if ms <= 1_800_000}


def drive(network: Network, times_ms: list[int], edges: tuple[int, ...], begin: int, end: int) -> int:
    """Milliseconds along a way, turn by turn; a turn that does not exist is a KeyError."""
    if len(edges) == 1:
        return _part(times_ms[edges[0]], end) - _part(times_ms[edges[0]], begin)
    total_ms = times_ms[edges[0]] - _part(times_ms[edges[0]], begin)
    total_ms += sum(times_ms[edge] for edge in edges[1:-1]) + _part(times_ms[edges[-1]], end)
    return total_ms + sum(network.turns[pair] for pair in pairwise(edges))


def _part(whole_ms: int, along: int) -> int:
    return (2 * whole_ms * along + FULL) // (2 * FULL)


seeds = st.integers(0, 2**32 - 1)
