"""The travel-time field: how long it takes from everywhere to one incident."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sigap_roads.on_foot import ends_on_foot
from sigap_roads.places import NOWHERE, Cars, Stops
from sigap_roads.search import (
    EVERYTHING_MS,
    FULL,
    NEVER,
    Int32,
    Int64,
    Whole,
    bucket_shift,
    fixed,
    from_place,
    new_queue,
    part,
    reach,
    settle,
    settle_until_known,
)
from sigap_roads.traffic import Traffic

_LENGTH = (1 << 32) - 1


class Outcome(IntEnum):
    """What was found out about a car and an incident.

    REACHED               eta_ms and length_dm say how
    LEAVES_CLOSED_ROAD    the same, by a car that is on a closed road and drives out of it
    NO_WAY                the car cannot get there: closures, or a part of the map of its own
    CAR_OFF_MAP           no road near the car
    INCIDENT_OFF_MAP      no road near the incident, as in the sea
    """

    REACHED = 0
    LEAVES_CLOSED_ROAD = 1
    NO_WAY = 2
    CAR_OFF_MAP = 3
    INCIDENT_OFF_MAP = 4


@dataclass(frozen=True, slots=True)
class Etas:
    """For n cars.

    eta_ms      (n,) driving and the last steps on foot; -1 if the car does not get there
    length_dm   (n,) decimetres along the road; -1 likewise
    outcome     (n,) Outcome
    """

    eta_ms: Int64
    length_dm: Int64
    outcome: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Way:
    """How one car gets there.

    edges              the first is the one that it is on, the last the one that it stops on
    begin_q16          where it begins on the first
    end_q16            where it stops on the last
    turns_round        it begins by turning round in mid-block (then `edges` begins with the other direction)
    foot_ms            the last part, on foot
    """

    edges: tuple[int, ...]
    begin_q16: int
    end_q16: int
    turns_round: bool
    foot_ms: int


class TravelTimeField:
    """One reverse search from an incident, that goes on whenever a car is asked for that it has not reached yet.

    `version` is that of the traffic it was made at. What is answered is exact: the same as if every way had been tried.
    """

    def __init__(self, traffic: Traffic, stops: Stops) -> None:
        self.traffic = traffic
        self.stops = stops
        graph = traffic.graph
        self._label: Int64 = np.zeros(graph.edge_count, np.int64)
        self._head, self._link, self._counts = new_queue()
        self._final_ms: Whole = -1
        self._search = (fixed(graph.into_first), fixed(graph.into_from), fixed(graph.into_ms), fixed(traffic.cost))
        times = (fixed(traffic.time_ms), fixed(graph.edge_length_dm))
        self._lookup = (*times, stops.edge, stops.along_q16, stops.foot_ms)
        self._begins = _beginnings(traffic, stops)
        edges = np.array([begin.edge for begin in self._begins], np.int32)
        values = np.array([begin.value for begin in self._begins], np.int64)
        apart_ms = int(np.ptp(values >> 32)) if len(values) else 0
        self._shift = bucket_shift(max(traffic.longest_step_ms, apart_ms))
        self._link = reach(self._label, *self._queue, edges, values)

    @property
    def version(self) -> int:
        return self.traffic.version

    @property
    def _queue(self) -> tuple[Int32, Int32, Int64, int]:
        return self._head, self._link, self._counts, self._shift

    @property
    def is_on_map(self) -> bool:
        """Whether there is a road near the incident."""
        return len(self.stops.edge) > 0

    @property
    def is_closed(self) -> bool:
        """Whether the incident's street is closed, so that everybody arrives on foot."""
        return self.is_on_map and bool(self.traffic.closed[self.stops.edge].all())

    def grow(self, until_ms: int) -> None:
        """Search on, so that everything up to that time is known."""
        if until_ms > self._final_ms:
            self._link, self._final_ms = settle(
                self._label, *self._queue, *self._search, np.int64(until_ms), EVERYTHING_MS
            )

    def etas(self, cars: Cars) -> Etas:
        """How long every car needs, in their order."""
        value, _ = self._known(cars, len(cars))
        return self._etas(cars, value)

    def best(self, cars: Cars, k: int, within_ms: int | None = None) -> tuple[npt.NDArray[np.intp], Etas]:
        """The k cars that are there first, by time and then by their order, with their Etas; fewer if others never are.

        Searches no further than to the k-th, nor than to within_ms: who needs longer is left out. Raises ValueError
        for a k less than 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}, expected 1 or more")
        latest_ms = EVERYTHING_MS if within_ms is None else min(np.int64(within_ms), EVERYTHING_MS)
        value, is_final = self._known(cars, k, latest_ms)
        able = np.flatnonzero(is_final & (value >> 32 <= latest_ms))
        first = able[np.argsort(value[able] >> 32, kind="stable")][:k]
        return first, self._etas(cars, value, first)

    def edge_times(self, until_ms: int) -> tuple[Int64, Int64]:
        """From every edge's beginning and from its end, in milliseconds; -1 for longer than until_ms or never."""
        self.grow(until_ms)
        after = np.where(self._label == 0, -1, self._label >> 32)
        after[after > until_ms] = -1
        before = np.where((after < 0) | self.traffic.closed, -1, after + self.traffic.time_ms)
        for stop, edge in enumerate(self.stops.edge):
            ahead_ms = int(part(self.traffic.time_ms[edge], self.stops.along_q16[stop])) + int(self.stops.foot_ms[stop])
            if not self.traffic.closed[edge] and (before[edge] < 0 or ahead_ms < before[edge]):
                before[edge] = ahead_ms
        before[before > until_ms] = -1
        return before, after

    def way(self, cars: Cars, car: int) -> Way | None:
        """The quickest way of one car, None if it has none."""
        one = Cars(*(getattr(cars, name)[car : car + 1] for name in Cars.__slots__))
        if self.etas(one).eta_ms[0] < 0:
            return None
        firsts = []
        for second, edge, along_q16, extra_ms in (
            (False, int(one.edge[0]), int(one.along_q16[0]), 0),
            (True, int(one.second_edge[0]), int(one.second_along_q16[0]), int(one.second_extra_ms[0])),
        ):
            if edge != NOWHERE:
                value, _, stop = from_place(edge, along_q16, self._label, self._final_ms, *self._lookup)
                firsts.append((value if value == NEVER else value + (extra_ms << 32), second, edge, along_q16, stop))
        _, second, edge, along_q16, stop = min(firsts)
        turns_round = second and int(one.second_extra_ms[0]) > 0
        if stop >= 0:
            return Way((edge,), along_q16, int(self.stops.along_q16[stop]), turns_round, int(self.stops.foot_ms[stop]))
        return self._follow(edge, along_q16, turns_round)

    def _known(self, cars: Cars, wanted: int, latest_ms: Whole = EVERYTHING_MS) -> tuple[Int64, npt.NDArray[np.bool_]]:
        value: Int64 = np.empty(len(cars), np.int64)
        is_final: npt.NDArray[np.bool_] = np.empty(len(cars), np.bool_)
        places = (cars.edge, cars.along_q16, cars.second_edge, cars.second_along_q16, cars.second_extra_ms)
        self._link, self._final_ms = settle_until_known(
            wanted,
            latest_ms,
            self._label,
            *self._queue,
            self._final_ms,
            *self._search,
            *self._lookup,
            *places,
            value,
            is_final,
        )
        return value, is_final

    def _etas(self, cars: Cars, value: Int64, chosen: npt.NDArray[np.intp] | slice = slice(None)) -> Etas:
        value, edge, second = value[chosen], cars.edge[chosen], cars.second_edge[chosen]
        reached = value != NEVER
        outcome = np.full(len(value), Outcome.REACHED, np.uint8)
        outcome[(edge != NOWHERE) & self.traffic.closed[edge]] = Outcome.LEAVES_CLOSED_ROAD
        outcome[~reached] = Outcome.NO_WAY
        outcome[(edge == NOWHERE) & (second == NOWHERE)] = Outcome.CAR_OFF_MAP
        if not self.is_on_map:
            outcome[:] = Outcome.INCIDENT_OFF_MAP
        return Etas(np.where(reached, value >> 32, -1), np.where(reached, value & _LENGTH, -1), outcome)

    def _follow(self, edge: int, begin_q16: int, turns_round: bool) -> Way:
        """From an edge's end along the labels, each of which is the sum of the next one and what lies between."""
        graph, cost = self.traffic.graph, self.traffic.cost
        edges = [edge]
        while True:
            label = int(self._label[edge])
            for begin in self._begins:
                if begin.edge == edge and begin.value == label:
                    if begin.stop < 0:
                        return Way(tuple(edges), begin_q16, FULL, turns_round, begin.foot_ms)
                    edges.append(int(self.stops.edge[begin.stop]))
                    end_q16 = int(self.stops.along_q16[begin.stop])
                    return Way(tuple(edges), begin_q16, end_q16, turns_round, begin.foot_ms)
            turns = slice(int(graph.turn_first[edge]), int(graph.turn_first[edge + 1]))
            followers = graph.turn_to[turns]
            through = self._label[followers] + cost[followers] + (graph.turn_ms[turns].astype(np.int64) << 32)
            able = (self._label[followers] != 0) & ~self.traffic.closed[followers] & (through == label)
            edge = int(followers[np.flatnonzero(able)[0]])
            edges.append(edge)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A label from which the search begins: from the end of `edge` to `stop`, or to the incident on foot (-1)."""

    edge: int
    value: int
    stop: int
    foot_ms: int


def _beginnings(traffic: Traffic, stops: Stops) -> list[_Beginning]:
    graph, found = traffic.graph, []
    for stop, edge in enumerate(stops.edge.tolist()):
        if traffic.closed[edge]:
            continue
        along_q16, foot_ms = int(stops.along_q16[stop]), int(stops.foot_ms[stop])
        along_ms = int(part(int(traffic.time_ms[edge]), along_q16)) + foot_ms
        along_dm = int(part(int(graph.edge_length_dm[edge]), along_q16)) + 1
        for turn in range(int(graph.into_first[edge]), int(graph.into_first[edge + 1])):
            value = (int(graph.into_ms[turn]) + along_ms << 32) + along_dm
            found.append(_Beginning(int(graph.into_from[turn]), value, stop, foot_ms))
    for edge, foot_ms in zip(*ends_on_foot(graph, traffic.closed, stops), strict=True):
        found.append(_Beginning(edge, (foot_ms << 32) + 1, -1, foot_ms))
    return found
