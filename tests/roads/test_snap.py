"""Positions come to the road that is nearest, or that fits their course, by trying every piece of every road."""

from itertools import pairwise
from math import atan2, cos, degrees, hypot, inf, radians
from random import Random

import numpy as np
from hypothesis import given, settings

from sigap_roads.places import NOWHERE, Cars
from sigap_roads.search import FULL
from sigap_roads.snap import Snapper, SnapRules
from tests.roads.networks import LAT_E7, LON_E7, Edge, Network, random_network, seeds

METRES_PER_E7 = 6_371_008.8 * radians(1e-7)
TURN_ROUND_MS = np.full(10, 20_000, np.int32)
UNKNOWN = -1


class Plane:
    """Metres east and north of one point."""

    def __init__(self, lat_e7: int, lon_e7: int) -> None:
        self._origin = lat_e7, lon_e7
        self._east = METRES_PER_E7 * cos(radians(lat_e7 * 1e-7))

    def xy(self, point: tuple[int, int]) -> tuple[float, float]:
        return (point[1] - self._origin[1]) * self._east, (point[0] - self._origin[0]) * METRES_PER_E7


def pieces(network: Network, edge: Edge, plane: Plane) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    points = [plane.xy(point) for point in (network.nodes[edge.begin], *edge.via, network.nodes[edge.end])]
    return list(pairwise(points))


def away(piece: tuple[tuple[float, float], tuple[float, float]]) -> tuple[float, float]:
    """(metres from the origin, share of the piece)."""
    (ax, ay), (bx, by) = piece
    square = (bx - ax) ** 2 + (by - ay) ** 2
    share = min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / square)) if square else 0.0
    return hypot(ax + share * (bx - ax), ay + share * (by - ay)), share


def score(network: Network, edge: Edge, plane: Plane, course_deg: float | None) -> float:
    """Of the edge's best piece within 150 m: the less, the likelier."""
    best = inf
    for piece in pieces(network, edge, plane):
        if away(piece)[0] > 150:
            continue
        (ax, ay), (bx, by) = piece
        value = (away(piece)[0] / 8) ** 2
        if course_deg is not None:
            apart = abs(degrees(atan2(bx - ax, by - ay)) - course_deg) % 360
            value += (min(apart, 360 - apart) / 30) ** 2
        best = min(best, value)
    return best


def nearest_m(network: Network, edge: Edge, plane: Plane) -> float:
    return min(away(piece)[0] for piece in pieces(network, edge, plane))


def point_along(network: Network, edge: Edge, plane: Plane, along_q16: int) -> tuple[float, float]:
    lengths = [hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in pieces(network, edge, plane)]
    left = sum(lengths) * along_q16 / FULL
    for length, ((ax, ay), (bx, by)) in zip(lengths, pieces(network, edge, plane), strict=True):
        if left <= length and length:
            return ax + (bx - ax) * left / length, ay + (by - ay) * left / length
        left -= length
    return plane.xy(network.nodes[edge.end])


def snap_one(network: Network, lat_e7: int, lon_e7: int, course_cdeg: int, speed_cmps: int, **rules: float) -> Cars:
    columns = (np.array([value], np.int32) for value in (lat_e7, lon_e7, course_cdeg, speed_cmps))
    return Snapper(network.graph(), TURN_ROUND_MS, SnapRules(**rules)).cars(*columns)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_a_standing_car_is_on_the_nearest_road_and_a_moving_one_on_the_one_that_fits(seed: int) -> None:
    random = Random(seed)
    network = random_network(random)
    snapper = Snapper(network.graph(), TURN_ROUND_MS)
    for _ in range(8):
        lat_e7, lon_e7 = LAT_E7 + random.randint(-30_000, 90_000), LON_E7 + random.randint(-30_000, 90_000)
        moves = random.random() < 0.6
        course_cdeg = random.choice([0, 9_000, random.randint(0, 35_999)])
        place = snapper.cars(*(np.array([v], np.int32) for v in (lat_e7, lon_e7, course_cdeg, 500 if moves else 99)))
        plane = Plane(lat_e7, lon_e7)
        course_deg = course_cdeg / 100 if moves else None
        near = [edge for edge in network.edges if nearest_m(network, edge, plane) <= 149.99]
        found = int(place.edge[0])
        if found == NOWHERE:
            assert near == []
            continue
        edge = network.edges[found]
        assert place.off_m[0] <= 150
        # Equals within a millimetre may be told apart either way.
        least = min((score(network, other, plane, course_deg) for other in near), default=inf)
        assert score(network, edge, plane, course_deg) <= least + 1e-4
        x, y = point_along(network, edge, plane, int(place.along_q16[0]))
        length_m = sum(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in pieces(network, edge, plane))
        assert abs(hypot(x, y) - float(place.off_m[0])) <= 0.01 + length_m / FULL
        second = int(place.second_edge[0])
        if edge.twin != NOWHERE:
            assert (second, int(place.second_along_q16[0])) == (edge.twin, FULL - int(place.along_q16[0]))
            assert place.second_extra_ms[0] == (20_000 if moves else 0)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_thousand_at_once_are_as_one_by_one(seed: int) -> None:
    random = Random(seed)
    snapper = Snapper(random_network(random).graph(), TURN_ROUND_MS)
    rows = np.array(
        [
            (LAT_E7 + random.randint(0, 60_000), LON_E7 + random.randint(0, 60_000), random.randint(-1, 35_999), speed)
            for speed in (0, 300, 1500)
        ],
        np.int32,
    )
    together = snapper.cars(*rows.T)
    for i in range(len(rows)):
        alone = snapper.cars(*rows[i : i + 1].T)
        for name in Cars.__slots__:
            assert getattr(alone, name)[0] == getattr(together, name)[i]


