"""Which edges a closure is about, and what it does to times."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings

from sigap_roads.closures import RoadChange, changed_times, edges_of
from sigap_roads.errors import RoadsError
from tests.roads.networks import LAT_E7, LON_E7, Edge, Network, random_network, seeds


def rectangle(south: int, west: int, north: int, east: int) -> dict[str, object]:
    """Degrees × 10⁷ to GeoJSON."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[[lon / 1e7, lat / 1e7] for lon, lat in corners]]}


def touches(network: Network, edge: Edge, box: tuple[int, int, int, int]) -> bool:
    """Whether any point of the edge is in the box, by cutting each piece down to it (Liang and Barsky, 1984)."""
    south, west, north, east = box
    points = [network.nodes[edge.begin], *edge.via, network.nodes[edge.end]]
    for (ay, ax), (by, bx) in pairwise(points):
        first, last = 0.0, 1.0
        for delta, low, high in ((bx - ax, west - ax, east - ax), (by - ay, south - ay, north - ay)):
            if delta == 0:
                if not low < 0 < high:
                    last = -1.0
                continue
            enters, leaves = sorted((low / delta, high / delta))
            first, last = max(first, enters), min(last, leaves)
        if first < last:
            return True
    return False


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_an_area_takes_every_edge_that_is_partly_inside(seed: int) -> None:
    random = Random(seed)
    network = random_network(random)
    # Odd numbers and halves: no point of a road lies on the border itself.
    south, west = LAT_E7 + random.randint(-5_000, 60_000) + 0.5, LON_E7 + random.randint(-5_000, 60_000) + 0.5
    box = (south, west, south + random.randint(1, 40_000), west + random.randint(1, 40_000))
    expected = [e for e, edge in enumerate(network.edges) if touches(network, edge, box)]
    change = RoadChange(1, None, area=rectangle(*box))
    if not expected:
        with pytest.raises(RoadsError, match="no road in the area"):
            edges_of(network.graph(), change)
    else:
        assert edges_of(network.graph(), change).tolist() == expected


def crossroads() -> Network:
    """Edge i is named ("", Jalan Braga, Jalan Asia Afrika)[i % 3]."""
    nodes = [(LAT_E7, LON_E7), (LAT_E7, LON_E7 + 9_000), (LAT_E7 + 9_000, LON_E7), (LAT_E7 + 9_000, LON_E7 + 9_000)]
    return Network(nodes, [Edge(0, 1, 100, 1000), Edge(1, 2, 200, 1000), Edge(2, 3, 300, 1000), Edge(3, 0, 400, 1000)])


def test_a_hole_in_the_area_stays_open() -> None:
    network = crossroads()
    outer, hole = (
        rectangle(LAT_E7 - 20_000, LON_E7 - 20_000, LAT_E7 + 20_000, LON_E7 + 20_000),
        rectangle(LAT_E7 - 1_000, LON_E7 - 1_000, LAT_E7 + 1_000, LON_E7 + 10_000),
    )
    area = {"type": "Polygon", "coordinates": [*outer["coordinates"], *hole["coordinates"]]}
    assert edges_of(network.graph(), RoadChange(1, None, area=area)).tolist() == [1, 2, 3]
    both = {"type": "MultiPolygon", "coordinates": [hole["coordinates"]]}
    assert edges_of(network.graph(), RoadChange(1, None, area=both)).tolist() == [0, 1, 3]


def test_a_street_is_all_of_its_edges_whatever_the_capitals() -> None:
    graph = crossroads().graph()
    assert edges_of(graph, RoadChange(1, None, street=" jalan  BRAGA ")).tolist() == [1]
    assert edges_of(graph, RoadChange(1, 2.0, edges=(3, 0))).tolist() == [3, 0]


POINT = {"type": "Point", "coordinates": [107.6, -6.9]}
BAD_AREAS = [
    (POINT, "type is 'Point', expected a GeoJSON Polygon"),
    ({"type": "Polygon", "coordinates": [[[107.6, -6.9], [107.7, -6.9]]]}, "fewer than three points"),
    ({"type": "Polygon", "coordinates": []}, "has 0 points"),
    ({"type": "Polygon", "coordinates": "everywhere"}, "GeoJSON Polygon"),
    ({"type": "Polygon", "coordinates": [[["a", "b"], ["c", "d"], ["e", "f"]]]}, "longitude, latitude"),
    ({"type": "Polygon", "coordinates": [[[1], [2], [3]]]}, "not two numbers"),
    ({"type": "Polygon", "coordinates": [[[-6.9, 107.6], [-6.8, 107.6], [-6.8, 107.7]]]}, "off the Earth"),
    (rectangle(0, 0, 10_000, 10_000), "no road in the area"),
]


@pytest.mark.parametrize(("area", "message"), BAD_AREAS)
def test_an_area_that_makes_no_sense_is_named(area: dict[str, object], message: str) -> None:
    with pytest.raises(RoadsError, match=message):
        edges_of(crossroads().graph(), RoadChange(1, None, area=area))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (RoadChange(1, 0.5, edges=(1,)), "factor is 0.5, expected 1 to 20"),
        (RoadChange(1, float("nan"), edges=(1,)), "factor is nan"),
        (RoadChange(1, None), "only one of them"),
        (RoadChange(1, None, area=POINT, street="Jalan Braga"), "only one of them"),
        (RoadChange(1, None, edges=(4,)), r"edges are \(4,\), expected 0 to 3"),
        (RoadChange(1, None, street="Jalan Bragga"), "no street 'Jalan Bragga'; similar: Jalan Braga"),
        (RoadChange(1, None, street=""), "no street ''"),
    ],
)
def test_a_change_that_makes_no_sense_is_named(change: RoadChange, message: str) -> None:
    with pytest.raises(RoadsError, match=message):
        edges_of(crossroads().graph(), change)


def test_of_two_that_slow_a_road_the_slower_counts_and_closed_is_closed() -> None:
    times = np.array([100, 200, 300, 400], np.int32)
    changes = [
        (RoadChange(1, 1.5, edges=(0, 1)), np.array([0, 1], np.int32)),
        (RoadChange(2, 3.0, edges=(1, 2)), np.array([1, 2], np.int32)),
        (RoadChange(3, None, edges=(2,)), np.array([2], np.int32)),
    ]
    time_ms, closed = changed_times(times, changes)
    assert time_ms.tolist() == [150, 600, 900, 400]
    assert closed.tolist() == [False, False, True, False]
