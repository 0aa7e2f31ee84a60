"""The roads as they are now: closures come and go, and whoever holds a field can tell."""

import numpy as np
import pytest

from sigap_roads.closures import RoadChange
from sigap_roads.errors import RoadsError
from sigap_roads.field import Outcome
from sigap_roads.learned import Drive, Learned
from sigap_roads.live import LiveRoads
from sigap_roads.places import NOWHERE
from tests.roads.networks import LAT_E7, LON_E7, Edge, Network

MIDDLE, END = LON_E7 + 27_000, LON_E7 + 54_000


def two_ways() -> Network:
    """From west to east by the short street (edges 0 to 3, two blocks) or by the long one (4, 5) around."""
    nodes = [(LAT_E7, LON_E7), (LAT_E7, MIDDLE), (LAT_E7, END), (LAT_E7 + 27_000, MIDDLE)]
    edges = [Edge(0, 1, 20_000, 3_000, 1), Edge(1, 0, 20_000, 3_000, 0)]
    edges += [Edge(1, 2, 20_000, 3_000, 3), Edge(2, 1, 20_000, 3_000, 2)]
    edges += [Edge(0, 3, 50_000, 4_200), Edge(3, 2, 50_000, 4_200)]
    network = Network(nodes, edges)
    for first, one in enumerate(edges):
        for second, other in enumerate(edges):
            if one.end == other.begin and one.twin != second:
                network.turns[first, second] = 0
    return network


def eta_ms(roads: LiveRoads) -> int:
    """From the western end, pointing west, to the eastern one."""
    cars = roads.snap(LAT_E7, LON_E7 + 100)
    return int(roads.field(LAT_E7, END).etas(cars).eta_ms[0])


def test_a_closed_street_is_gone_round_until_the_closure_expires() -> None:
    roads = LiveRoads(two_ways().graph())
    open_ms = eta_ms(roads)
    assert roads.traffic.version == 0
    # One block of the short street is closed; a car that stands on the other can still leave it backwards.
    assert roads.change([RoadChange(5, None, edges=(2, 3), expires_ms=10_000)], now_ms=0)
    assert roads.traffic.version == 1
    closed_ms = eta_ms(roads)
    assert closed_ms > 2 * open_ms
    assert [change.change_id for change in roads.changes] == [5]
    assert not roads.at(9_999)
    assert roads.at(10_000)
    assert (roads.traffic.version, roads.changes, eta_ms(roads)) == (2, [], open_ms)


def test_a_field_knows_at_which_state_of_the_roads_it_was_made() -> None:
    roads = LiveRoads(two_ways().graph())
    field = roads.field(LAT_E7, END)
    roads.change([RoadChange(1, 3.0, edges=(2,))], now_ms=0)
    assert field.version == 0
    assert roads.field(LAT_E7, END).version == roads.traffic.version == 1
    assert not roads.change([RoadChange(2, 3.0, edges=(2,))], now_ms=0)  # another one, to the same effect
    assert roads.traffic.version == 1


def test_a_slow_street_takes_so_much_longer() -> None:
    roads = LiveRoads(two_ways().graph())
    before_ms = eta_ms(roads)
    roads.change([RoadChange(1, 2.0, edges=(2, 3))], now_ms=0)
    assert eta_ms(roads) == before_ms + 20_000
    roads.change([], now_ms=0)
    assert eta_ms(roads) == before_ms


def test_a_change_that_cannot_be_applied_leaves_all_as_it_was() -> None:
    roads = LiveRoads(two_ways().graph())
    roads.change([RoadChange(1, None, edges=(2, 3))], now_ms=0)
    with pytest.raises(RoadsError, match="no street"):
        roads.change([RoadChange(2, None, street="Jalan Nowhere")], now_ms=0)
    assert ([change.change_id for change in roads.changes], roads.traffic.version) == ([1], 1)


def test_what_was_learned_counts_in_its_hour_and_can_be_switched_off() -> None:
    graph = two_ways().graph()
    roads = LiveRoads(graph, utc_offset_s=7 * 3600)
    learned = Learned()
    # Thursday, eight in the morning in Bandung: 3 × 24 + 8.
    learned.add(graph, [Drive((0, 2), 80, 15_000, 10_000)] * 40)
    learned.add(graph, [Drive((0, 2), 81, 10_000, 10_000)] * 60)
    for edge in (0, 2):
        learned._edges.pop(edge)
    usual_ms = eta_ms(roads)
    eight_ms = 3_600_000  # 1 January 1970, a Thursday
    assert roads.learn(learned.paces(), eight_ms)
    assert 1.4 < eta_ms(roads) / usual_ms < 1.6
    assert not roads.at(eight_ms + 3_599_999)
    assert roads.at(eight_ms + 3_600_000)
    assert eta_ms(roads) == usual_ms
    roads.at(eight_ms)
    assert roads.learn(None, eight_ms)
    assert eta_ms(roads) == usual_ms


def test_where_is_everybody() -> None:
    roads = LiveRoads(two_ways().graph())
    cars = roads.snap([LAT_E7, LAT_E7, LAT_E7 + 10_000_000], [MIDDLE - 9_000] * 3, [9_000, 27_000, 0], [800, 800, 800])
    assert cars.edge.tolist() == [0, 1, NOWHERE]
    assert cars.second_extra_ms.tolist()[:2] == [20_000, 20_000]
    etas = roads.field(LAT_E7, END).etas(cars)
    assert etas.outcome.tolist() == [Outcome.REACHED, Outcome.REACHED, Outcome.CAR_OFF_MAP]
    # The one that points away turns round first.
    assert etas.eta_ms[1] - etas.eta_ms[0] == 20_000
    assert not roads.field(0, 0).is_on_map
    with pytest.raises(ValueError, match=r"lengths are \[2, 1, 2, 2\]"):
        roads.snap([1, 2], [1])
    assert len(roads.snap(np.array([], np.int32), [])) == 0