def dual_carriageway(apart_e7: int = 1_800) -> Network:
    """Edges 0 eastwards and 1 westwards, 20 m to the north of it; between junctions 300 m apart."""
    nodes = [(LAT_E7, LON_E7), (LAT_E7, LON_E7 + 27_000)]
    nodes += [(LAT_E7 + apart_e7, LON_E7 + 27_000), (LAT_E7 + apart_e7, LON_E7)]
    return Network(nodes, [Edge(0, 1, 20_000, 3_000), Edge(2, 3, 20_000, 3_000)])


MIDDLE = LON_E7 + 13_500


def test_the_course_picks_the_carriageway() -> None:
    network = dual_carriageway()
    nearer_first = LAT_E7 + 700  # 8 m from the one, 12 m from the other
    for course_cdeg, edge in ((9_000, 0), (27_000, 1), (10_500, 0), (25_000, 1)):
        assert snap_one(network, nearer_first, MIDDLE, course_cdeg, 800).edge[0] == edge
    moving = snap_one(network, nearer_first, MIDDLE, 27_000, 800)
    assert moving.second_edge[0] == NOWHERE  # nobody turns round over a divider


def same_name(network: Network) -> Network:
    """Edge 3 has the name of edge 0; between them two edges far away."""
    west = [(LAT_E7 + 900_000, LON_E7), (LAT_E7 + 900_000, LON_E7 + 900)]
    first, second = network.edges
    n = len(network.nodes)
    away_ = [Edge(n, n + 1, 1, 1), Edge(n, n + 1, 1, 1)]
    return Network([*network.nodes, *west], [first, *away_, second])


def test_a_standing_car_may_be_on_either_carriageway_of_one_street_where_they_are_close() -> None:
    close = same_name(dual_carriageway())
    car = snap_one(close, LAT_E7 + 700, MIDDLE, 9_000, 0)
    assert (int(car.edge[0]), int(car.second_edge[0]), int(car.second_extra_ms[0])) == (0, 3, 0)
    assert int(car.along_q16[0]) + int(car.second_along_q16[0]) in (FULL - 1, FULL, FULL + 1)
    wide = same_name(dual_carriageway(apart_e7=4_000))
    assert snap_one(wide, LAT_E7 + 700, MIDDLE, 9_000, 0).second_edge[0] == NOWHERE
    other_street = dual_carriageway()  # edges 0 and 1 have different names
    assert snap_one(other_street, LAT_E7 + 700, MIDDLE, 9_000, 0).second_edge[0] == NOWHERE


def test_an_incident_is_reached_from_both_carriageways_and_the_way_across_is_walked() -> None:
    network = same_name(dual_carriageway())
    stops = Snapper(network.graph(), TURN_ROUND_MS).stops(LAT_E7, MIDDLE)
    assert stops.edge.tolist() == [0, 3]
    assert stops.foot_m.tolist() == [0, 20]
    assert 24_000 < stops.foot_ms[1] < 24_500  # 20 m at 1.4 m/s, and 10 s to get across
    assert stops.foot_ms[0] == 0


def test_an_incident_beside_off_and_off_the_map() -> None:
    network = dual_carriageway()
    snapper = Snapper(network.graph(), TURN_ROUND_MS)

    def south_by(metres: float) -> tuple[int, list[int], float]:
        stops = snapper.stops(LAT_E7 - round(metres / METRES_PER_E7), MIDDLE)
        return len(stops.edge), stops.foot_m.tolist()[:1], stops.off_m

    assert south_by(25)[:2] == (1, [0])
    assert south_by(400)[:2] == (1, [400])
    assert south_by(4_990)[:2] == (1, [4_990])
    assert south_by(5_010) == (0, [], inf)
    assert snapper.stops(0, 0).off_m == inf


def test_a_street_of_both_directions_is_a_stop_in_each() -> None:
    network = Network(dual_carriageway().nodes, [Edge(0, 1, 20_000, 3_000, 1), Edge(1, 0, 20_000, 3_000, 0)])
    stops = Snapper(network.graph(), TURN_ROUND_MS).stops(LAT_E7, LON_E7 + 9_000)
    assert stops.edge.tolist() == [0, 1]
    assert sum(stops.along_q16.tolist()) == FULL
    assert abs(stops.along_q16[0] - FULL // 3) <= 1


def test_where_nobody_turns_round_there_is_no_second_place_for_a_moving_car() -> None:
    network = Network(dual_carriageway().nodes, [Edge(0, 1, 20_000, 3_000, 1), Edge(1, 0, 20_000, 3_000, 0)])
    snapper = Snapper(network.graph(), np.full(10, -1, np.int32))
    columns = [np.array(values, np.int32) for values in ([LAT_E7] * 2, [MIDDLE] * 2, [9_000, 9_000], [500, 0])]
    car = snapper.cars(*columns)
    assert car.second_edge.tolist() == [NOWHERE, 1]


def test_a_graph_without_roads_has_everything_off_the_map() -> None:
    empty = Network([], [])
    assert snap_one(empty, LAT_E7, LON_E7, UNKNOWN, 0).edge.tolist() == [NOWHERE]
    assert Snapper(empty.graph(), TURN_ROUND_MS).stops(LAT_E7, LON_E7).edge.tolist() == []
