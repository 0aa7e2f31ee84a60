"""Every travel time is the one that a textbook search finds."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings

from sigap_roads.field import Outcome, TravelTimeField
from sigap_roads.places import NOWHERE
from sigap_roads.search import FULL
from sigap_roads.traffic import Traffic
from tests.roads.networks import (
    Edge,
    Network,
    Textbook,
    cars,
    drive,
    random_cars,
    random_network,
    random_stops,
    seeds,
    stops,
)


class Case:
    """One random world: a network, what is closed, where the incident and the cars are."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.network = random_network(self.random)
        self.graph = self.network.graph()
        share = self.random.choice([0.0, 0.0, 0.1, 0.4])
        self.closed = [self.random.random() < share for _ in self.network.edges]
        self.stops = random_stops(self.random, self.network)
        self.cars = random_cars(self.random, self.network, 12)
        self.times_ms = [edge.time_ms for edge in self.network.edges]

    def field(self, closed: list[bool] | None = None) -> TravelTimeField:
        closed = self.closed if closed is None else closed
        return TravelTimeField(Traffic(self.graph, self.graph.edge_time_ms, np.array(closed, np.bool_)), self.stops)

    def textbook(self) -> list[tuple[int, int] | None]:
        book = Textbook(self.network, self.closed, self.stops)
        return [book.eta(self.cars, car) for car in range(len(self.cars))]


def told(field: TravelTimeField, case: Case) -> list[tuple[int, int] | None]:
    etas = field.etas(case.cars)
    return [None if ms < 0 else (ms, dm) for ms, dm in zip(etas.eta_ms.tolist(), etas.length_dm.tolist(), strict=True)]


@settings(max_examples=1000, deadline=None)
@given(seeds)
def test_every_eta_and_length_is_the_textbooks(seed: int) -> None:
    case = Case(seed)
    assert told(case.field(), case) == case.textbook()


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_the_ranking_is_that_of_brute_force(seed: int) -> None:
    case = Case(seed)
    every = sorted((eta[0], car) for car, eta in enumerate(case.textbook()) if eta)
    for k in (1, 3, len(case.cars)):
        first, etas = case.field().best(case.cars, k)
        assert list(zip(etas.eta_ms.tolist(), first.tolist(), strict=True)) == every[:k]


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_who_needs_longer_than_asked_for_is_left_out(seed: int) -> None:
    case = Case(seed)
    every = sorted((eta[0], car) for car, eta in enumerate(case.textbook()) if eta)
    for within_ms in (0, 20_000, case.random.randint(0, 300_000), 10**12):
        first, etas = case.field().best(case.cars, len(case.cars), within_ms)
        found = list(zip(etas.eta_ms.tolist(), first.tolist(), strict=True))
        assert found == [(ms, car) for ms, car in every if ms <= within_ms]


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_grown_in_steps_or_at_once_it_is_the_same_field(seed: int) -> None:
    case = Case(seed)
    steps, once = case.field(), case.field()
    for _ in range(case.random.randint(1, 5)):
        steps.grow(case.random.choice([0, 1, case.random.randint(0, 200_000)]))
        steps.best(case.cars, case.random.randint(1, 4))
    assert told(steps, case) == told(once, case)
    for until_ms in (0, 50_000, 10_000_000):
        for grown, found in zip(steps.edge_times(until_ms), once.edge_times(until_ms), strict=True):
            assert grown.tolist() == found.tolist()


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_a_closure_makes_nobody_earlier(seed: int) -> None:
    case = Case(seed)
    stop_edges = set(case.stops.edge.tolist())
    # On a closed street people walk, also against a one-way: there a closure may help. So the incident's stays open.
    before = [False] * len(case.closed)
    after = [closed and edge not in stop_edges for edge, closed in enumerate(case.closed)]
    far = 10**12
    earlier = [eta[0] if eta else far for eta in told(case.field(before), case)]
    later = [eta[0] if eta else far for eta in told(case.field(after), case)]
    assert all(first <= second for first, second in zip(earlier, later, strict=True))


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_the_way_that_is_told_can_be_driven_and_takes_as_long(seed: int) -> None:
    case = Case(seed)
    field = case.field()
    etas = field.etas(case.cars)
    for car in range(len(case.cars)):
        way = field.way(case.cars, car)
        if etas.eta_ms[car] < 0:
            assert way is None
            continue
        assert way is not None
        ms = drive(case.network, case.times_ms, way.edges, way.begin_q16, way.end_q16) + way.foot_ms
        assert ms + (int(case.cars.second_extra_ms[car]) if way.turns_round else 0) == etas.eta_ms[car]
        assert not any(case.closed[edge] for edge in way.edges[1:])


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_edge_times_are_those_of_cars_at_both_ends(seed: int) -> None:
    case = Case(seed)
    before, after = case.field().edge_times(10**9)
    book = Textbook(case.network, case.closed, case.stops)
    for edge in range(len(case.network.edges)):
        for times, along in ((before, 0), (after, FULL)):
            at_end = cars([(edge, along, NOWHERE, 0, 0)])
            expected = book.eta(at_end, 0)
            if along == 0 and case.closed[edge]:
                assert times[edge] == -1
            elif along == FULL and expected and times[edge] != expected[0]:
                # A car at the very end of the incident's edge is there already; a way over the end goes round.
                assert edge in case.stops.edge
                assert expected[0] < times[edge] or times[edge] == -1
            else:
                assert times[edge] == (expected[0] if expected else -1)


