"""What may be driven in the graph is what a textbook says may be driven on the map, no more and no less."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings

from sigap_roads.build import NOT_ALLOWED, build
from sigap_roads.errors import MapError, RoadsError
from sigap_roads.graph import RoadGraph
from sigap_roads.parts import ISLAND, NO_WAY_BACK, NO_WAY_IN
from sigap_roads.profile import Profile, profile_from
from sigap_roads.turns import ABSENT, OVER_WAYS
from sigap_roads.ways import Access, Obstacle, Restriction, RoadClass, Way, Ways
from tests.roads.sketches import LAT_E7, LON_E7, Step, Textbook, maps, steps_of

PROFILE = Profile()
EAST, NORTH = 9_058, 8_993  # 100 m at this latitude, in degrees × 10⁷


def built(ways: Ways, profile: Profile = PROFILE) -> RoadGraph:
    try:
        return build(ways, profile)
    except MapError:
        assume(False)
        raise


def at(x: int, y: int) -> tuple[int, int]:
    """The place x × 100 m east and y × 100 m north of the middle."""
    return LAT_E7 + y * NORTH, LON_E7 + x * EAST


def metres(a: tuple[int, int], b: tuple[int, int]) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(value / 1e7) for value in (*a, *b))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def length_m(steps: frozenset[Step], ways: Ways) -> float:
    return sum(metres(ways.nodes[a], ways.nodes[b]) for _, a, b in steps)


@given(maps())
@settings(max_examples=200)
def test_every_legal_step_and_no_other(ways: Ways) -> None:
    textbook = Textbook(ways, PROFILE)
    circuits = textbook.circuits()
    if not circuits:
        with pytest.raises(MapError, match="one-way"):
            build(ways, PROFILE)
        return
    graph = build(ways, PROFILE)
    edges = steps_of(graph, ways)
    inside = frozenset(step for edge in edges for step in edge)
    assert sum(map(len, edges)) == len(inside)
    assert inside in circuits
    assert length_m(inside, ways) > max(length_m(circuit, ways) for circuit in circuits) - 2

    follows: dict[Step, set[Step]] = {step: set() for step in inside}
    for edge, steps in enumerate(edges):
        for step, after in pairwise(steps):
            follows[step].add(after)
        turns = graph.turn_to[graph.turn_first[edge] : graph.turn_first[edge + 1]].tolist()
        follows[steps[-1]] |= {edges[into][0] for into in turns}
    assert follows == {step: textbook.follows[step] & inside for step in inside}


@given(maps())
@settings(max_examples=40)
def test_arrays_hang_together(ways: Ways) -> None:
    graph = built(ways)
    twin, edges = graph.edge_twin, np.arange(graph.edge_count)
    paired = edges[twin >= 0]
    assert (twin[twin[paired]] == paired).all()
    assert (graph.edge_from[twin[paired]] == graph.edge_to[paired]).all()
    assert (graph.edge_length_dm[twin[paired]] == graph.edge_length_dm[paired]).all()
    assert (np.diff(graph.edge_from) >= 0).all()
    first, last = graph.edge_shape[:-1], graph.edge_shape[1:] - 1
    assert (graph.shape_lat_e7[first] == graph.node_lat_e7[graph.edge_from]).all()
    assert (graph.shape_lon_e7[last] == graph.node_lon_e7[graph.edge_to]).all()
    of = np.repeat(edges, np.diff(graph.turn_first))
    assert (graph.edge_to[of] == graph.edge_from[graph.turn_to]).all()
    into = np.repeat(edges, np.diff(graph.into_first))
    ahead = sorted(zip(of.tolist(), graph.turn_to.tolist(), graph.turn_ms.tolist(), strict=True))
    behind = sorted(zip(graph.into_from.tolist(), into.tolist(), graph.into_ms.tolist(), strict=True))
    assert ahead == behind
    assert min(graph.edge_time_ms) >= 1
    assert (graph.turn_ms >= 0).all()


@given(maps())
@settings(max_examples=40)
def test_lengths_times_and_names(ways: Ways) -> None:
    graph = built(ways)
    by_id = {way.way_id: way for way in ways.ways}
    for edge, steps in enumerate(steps_of(graph, ways)):
        way = by_id[steps[0][0]]
        assert graph.name_of(edge) == way.name
        assert graph.edge_class[edge] == way.road_class
        assert graph.edge_length_dm[edge] == pytest.approx(length_m(frozenset(steps), ways) * 10, abs=0.51)
        seconds = graph.edge_length_dm[edge] / 10 / (PROFILE.speed_of(way) / 3.6)
        assert graph.edge_time_ms[edge] == pytest.approx(seconds * 1000, abs=0.51)


@given(maps())
@settings(max_examples=40)
def test_the_same_map_is_the_same_graph(ways: Ways) -> None:
    graph, again = built(ways), built(replace(ways))
    assert all((a == b).all() for a, b in zip(graph.arrays().values(), again.arrays().values(), strict=True))
    assert (graph.names, graph.info) == (again.names, again.info)
    other = build(ways, profile_from({"speed_kmh": {name.name.lower(): 50 for name in RoadClass}}, "test"))
    assert other.info["built_from"] != graph.info["built_from"]


def crossing(**changes: object) -> Ways:
    """Four streets of 100 m that end at a crossing: from the west (1), north (2), east (3) and south (4)."""
    nodes = {0: at(0, 0), 1: at(-1, 0), 2: at(0, 1), 3: at(1, 0), 4: at(0, -1)}
    ways = tuple(Way(arm, (arm, 0), RoadClass.SECONDARY) for arm in (1, 2, 3, 4))
    return replace(Ways(nodes, ways), **changes)


def turn_ms(graph: RoadGraph, from_way: int, to_way: int, via: tuple[int, int] = at(0, 0)) -> int | None:
    """What the turn over the place costs, None if there is none."""
    for edge in range(graph.edge_count):
        end = int(graph.edge_to[edge])
        if (graph.node_lat_e7[end], graph.node_lon_e7[end]) != via or graph.way_ids[graph.edge_way[edge]] != from_way:
            continue
        for turn in range(graph.turn_first[edge], graph.turn_first[edge + 1]):
            if graph.way_ids[graph.edge_way[graph.turn_to[turn]]] == to_way:
                return int(graph.turn_ms[turn])
    return None


def test_turning_costs_by_the_side_one_drives_on() -> None:
    left = build(crossing(), PROFILE)
    assert [turn_ms(left, 1, way) for way in (2, 3, 4)] == [2000, 0, 5000]
    right = build(crossing(), profile_from({"drives_on": "right"}, "test"))
    assert [turn_ms(right, 1, way) for way in (2, 3, 4)] == [5000, 0, 2000]
    assert turn_ms(left, 1, 1) == 20_000


def test_who_comes_from_a_lesser_road_gives_way_unless_there_are_lights() -> None:
    ways = crossing().ways
    lesser = (replace(ways[0], road_class=RoadClass.RESIDENTIAL), *ways[1:])
    graph = build(crossing(ways=lesser), PROFILE)
    assert [turn_ms(graph, 1, way) for way in (2, 3, 4)] == [5000, 3000, 8000]
    assert turn_ms(graph, 3, 1) == 0
    lights = build(crossing(ways=lesser, obstacles={0: Obstacle.SIGNALS}), PROFILE)
    assert [turn_ms(lights, 1, way) for way in (2, 3, 4)] == [17_000, 15_000, 20_000]
    assert turn_ms(lights, 1, 1) == 20_000


def test_lights_that_belong_together_are_waited_for_once() -> None:
    def two(apart: int) -> RoadGraph:
        nodes = {1: at(-5, 0), 2: at(0, 0), 3: (LAT_E7, LON_E7 + EAST * apart // 100), 4: at(9, 0)}
        ways = tuple(Way(i, (i, i + 1), RoadClass.PRIMARY) for i in (1, 2, 3))
        return build(Ways(nodes, ways, obstacles={2: Obstacle.SIGNALS, 3: Obstacle.SIGNALS}), PROFILE)

    near, far = (LAT_E7, LON_E7 + EAST * 30 // 100), (LAT_E7, LON_E7 + EAST * 60 // 100)
    assert turn_ms(two(30), 1, 2) == 15_000
    assert turn_ms(two(30), 2, 3, near) == 0
    assert turn_ms(two(60), 2, 3, far) == 15_000


def test_into_a_roundabout_one_gives_way() -> None:
    ring = Way(9, (0, 5, 6, 0), RoadClass.SECONDARY, oneway=1, is_roundabout=True)
    base = crossing()
    ways = crossing(nodes={**base.nodes, 5: at(0, -2), 6: at(2, -2)}, ways=(*base.ways, ring))
    graph = build(ways, PROFILE)
    assert turn_ms(graph, 1, 9) == 3000
    assert turn_ms(graph, 9, 1) == 0


def test_restrictions() -> None:
    def left(*restrictions: Restriction) -> list[int]:
        graph = build(crossing(restrictions=restrictions), PROFILE)
        return [way for way in (1, 2, 3, 4) if turn_ms(graph, 1, way) is not None]

    assert left() == [1, 2, 3, 4]
    assert left(Restriction(1, (0,), 2)) == [1, 3, 4]
    assert left(Restriction(1, (0,), 1)) == [2, 3, 4]
    assert left(Restriction(1, (0,), 3, only=True)) == [3]
    assert left(Restriction(1, (0,), 3, only=True), Restriction(1, (0,), 2, only=True)) == [2, 3]
    assert left(Restriction(1, (0,), 77, only=True)) == [1, 2, 3, 4]


def test_restrictions_are_counted() -> None:
    rules = (
        Restriction(1, (0,), 2),
        Restriction(1, (0,), 77),
        Restriction(1, (77,), 2),
        Restriction(1, (2,), 3, via_is_way=True),
    )
    told = build(crossing(restrictions=rules), PROFILE).info["restrictions"]
    assert told == {"applied": 1, ABSENT: 2, OVER_WAYS: 1}


def test_where_one_may_turn_round() -> None:
    ways = tuple(replace(way, road_class=RoadClass.TRUNK) for way in crossing().ways)
    graph = build(crossing(ways=ways), PROFILE)
    assert turn_ms(graph, 1, 1) is None
    assert turn_ms(graph, 1, 1, at(-1, 0)) == 20_000


def test_what_is_cut_off_is_told_by_its_reason() -> None:
    base = crossing()
    more = {5: at(-2, 0), 6: at(-3, 0), 7: at(2, 0), 8: at(9, 9), 9: at(9, 10), 10: at(3, 0)}
    extra = (
        Way(5, (1, 5, 6), RoadClass.SECONDARY, oneway=1),
        Way(6, (7, 3), RoadClass.SECONDARY, oneway=1),
        Way(7, (8, 9), RoadClass.SECONDARY),
        Way(8, (3, 10), RoadClass.SECONDARY, access=Access.PRIVATE),
    )
    ways = crossing(nodes={**base.nodes, **more}, ways=(*base.ways, *extra))
    cut = build(ways, profile_from({"access": {"private": False}}, "test")).info["cut_m"]
    assert cut == {NOT_ALLOWED: 200, NO_WAY_BACK: 200, NO_WAY_IN: 100, ISLAND: 100}
    assert build(ways, PROFILE).info["cut_m"][NOT_ALLOWED] == 0


def test_one_street_in_two_pieces_is_one_way() -> None:
    nodes = {i: at(i, 0) for i in range(5)}
    ways = (Way(7, (0, 1), RoadClass.TRACK), Way(8, (1, 3), RoadClass.TRACK), Way(7, (3, 4), RoadClass.TRACK))
    graph = build(Ways(nodes, ways), PROFILE)
    assert graph.way_ids.tolist() == [7, 8]
    assert graph.edge_count == 6


def test_progress_comes_to_its_end() -> None:
    told: list[float] = []
    build(crossing(), PROFILE, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        (Ways({}, (), source="here.pbf"), "here.pbf has no road to drive on"),
        (Ways({1: at(0, 0)}, (Way(5, (1, 1), RoadClass.TRACK),)), "of its 1 ways none is open"),
        (
            Ways({1: at(0, 0)}, (Way(5, (1, 2), RoadClass.TRACK),)),
            "way 5 has node 2, of which the source tells no place",
        ),
        (
            Ways({1: (0, 0), 2: (910_000_000, 0)}, (Way(5, (1, 2), RoadClass.TRACK),)),
            "node 2 lies at 91.0, 0.0, which is nowhere on earth",
        ),
        (Ways({1: at(0, 0), 2: at(1, 0)}, (Way(5, (1, 2), RoadClass.TRACK, oneway=1),)), "are all of them one-way"),
    ],
)
def test_a_map_that_makes_no_sense(ways: Ways, words: str) -> None:
    with pytest.raises(RoadsError, match=words):
        build(ways, PROFILE)
