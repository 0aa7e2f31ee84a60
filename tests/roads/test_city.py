"""The built-in city: the same for the same seed, connected, with one-way streets, a river that has to be got across."""

import math
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sigap_roads.city import CityPlan, default_city, draw_city, make_city
from sigap_roads.live import LiveRoads
from sigap_roads.ways import Obstacle, RoadClass, Way, Ways
from tests.roads.city_picture import PICTURE, drawn_from

SEEDS = range(1, 7)
Place = tuple[int, int]


@cache
def city(seed: int = 1) -> CityPlan:
    return draw_city(seed)


def distance_m(a: Place, b: Place) -> float:
    lat_m = (a[0] - b[0]) * 0.0111195
    return math.hypot(lat_m, (a[1] - b[1]) * 0.0111195 * math.cos(math.radians(a[0] * 1e-7)))


def length_m(ways: Ways, way: Way) -> float:
    return sum(distance_m(ways.nodes[a], ways.nodes[b]) for a, b in pairwise(way.node_ids))


def steps(way: Way) -> Iterator[tuple[int, int]]:
    for a, b in pairwise(way.node_ids):
        yield a, b
        if not way.oneway:
            yield b, a


def reached(ways: Ways, backwards: bool) -> set[int]:
    """The nodes from which one gets to the first one, or to which one gets from it."""
    after: dict[int, list[int]] = defaultdict(list)
    for way in ways.ways:
        for a, b in steps(way):
            if backwards:
                a, b = b, a
            after[a].append(b)
    start = ways.ways[0].node_ids[0]
    found, todo = {start}, [start]
    while todo:
        for node in after[todo.pop()]:
            if node not in found:
                found.add(node)
                todo.append(node)
    return found


def test_the_same_seed_draws_the_same_city_in_any_process() -> None:
    here, other = make_city(3), make_city(4)
    program = "import sys; from sigap_roads.city import make_city; sys.stdout.write(repr(make_city(3)))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    assert there.stdout == repr(here).encode() != repr(other).encode()


def test_a_size_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match="'huge': expected one of default, large"):
        make_city(1, "huge")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_place_can_be_reached_from_every_other(seed: int) -> None:
    ways = city(seed).ways
    nodes = {node for way in ways.ways for node in way.node_ids}
    assert nodes == set(ways.nodes)
    assert reached(ways, backwards=False) == reached(ways, backwards=True) == nodes


@pytest.mark.parametrize("seed", SEEDS)
def test_it_has_the_make_up_of_a_city(seed: int) -> None:
    ways = city(seed).ways
    by_class: dict[RoadClass, float] = defaultdict(float)
    one_way_m = 0.0
    for way in ways.ways:
        by_class[way.road_class] += length_m(ways, way)
        one_way_m += length_m(ways, way) if way.oneway else 0.0
        assert all(a != b for a, b in pairwise(way.node_ids))
    whole_m = sum(by_class.values())
    assert 700_000 < whole_m < 1_100_000
    assert 0.2 < one_way_m / whole_m < 0.4
    assert by_class[RoadClass.PRIMARY] > 50_000
    assert by_class[RoadClass.MOTORWAY] > 8_000
    assert 0.5 < (by_class[RoadClass.RESIDENTIAL] + by_class[RoadClass.LIVING_STREET]) / whole_m < 0.8
    ends: dict[int, int] = defaultdict(int)
    for way in ways.ways:
        for index, node in enumerate(way.node_ids):
            ends[node] += 1 + (0 < index < len(way.node_ids) - 1)
    assert 4_000 < sum(count != 2 for count in ends.values()) < 8_000, "junctions and dead ends"
    assert 0.1 < sum(count == 1 for count in ends.values()) / sum(count != 2 for count in ends.values()) < 0.4
    kinds = list(ways.obstacles.values())
    assert kinds.count(Obstacle.SIGNALS) >= 40
    assert kinds.count(Obstacle.LEVEL_CROSSING) >= 2
    assert kinds.count(Obstacle.BARRIER) >= 5
    assert sum(way.is_roundabout for way in ways.ways) >= 1
    lats, lons = zip(*ways.nodes.values(), strict=True)
    assert 8_000 < (max(lats) - min(lats)) * 0.0111195 < 12_500
    assert 8_000 < (max(lons) - min(lons)) * 0.0111195 < 12_500


def crossings(ways: Ways, line: list[Place]) -> int:
    """How many places a line is crossed at; carriageways of one road count once."""

    legs = np.array([(ways.nodes[a], ways.nodes[b]) for way in ways.ways for a, b in pairwise(way.node_ids)])
    north = legs[:, :, 0] > np.interp(legs[:, :, 1], [lon for _, lon in line], [lat for lat, _ in line])
    lons = sorted(legs[north[:, 0] != north[:, 1], 0, 1].tolist())
    return sum(not index or lon - lons[index - 1] > 10_000 for index, lon in enumerate(lons))


@pytest.mark.parametrize("seed", SEEDS)
def test_few_bridges_cross_the_river_and_few_roads_the_railway(seed: int) -> None:
    plan = city(seed)
    assert 4 <= crossings(plan.ways, plan.rivers[0]) <= 11
    assert 4 <= crossings(plan.ways, plan.railways[0]) <= 20


