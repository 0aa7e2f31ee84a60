"""Travel times from the fleet's own tracks."""

import json
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_roads.errors import RoadsError
from sigap_roads.learned import FASTEST, SLOWEST, Drive, Learned, error_report, from_plain, hour_of_week
from sigap_roads.search import FULL
from sigap_roads.snap import Snapper
from sigap_roads.tracks import TrackPoint, drives
from sigap_roads.traffic import Traffic
from tests.roads.networks import LAT_E7, LON_E7, Edge, Network

BLOCK_E7 = 9_000  # 99 m
NO_TURNING = np.full(10, -1, np.int32)


def avenue(blocks: int = 12) -> Network:
    """Eastwards, 10 s a block."""
    nodes = [(LAT_E7, LON_E7 + BLOCK_E7 * i) for i in range(blocks + 1)]
    network = Network(nodes, [Edge(i, i + 1, 10_000, 990) for i in range(blocks)])
    network.turns = {(i, i + 1): 0 for i in range(blocks - 1)}
    return network


def track(pace: float, every_s: int = 10, jitter_e7: int = 0, seed: int = 0) -> Iterator[TrackPoint]:
    """A car that takes `pace` times as long as the profile has it."""
    random = Random(seed)
    for second in range(0, round(118 * pace), every_s):
        lon = LON_E7 + 100 + round(BLOCK_E7 * second / 10 / pace)
        lat = LAT_E7 + random.randint(-jitter_e7, jitter_e7)
        yield TrackPoint(second * 1000, lat, lon + random.randint(-jitter_e7, jitter_e7), 9_000, round(990 / pace))


def driven(points: list[TrackPoint]) -> list[Drive]:
    graph = avenue().graph()
    return list(drives(Snapper(graph, NO_TURNING), Traffic.by_profile(graph), points))


@pytest.mark.parametrize("pace", [0.6, 1.0, 1.5, 2.2])
def test_a_tracks_pace_is_found(pace: float) -> None:
    found = driven(list(track(pace, every_s=20)))
    assert len(found) == len(range(0, round(118 * pace), 20)) - 1
    for drive in found:
        assert drive.observed_ms / drive.predicted_ms == pytest.approx(pace, rel=0.02)
        assert drive.edges == tuple(range(drive.edges[0], drive.edges[-1] + 1))


def test_what_says_nothing_about_driving_is_left_out() -> None:
    first, second = list(track(1.0, every_s=20))[:2]
    for other in (
        second._replace(speed_cmps=50),  # it stands
        second._replace(time_ms=4_000),  # too soon
        second._replace(time_ms=500_000),  # too late
        second._replace(lat_e7=LAT_E7 + 1_000_000),  # off the map
        second._replace(lon_e7=LON_E7 + 200),  # hardly moved
        second._replace(lon_e7=LON_E7 + 10 * BLOCK_E7),  # faster than any car
        second._replace(lon_e7=LON_E7),  # behind it, where the street has no way back
    ):
        assert driven([first, other]) == []
    assert driven([first]) == []
    assert len(driven([first, second])) == 1


def test_learning_makes_predictions_better_and_says_by_how_much() -> None:
    graph = avenue().graph()
    learned = Learned()
    for seed in range(20):
        learned.add(graph, driven(list(track(1.4 + 0.2 * (seed % 3 - 1), jitter_e7=300, seed=seed))))
    profile, better = graph.edge_time_ms, learned.times_ms(graph, 100)
    actual = [round(time_ms * 1.4) for time_ms in profile.tolist()]
    before = error_report(list(zip(profile.tolist(), actual, strict=True)))
    after = error_report(list(zip(better.tolist(), actual, strict=True)))
    assert before["error_p50_s"] == 4.0
    assert after["error_p50_s"] <= 0.5
    assert before["ratio_p50"] == 1.4


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 167), st.integers(1, 10**8), st.integers(1, 10**8)), max_size=80))
def test_learned_times_are_bounded_by_the_profile_and_survive_json(rows: list[tuple[int, int, int]]) -> None:
    graph = avenue().graph()
    learned = Learned()
    learned.add(graph, [Drive((hour % 12,), hour, observed, predicted) for hour, observed, predicted in rows])
    again = from_plain(json.loads(json.dumps(learned.to_plain())), graph)
    for hour in (0, 80, 167):
        times = learned.times_ms(graph, hour)
        assert (times >= FASTEST * graph.edge_time_ms).all()
        assert (times <= SLOWEST * graph.edge_time_ms).all()
        assert again.times_ms(graph, hour).tolist() == times.tolist()


def test_a_few_observations_are_not_believed_and_outliers_do_not_count() -> None:
    graph = avenue().graph()
    learned = Learned()
    learned.add(graph, [Drive((3,), 10, 20_000, 10_000)] * 19)
    assert learned.times_ms(graph, 10).tolist() == [10_000] * 12
    learned.add(graph, [Drive((3,), 10, 20_000, 10_000)] * 15 + [Drive((3,), 10, 10**7, 10_000)] * 15)
    assert learned.times_ms(graph, 10)[3] == 20_000
    assert learned.times_ms(graph, 10)[4] == 20_000  # by its class
    assert learned.times_ms(graph, 11)[4] == 20_000  # by its class in all hours


def test_two_parts_of_a_fleet_add_up() -> None:
    graph = avenue().graph()
    parts = [Learned(), Learned()]
    for part in parts:
        part.add(graph, [Drive((3,), 10, 15_000, 10_000)] * 10)
    parts[0].merge(parts[1])
    whole = Learned()
    whole.add(graph, [Drive((3,), 10, 15_000, 10_000)] * 20)
    assert parts[0].to_plain() == whole.to_plain()


def test_counts_by_edge_are_of_one_graph_alone() -> None:
    graph = avenue().graph()
    learned = Learned("another graph")
    learned.add(graph, [Drive((3,), 10, 20_000, 10_000)] * 25)
    assert from_plain(learned.to_plain(), graph).times_ms(graph, 10).tolist() == [10_000] * 12
    for bad in ({}, {"built_from": "", "drives": 1, "classes": [99, 0, 0, 1], "edges": []}, {"drives": "x"}):
        with pytest.raises(RoadsError, match="learned travel times are not as expected"):
            from_plain(bad, graph)


def test_hours_begin_on_monday_by_the_citys_clock() -> None:
    assert hour_of_week(0) == 72
    assert hour_of_week(0, 7 * 3600) == 79
    monday_ms = 4 * 86_400_000
    assert hour_of_week(monday_ms) == 0
    assert hour_of_week(monday_ms - 1) == 167


def test_without_drives_there_is_nothing_to_report() -> None:
    assert error_report([]) == {"n": 0}
    assert FULL == 65_536
