"""Cars keep to streets, to the ways allowed there and to what tyres can do; sent to an incident, they get there."""

import itertools
import math
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_roads.city import MIDDLE, default_city
from sigap_simulator.driving import PATROL
from sigap_simulator.geometry import Plane
from sigap_simulator.streets import NO_TWIN, Point, Streets
from sigap_simulator.vehicle import Duty, Vehicle

SECOND_S = 1.0
FASTEST_MPS = 70 / 3.6 * 1.07
coordinates = st.floats(-2500.0, 2500.0)
points = st.tuples(coordinates, coordinates)
seeds = st.integers(0, 2**32)


@cache
def streets() -> Streets:
    return Streets(default_city(), Plane(*MIDDLE))


def off_edge_m(point: Point, edge: int) -> float:
    """How far from the shape of an edge."""
    found = math.inf
    for (ax, ay), (bx, by) in pairwise(streets().points(edge)):
        east, north = bx - ax, by - ay
        share = ((point[0] - ax) * east + (point[1] - ay) * north) / ((east * east + north * north) or 1.0)
        share = min(max(share, 0.0), 1.0)
        found = min(found, math.dist(point, (ax + share * east, ay + share * north)))
    return found


def follow(vehicle: Vehicle, seconds: float, step_s: float = 0.1) -> None:
    """Drive, checking every step against what a car can do and may do."""
    for _ in range(round(seconds / step_s)):
        speed_mps, point, edge = vehicle.speed_mps, vehicle.point, vehicle.edge
        vehicle.step(step_s)
        change_mps2 = (vehicle.speed_mps - speed_mps) / step_s
        assert -PATROL.brake_mps2 - 1e-6 <= change_mps2 <= PATROL.accelerate_mps2 + 1e-6
        assert 0.0 <= vehicle.speed_mps <= FASTEST_MPS
        moved_m = math.dist(point, vehicle.point)
        # The last centimetres to a stop are given to the car.
        assert moved_m <= max(speed_mps, vehicle.speed_mps) * step_s + 0.06
        assert off_edge_m(vehicle.point, vehicle.edge) < 0.02
        assert 0.0 <= vehicle.course_deg < 360.0
        assert edge == vehicle.edge or may_follow(edge, vehicle.edge, speed_mps)


def may_follow(edge: int, other: int, speed_mps: float) -> bool:
    """Whether one gets from an edge to the other in a moment: by turns that are allowed, or by turning round."""
    onward = [onto for onto, _ in streets().onward(edge)]
    if other in onward or (streets().may_turn_round(edge) and other == streets().twin(edge) and speed_mps < 0.7):
        return True
    short = [onto for onto in onward if streets().length_m(onto) < 3.0]
    return any(may_follow(onto, other, speed_mps) for onto in short)


@settings(max_examples=20)
@given(seed=seeds, home=points)
def test_a_patrol_obeys_physics_and_streets(seed: int, home: Point) -> None:
    follow(Vehicle(seed, streets(), home), 200)


@settings(max_examples=40)
@given(
    seed=seeds,
    home=points,
    patrol_s=st.floats(0, 100),
    calls=st.lists(st.tuples(points, st.floats(0, 60)), min_size=1, max_size=3),
)
def test_a_car_sent_arrives_and_stops(
    seed: int, home: Point, patrol_s: float, calls: list[tuple[Point, float]]
) -> None:
    vehicle = Vehicle(seed, streets(), home)
    follow(vehicle, patrol_s)
    for point, until_s in calls:
        vehicle.respond(point)
        follow(vehicle, until_s)
    target = streets().nearest(calls[-1][0])
    for _ in range(3600):
        vehicle.step(SECOND_S)
        if vehicle.duty is Duty.AT_INCIDENT:
            break
    assert vehicle.duty is Duty.AT_INCIDENT
    assert vehicle.speed_mps == 0.0
    assert math.dist(vehicle.point, target.point) < 0.1
    assert vehicle.edge in {target.edge, streets().twin(target.edge)}
    stood = vehicle.point
    vehicle.step(60.0)
    assert vehicle.point == stood
    vehicle.resume_patrol()
    far_m = 0.0
    for _ in range(20):
        follow(vehicle, 10)
        far_m = max(far_m, math.dist(vehicle.point, stood))
    assert far_m > 1.0