def test_across_the_river_is_a_detour() -> None:
    """Between places a few hundred metres apart the way is much longer where the river lies between them."""
    plan = city()
    ways, river = plan.ways, plan.rivers[0]
    ids = sorted(ways.nodes)
    index = {node: at for at, node in enumerate(ids)}
    legs = [(index[a], index[b], distance_m(ways.nodes[a], ways.nodes[b])) for way in ways.ways for a, b in steps(way)]
    rows, columns, metres = zip(*legs, strict=True)
    net = coo_array((metres, (rows, columns)), shape=(len(ids), len(ids))).tocsr()
    places = np.array([ways.nodes[node] for node in ids])
    north = places[:, 0] > np.interp(places[:, 1], [lon for _, lon in river], [lat for lat, _ in river])
    detours: dict[bool, list[float]] = {True: [], False: []}
    from_river_m = np.abs(places[:, 0] - np.interp(places[:, 1], [p[1] for p in river], [p[0] for p in river])) * 0.0111
    near = np.flatnonzero(from_river_m < 200.0)[::12]
    for start, ways_m in zip(near, dijkstra(net, indices=near, limit=9000.0), strict=True):
        apart_m = np.hypot(*((places - places[start]) * 0.0111195).T)
        for across in (True, False):
            others = np.flatnonzero((apart_m > 250.0) & (apart_m < 500.0) & ((north != north[start]) == across))
            detours[across] += (np.minimum(ways_m[others], 9000.0) / apart_m[others]).tolist()
    assert len(detours[True]) > 100
    assert float(np.median(detours[True])) > 1.5 * float(np.median(detours[False]))


@pytest.mark.parametrize("seed", SEEDS)
def test_streets_are_named_and_a_name_means_one_street(seed: int) -> None:
    ways = city(seed).ways
    where: dict[str, list[Place]] = defaultdict(list)
    unnamed_m = 0.0
    for way in ways.ways:
        where[way.name] += [ways.nodes[way.node_ids[0]], ways.nodes[way.node_ids[-1]]]
        unnamed_m += 0.0 if way.name else length_m(ways, way)
        assert way.name or way.is_link
        assert len(way.name.encode()) <= 48
    assert unnamed_m < 10_000
    del where[""]
    assert len(where) > 1_500
    great = {way.name for way in ways.ways if way.road_class <= RoadClass.SECONDARY}
    for name, places in where.items():
        assert name.startswith(("Jalan ", "Gang ", "Bundaran "))
        if name not in great:
            lats, lons = zip(*places, strict=True)
            across_m = distance_m((min(lats), min(lons)), (max(lats), max(lons)))
            assert across_m < 2_800, f"{name} is in places {across_m:.0f} m apart"


@pytest.mark.parametrize("seed", SEEDS)
def test_forbidden_turns_are_turns_that_there_are(seed: int) -> None:
    ways = city(seed).ways
    by_id = {way.way_id: way for way in ways.ways}
    assert len(by_id) == len(ways.ways)
    assert sum(not turn.via_is_way for turn in ways.restrictions) >= 8
    assert sum(turn.via_is_way for turn in ways.restrictions) >= 4
    for turn in ways.restrictions:
        before, after = by_id[turn.from_way], by_id[turn.to_way]
        passed = [before, *(by_id[way] for way in turn.via if turn.via_is_way), after]
        for one, other in pairwise(passed):
            shared = {one.node_ids[-1], one.node_ids[0]} & {other.node_ids[0], other.node_ids[-1]}
            assert shared
            assert turn.via_is_way or turn.via[0] in shared
        assert not before.oneway or before.node_ids[-1] in passed[1].node_ids
        assert not after.oneway or after.node_ids[0] in passed[-2].node_ids


@pytest.mark.parametrize("seed", [1, 2])
def test_the_straight_line_picks_the_wrong_car_as_often_as_in_a_real_city(seed: int) -> None:
    """27 to 36 % on a real city's full net, with 40 and 200 cars."""
    graph = default_city(seed)
    live = LiveRoads(graph)
    random = np.random.default_rng(5)
    wrong, lost_min, alerts = 0, [], 120
    for _ in range(alerts):
        begin = graph.edge_shape[random.integers(0, graph.edge_count, 40)]
        lat, lon = (axis.astype(np.int64) for axis in (graph.shape_lat_e7, graph.shape_lon_e7))
        course_deg = np.degrees(np.arctan2(lon[begin + 1] - lon[begin], lat[begin + 1] - lat[begin])) % 360.0
        lat, lon = (lat[begin] + lat[begin + 1]) // 2, (lon[begin] + lon[begin + 1]) // 2
        node = int(random.integers(0, graph.node_count))
        place = (int(graph.node_lat_e7[node]) + 300, int(graph.node_lon_e7[node]) + 300)
        cars = live.snap(lat, lon, (course_deg * 100).astype(np.int32), np.full(40, 500))
        eta_ms = live.field(*place).etas(cars).eta_ms
        assert (eta_ms >= 0).all()
        nearest = int(np.hypot(lat - place[0], (lon - place[1]) * math.cos(math.radians(6.9))).argmin())
        if eta_ms[nearest] > eta_ms.min():
            wrong += 1
            lost_min.append(float(eta_ms[nearest] - eta_ms.min()) / 60_000)
    assert 0.15 < wrong / alerts < 0.45
    assert 0.4 < sum(lost_min) / wrong < 2.5


def test_everything_that_was_drawn_is_in_the_graph() -> None:
    graph = default_city(2)
    assert sum(graph.info["cut_m"].values()) == 0
    assert graph.info["restrictions"]["applied"] >= 8


def test_the_picture_in_the_documentation_shows_this_city() -> None:
    assert drawn_from(city().ways) in PICTURE.read_bytes(), "python -m tests.roads.city_picture"