def street(times_ms: list[int]) -> Network:
    """A street of both directions along junctions 0, 1, 2, …; nobody turns round at a junction."""
    nodes = [(-69_175_000, 1_076_191_000 + 10_000 * i) for i in range(len(times_ms) + 1)]
    edges = []
    for i, time_ms in enumerate(times_ms):
        edges.append(Edge(i, i + 1, time_ms, 1000, 2 * i + 1))
        edges.append(Edge(i + 1, i, time_ms, 1000, 2 * i))
    network = Network(nodes, edges)
    for i in range(len(times_ms) - 1):
        network.turns[2 * i, 2 * i + 2] = 0
        network.turns[2 * i + 3, 2 * i + 1] = 0
    return network


def field_on(network: Network, closed: set[int], to: list[tuple[int, int, int]]) -> TravelTimeField:
    mask = np.array([edge in closed for edge in range(len(network.edges))], np.bool_)
    graph = network.graph()
    return TravelTimeField(Traffic(graph, graph.edge_time_ms, mask, version=7), stops(to))


HALF, QUARTER = FULL // 2, FULL // 4


def test_a_car_that_has_driven_past_turns_round_or_never_comes() -> None:
    network = street([10_000, 10_000])
    to = [(0, QUARTER, 0), (1, 3 * QUARTER, 0)]
    turning, going_on = (0, HALF, 1, HALF, 15_000), (0, HALF, NOWHERE, 0, 0)
    etas = field_on(network, set(), to).etas(cars([turning, going_on, (0, 0, NOWHERE, 0, 0)]))
    assert etas.eta_ms.tolist() == [17_500, -1, 2_500]
    assert etas.length_dm.tolist() == [250, -1, 250]
    assert etas.outcome.tolist() == [Outcome.REACHED, Outcome.NO_WAY, Outcome.REACHED]


def test_a_car_on_a_closed_road_drives_out_of_it_and_nobody_else_in() -> None:
    network = street([10_000, 10_000, 10_000])
    rows = [(2, HALF, NOWHERE, 0, 0), (0, 0, NOWHERE, 0, 0)]
    etas = field_on(network, {2, 3}, [(4, HALF, 0)]).etas(cars(rows))
    assert etas.eta_ms.tolist() == [10_000, -1]
    assert etas.outcome.tolist() == [Outcome.LEAVES_CLOSED_ROAD, Outcome.NO_WAY]


def test_an_incident_on_a_closed_street_is_reached_on_foot_from_its_nearer_end() -> None:
    network = street([10_000, 10_000, 10_000])
    field = field_on(network, {2, 3}, [(2, QUARTER, 0), (3, 3 * QUARTER, 0)])
    assert field.is_closed
    rows = [(0, 0, NOWHERE, 0, 0), (5, 0, NOWHERE, 0, 0)]
    etas = field.etas(cars(rows))
    assert etas.eta_ms.tolist() == [10_000 + round(25 / 1.4 * 1000), 10_000 + round(75 / 1.4 * 1000)]
    way = field.way(cars(rows), 0)
    assert way is not None
    assert (way.edges, way.foot_ms) == ((0,), round(25 / 1.4 * 1000))


def test_off_the_map_is_an_outcome() -> None:
    network = street([10_000])
    away = (NOWHERE, 0, NOWHERE, 0, 0)
    etas = field_on(network, set(), [(0, 0, 0)]).etas(cars([away]))
    assert (etas.eta_ms.tolist(), etas.outcome.tolist()) == ([-1], [Outcome.CAR_OFF_MAP])
    sea = field_on(network, set(), [])
    assert not sea.is_on_map
    etas = sea.etas(cars([(0, 0, NOWHERE, 0, 0), away]))
    assert (etas.eta_ms.tolist(), etas.outcome.tolist()) == ([-1, -1], [Outcome.INCIDENT_OFF_MAP] * 2)
    assert sea.best(cars([(0, 0, NOWHERE, 0, 0)]), 3)[0].tolist() == []
    assert sea.way(cars([(0, 0, NOWHERE, 0, 0)]), 0) is None


def test_without_cars_there_is_nothing_to_say() -> None:
    field = field_on(street([10_000]), set(), [(0, 0, 0)])
    assert len(field.etas(cars([])).eta_ms) == 0
    assert field.version == 7
    with pytest.raises(ValueError, match="k is 0, expected 1 or more"):
        field.best(cars([]), 0)
