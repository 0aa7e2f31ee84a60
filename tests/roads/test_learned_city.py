"""A fleet drives through the built-in city in traffic that nobody told the profile of; its tracks tell."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from sigap_roads.city import default_city
from sigap_roads.field import Way
from sigap_roads.geometry import bearing_deg
from sigap_roads.graph import RoadGraph
from sigap_roads.learned import Learned, error_report
from sigap_roads.live import LiveRoads
from sigap_roads.search import FULL
from sigap_roads.snap import Snapper, turn_round_ms
from sigap_roads.tracks import TrackPoint, drives
from sigap_roads.traffic import Traffic
from sigap_roads.ways import RoadClass

# How many times as long as by the profile; elsewhere 1.2.
TRUTH = {RoadClass.RESIDENTIAL: 1.5, RoadClass.SECONDARY: 0.8}
EVERY_MS = 10_000
NOISE_E7 = 300  # 3 m


def true_ms(graph: RoadGraph, edge: int) -> float:
    return float(graph.edge_time_ms[edge]) * TRUTH.get(RoadClass(int(graph.edge_class[edge])), 1.2)


def turn_ms(graph: RoadGraph, edge: int, other: int) -> int:
    turns = slice(int(graph.turn_first[edge]), int(graph.turn_first[edge + 1]))
    return int(graph.turn_ms[turns][graph.turn_to[turns] == other][0])


def track(graph: RoadGraph, way: Way, random: Random) -> list[TrackPoint]:
    """What the car's unit reports every ten seconds; it waits at the end of an edge for what the turn costs."""
    points, next_ms, now_ms = [], 0.0, 0.0
    for edge, other in pairwise((*way.edges, -1)):
        begin = way.begin_q16 / FULL if not now_ms else 0.0
        driving_ms = true_ms(graph, edge) * (1 - begin)
        while next_ms < now_ms + driving_ms:
            along = begin + (next_ms - now_ms) / driving_ms * (1 - begin)
            points.append(at(graph, edge, along, round(next_ms), random))
            next_ms += EVERY_MS
        now_ms += driving_ms + (turn_ms(graph, edge, other) if other >= 0 else 0)
        next_ms = max(next_ms, now_ms)
    return points


def at(graph: RoadGraph, edge: int, along: float, now_ms: int, random: Random) -> TrackPoint:
    shape = slice(int(graph.edge_shape[edge]), int(graph.edge_shape[edge + 1]))
    lat, lon = graph.shape_lat_e7[shape], graph.shape_lon_e7[shape]
    lengths = np.hypot(np.diff(lat), np.diff(lon))
    reached = along * lengths.sum()
    piece = min(int(np.searchsorted(np.cumsum(lengths), reached)), len(lengths) - 1)
    share = (reached - lengths[:piece].sum()) / max(lengths[piece], 1)
    course = bearing_deg(lat[piece : piece + 1], lon[piece : piece + 1], lat[piece + 1 :][:1], lon[piece + 1 :][:1])[0]
    return TrackPoint(
        now_ms,
        round(lat[piece] + share * (int(lat[piece + 1]) - int(lat[piece]))) + random.randint(-NOISE_E7, NOISE_E7),
        round(lon[piece] + share * (int(lon[piece + 1]) - int(lon[piece]))) + random.randint(-NOISE_E7, NOISE_E7),
        round(course * 100) % 36_000,
        round(graph.edge_length_dm[edge] * 10_000 / true_ms(graph, edge)),
    )


def ways_through(roads: LiveRoads, n: int, random: Random) -> list[Way]:
    graph = roads.graph
    found = []
    while len(found) < n:
        begin, end = (random.randrange(graph.node_count) for _ in range(2))
        cars = roads.snap(graph.node_lat_e7[begin], graph.node_lon_e7[begin])
        field = roads.field(int(graph.node_lat_e7[end]), int(graph.node_lon_e7[end]))
        way = field.way(cars, 0)
        if way is not None and len(way.edges) > 10:
            found.append(way)
    return found


def told_and_true(graph: RoadGraph, times_ms: np.ndarray, way: Way) -> tuple[int, int]:
    turns = sum(turn_ms(graph, edge, other) for edge, other in pairwise(way.edges))
    told, true = (
        sum(map(time, way.edges)) + turns
        for time in (lambda edge: int(times_ms[edge]), lambda edge: true_ms(graph, edge))
    )
    return told, round(true)


@pytest.fixture(scope="module")
def fleet() -> tuple[LiveRoads, Learned]:
    graph = default_city()
    roads, random = LiveRoads(graph), Random(4)
    snapper, profile_times = Snapper(graph, turn_round_ms(graph)), Traffic.by_profile(graph)
    learned = Learned(str(graph.info["built_from"]))
    for way in ways_through(roads, 60, random):
        learned.add(graph, drives(snapper, profile_times, track(graph, way, random)))
    return roads, learned


def test_predictions_of_other_drives_are_off_by_less_than_half(fleet: tuple[LiveRoads, Learned]) -> None:
    roads, learned = fleet
    graph = roads.graph
    ways = ways_through(roads, 40, Random(5))
    by_profile = error_report([told_and_true(graph, graph.edge_time_ms, way) for way in ways])
    by_fleet = error_report([told_and_true(graph, learned.times_ms(graph, 72), way) for way in ways])
    assert by_fleet["n"] == by_profile["n"] == 40
    assert by_fleet["error_p50_s"] < by_profile["error_p50_s"] / 2, (by_profile, by_fleet)
    assert abs(by_fleet["ratio_p50"] - 1) < 0.1


def test_slow_and_quick_classes_are_told_apart(fleet: tuple[LiveRoads, Learned]) -> None:
    roads, learned = fleet
    graph = roads.graph
    ratio = learned.times_ms(graph, 72) / graph.edge_time_ms
    slow, quick = (np.median(ratio[graph.edge_class == road]) for road in (RoadClass.RESIDENTIAL, RoadClass.SECONDARY))
    assert slow > 1.25 > 1.1 > quick
