"""`sigap bench nearest`: who is first at an incident, how soon that is known, and what a straight line would say.

In processor time, so that others who are at work on the machine count less; Redis, a process of its own, by the clock.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sigap.bench.samples import summary_ms
from sigap.bench.straight_line import compare
from sigap.bench.traffic import Positions, scatter
from sigap.bench.yardsticks import CarsAndIncidents, geosearch, hierarchy, whole_dijkstra
from sigap_roads.build import build
from sigap_roads.city import make_city
from sigap_roads.field import TravelTimeField
from sigap_roads.graph import RoadGraph
from sigap_roads.live import LiveRoads
from sigap_roads.profile import Profile
from sigap_roads.sources import open_roads

GOAL_RANKING_MS = 5.0
GOAL_BEST_MS = 1.0
GOAL_REFRESH_SHARE = 0.05
UNITS, OPEN_INCIDENTS, BEST = 1000, 20, 8
_HORIZON_MS = 600_000
_FLEETS = 40, 200
_WARM_UP = 3

Progress = Callable[[str], None]


def measure(file: Path | None, questions: int, tell: Progress) -> dict[str, Any]:
    """Everything on one graph; without a file on the built-in city at its large size."""
    tell("the graph")
    graph = open_roads(file) if file is not None else build(make_city(1, "large"), Profile())
    roads = LiveRoads(graph)
    cars, incidents = scatter(graph, UNITS, 1), scatter(graph, questions, 2)
    document: dict[str, Any] = {"graph": _about(graph), "units": UNITS, "questions": questions, "rankings": {}}
    rankings = document["rankings"]
    for name, goal_ms, ask in _QUESTIONS:
        tell(name)
        figures = summary_ms(list(_times(roads, cars, incidents, ask)))
        rankings[name] = figures | ({"goal_ms": goal_ms, "reached": figures["p99_ms"] <= goal_ms} if goal_ms else {})
    both = CarsAndIncidents(graph, roads, cars, incidents)
    for name, yardstick in (
        ("scipy: the whole graph", whole_dijkstra),
        ("routingkit-cch: every car", hierarchy),
        ("Redis GEOSEARCH: straight line", geosearch),
    ):
        tell(name)
        rankings[name] = yardstick(both)
    tell("every second's look")
    document["refresh"] = _refresh(roads, cars, incidents)
    document["straight_line"] = [
        compare(roads, scatter(graph, fleet * 10, 3), scatter(graph, questions, 4), fleet) for fleet in _FLEETS
    ]
    return document


def _first(field: TravelTimeField, cars: Any) -> None:
    field.best(cars, BEST)


def _within_horizon(field: TravelTimeField, cars: Any) -> None:
    field.best(cars, len(cars), _HORIZON_MS)


def _everybody(field: TravelTimeField, cars: Any) -> None:
    field.etas(cars)


_QUESTIONS = (
    (f"the first {BEST}", GOAL_BEST_MS, _first),
    (f"all within {_HORIZON_MS // 60_000} min", None, _within_horizon),
    ("every unit, to the last", GOAL_RANKING_MS, _everybody),
)


def _times(
    roads: LiveRoads, cars: Positions, incidents: Positions, ask: Callable[[TravelTimeField, Any], None]
) -> Iterator[float]:
    """Seconds of work from an incident's position to the answer; the cars are on the road already, as at every fix."""
    places = roads.snap(*cars)
    for i, (lat_e7, lon_e7) in enumerate(zip(incidents.lat_e7.tolist(), incidents.lon_e7.tolist(), strict=True)):
        began_s = time.thread_time()
        ask(roads.field(lat_e7, lon_e7), places)
        if i >= _WARM_UP:
            yield time.thread_time() - began_s


def _refresh(roads: LiveRoads, cars: Positions, incidents: Positions) -> dict[str, Any]:
    """What one second costs: every unit has a new fix, every open incident wants every unit's time."""
    open_ = [roads.field(int(incidents.lat_e7[i]), int(incidents.lon_e7[i])) for i in range(OPEN_INCIDENTS)]
    took_s = []
    for _ in range(20):
        began_s = time.thread_time()
        places = roads.snap(*cars)
        for field in open_:
            field.etas(places)
        took_s.append(time.thread_time() - began_s)
    share = float(np.median(took_s[_WARM_UP:]))
    return {
        "incidents": OPEN_INCIDENTS,
        "share_of_a_core": round(share, 4),
        "goal_share": GOAL_REFRESH_SHARE,
        "reached": share <= GOAL_REFRESH_SHARE,
    }


def _about(graph: RoadGraph) -> dict[str, Any]:
    return {
        "source": graph.info.get("source", ""),
        "attribution": graph.info.get("attribution", ""),
        "nodes": graph.node_count,
        "edges": graph.edge_count,
        "turns": len(graph.turn_to),
    }