def test_a_car_sent_takes_the_quickest_way() -> None:
    """Not much sooner nor later than the graph says."""
    random = Random(8)
    shares = []
    for seed in range(25):
        vehicle = Vehicle(seed, streets(), (random.uniform(-2500, 2500), random.uniform(-2500, 2500)))
        target = streets().nearest((random.uniform(-2500, 2500), random.uniform(-2500, 2500)))
        approach = streets().approach(target)
        predicted_s = float(approach.before_s[vehicle.edge])
        vehicle.respond(target.point)
        took_s = 0.0
        while vehicle.duty is Duty.RESPONDING:
            vehicle.step(SECOND_S)
            took_s += SECOND_S
        shares.append(took_s / predicted_s)
    assert 0.9 < sorted(shares)[len(shares) // 2] < 1.05
    assert max(shares) < 1.3


def test_bends_are_taken_slowly() -> None:
    bends = 0
    for seed in range(20):
        vehicle = Vehicle(seed, streets(), (100.0 * seed, -60.0 * seed))
        if seed % 2:
            vehicle.respond((700.0, -900.0))
        for _ in range(3000):
            course_deg = vehicle.course_deg
            vehicle.step(0.1)
            turned_rad = math.radians(math.remainder(vehicle.course_deg - course_deg, 360.0))
            if abs(turned_rad) > math.radians(45.0):
                bends += 1
                # Two bends may lie within one step, and it may have been accelerating since.
                assert vehicle.speed_mps <= PATROL.through_mps(turned_rad) + 0.1 * PATROL.accelerate_mps2 + 0.5
    assert bends > 100


def test_a_car_sent_leaves_at_once_and_never_parks() -> None:
    for seed in range(60):
        vehicle = Vehicle(seed, streets())
        # Called while it rolls the last metre up to a light or a parking place, or stands there.
        before_mps = 0.0
        while not 0.0 < vehicle.speed_mps < min(before_mps, 0.7):
            before_mps = vehicle.speed_mps
            vehicle.step(0.05)
        if seed % 2:
            vehicle.step(3.0)
        vehicle.respond((600.0, 600.0))
        stood_s, longest_s, first_s = 0.0, 0.0, None
        while vehicle.duty is Duty.RESPONDING:
            vehicle.step(0.1)
            stood_s = stood_s + 0.1 if vehicle.speed_mps == 0.0 else 0.0
            longest_s = max(longest_s, stood_s)
            if first_s is None and vehicle.speed_mps > 0.5:
                first_s = longest_s
        assert first_s is not None
        assert first_s < streets().turn_round_s + 2.0, "it stands to turn round, for nothing else"
        assert longest_s < 62.0


def test_a_patrol_moves_turns_stops_and_stays_near() -> None:
    for seed, home in enumerate([(100.0, 50.0), (-1500.0, 900.0), (1200.0, -1300.0)]):
        vehicle = Vehicle(seed, streets(), home, beat_m=500.0)
        speeds, courses, far_m = [], set(), 0.0
        for _ in range(3600):
            vehicle.step(SECOND_S)
            speeds.append(vehicle.speed_mps)
            courses.add(round(vehicle.course_deg / 90.0) % 4)
            far_m = max(far_m, math.dist(vehicle.point, home))
        assert 1.5 < sum(speeds) / len(speeds) < 8.0
        assert 0.03 < sum(speed == 0.0 for speed in speeds) / len(speeds) < 0.6
        assert courses == {0, 1, 2, 3}
        assert 300.0 < far_m < 3000.0


def test_the_same_seed_drives_the_same_way() -> None:
    def track(seed: int) -> list[Point]:
        vehicle = Vehicle(seed, streets())
        found = []
        for second in range(600):
            if second == 200:
                vehicle.respond((500.0, -300.0))
            vehicle.step(SECOND_S)
            found.append(vehicle.point)
        return found

    assert track(11) == track(11)
    assert track(11) != track(12)


def test_course_is_where_the_car_moves() -> None:
    vehicle = Vehicle(2, streets())
    for _ in range(2000):
        point, course = vehicle.point, math.radians(vehicle.course_deg)
        vehicle.step(0.1)
        moved = (vehicle.point[0] - point[0], vehicle.point[1] - point[1])
        if math.radians(vehicle.course_deg) == course and math.hypot(*moved) > 0.1:
            along_m = moved[0] * math.sin(course) + moved[1] * math.cos(course)
            assert along_m == pytest.approx(math.hypot(*moved), rel=1e-6)


def test_the_place_ahead_is_reached_soon() -> None:
    """Where a demonstration presses, so that nobody has to wait."""
    for seed in range(40):
        vehicle = Vehicle(seed, streets(), (60.0 * seed - 900.0, 40.0 * seed - 500.0))
        vehicle.step(20.0 + seed)
        there = vehicle.place_ahead()
        for _ in range(3):  # it goes on while the order is on its way
            vehicle.step(SECOND_S)
        vehicle.respond(there)
        seconds = next(second for second in itertools.count() if not _drives_on(vehicle))
        assert seconds < 60


def _drives_on(vehicle: Vehicle) -> bool:
    vehicle.step(SECOND_S)
    return vehicle.duty is Duty.RESPONDING


@given(point=points, on_foot=st.booleans())
def test_the_nearest_place_is_on_its_edge(point: Point, on_foot: bool) -> None:
    place = streets().nearest(point, on_foot)
    assert off_edge_m(place.point, place.edge) < 1e-6
    assert 0.0 <= place.along_m <= streets().length_m(place.edge) + 1e-6
    others = Random(repr(point)).sample(range(streets().graph.edge_count), 100)
    away_m = math.dist(point, place.point)
    assert all(off_edge_m(point, edge) >= away_m - 1e-6 for edge in others if not on_foot)


@settings(max_examples=25)
@given(point=points, start=st.integers(0))
def test_a_way_is_made_of_turns_and_takes_what_the_graph_says(point: Point, start: int) -> None:
    place = streets().nearest(point)
    approach = streets().approach(place)
    edge = start % streets().graph.edge_count
    way = streets().way(edge, approach)
    assert way[-1] in {place.edge, streets().twin(place.edge)} - {NO_TWIN}
    spent_s = 0.0
    for here, there in pairwise([edge, *way]):
        spent_s += dict(streets().onward(here))[there]
        spent_s += streets().graph.edge_time_ms[there] * 1e-3 if there != way[-1] else 0.0
    last_s = approach.ends[way[-1]] / streets().limit_mps(way[-1])
    assert spent_s + last_s == pytest.approx(float(approach.after_s[edge]), rel=0.01, abs=0.5)
