"""Cars keep to streets, speeds and what tyres can do; sent to an incident, they get there and stop."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_simulator.streets import StreetGrid
from sigap_simulator.vehicle import PATROL, URGENT, Duty, Vehicle

STREETS = StreetGrid(seed=4)
SECOND_S = 1.0
coordinates = st.floats(-2000.0, 2000.0)
points = st.tuples(coordinates, coordinates)


def off_street_m(point: tuple[float, float]) -> float:
    return math.dist(point, STREETS.nearest(point).point)


def follow(vehicle: Vehicle, seconds: float, step_s: float = 0.1) -> None:
    """Drive, checking every step against what a car can do."""
    for _ in range(round(seconds / step_s)):
        speed_mps, point = vehicle.speed_mps, vehicle.point
        vehicle.step(step_s)
        change_mps2 = (vehicle.speed_mps - speed_mps) / step_s
        assert -PATROL.brake_mps2 - 1e-6 <= change_mps2 <= PATROL.accelerate_mps2 + 1e-6
        assert 0.0 <= vehicle.speed_mps <= 13.9 * URGENT.haste + 1e-6
        moved_m = math.dist(point, vehicle.point)
        # The last centimetres to a stop are given to the car.
        assert moved_m <= max(speed_mps, vehicle.speed_mps) * step_s + 0.06
        assert off_street_m(vehicle.point) < 0.01
        assert 0.0 <= vehicle.course_deg < 360.0


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), home=points)
def test_a_patrol_obeys_physics_and_streets(seed: int, home: tuple[float, float]) -> None:
    follow(Vehicle(seed, STREETS, home), 300)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    home=points,
    patrol_s=st.floats(0, 100),
    calls=st.lists(st.tuples(points, st.floats(0, 60)), min_size=1, max_size=3),
)
def test_a_car_sent_arrives_and_stops(
    seed: int, home: tuple[float, float], patrol_s: float, calls: list[tuple[tuple[float, float], float]]
) -> None:
    vehicle = Vehicle(seed, STREETS, home)
    follow(vehicle, patrol_s)
    for point, until_s in calls:
        vehicle.respond(point)
        follow(vehicle, until_s)
    far_m = sum(abs(a - b) for a, b in zip(vehicle.point, point, strict=True)) + 800.0
    for _ in range(round(far_m / 6.0)):
        vehicle.step(SECOND_S)
    assert vehicle.duty is Duty.AT_INCIDENT
    assert vehicle.speed_mps == 0.0
    assert math.dist(vehicle.point, STREETS.nearest(point).point) < 0.01
    vehicle.step(60.0)
    assert math.dist(vehicle.point, STREETS.nearest(point).point) < 0.01
    vehicle.resume_patrol()
    follow(vehicle, 120)
    assert math.dist(vehicle.point, STREETS.nearest(point).point) > 1.0


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), home=points, patrol_s=st.floats(0, 100))
def test_to_the_place_ahead_it_drives_no_detour(seed: int, home: tuple[float, float], patrol_s: float) -> None:
    vehicle = Vehicle(seed, STREETS, home)
    follow(vehicle, patrol_s)
    place = vehicle.place_ahead()
    vehicle.respond(place)
    for _ in range(12):
        vehicle.step(SECOND_S)
    assert vehicle.duty is Duty.AT_INCIDENT
    assert math.dist(vehicle.point, place) < 0.1


def test_corners_are_taken_slowly() -> None:
    corners = 0
    for seed in range(20):
        vehicle = Vehicle(seed, STREETS)
        if seed % 2:
            vehicle.respond((700.0, -900.0))
        for _ in range(3000):
            course_deg = vehicle.course_deg
            vehicle.step(0.1)
            if vehicle.course_deg != course_deg:
                corners += 1
                # It may have been accelerating out of the corner since.
                assert vehicle.speed_mps <= PATROL.corner_mps + 0.1 * PATROL.accelerate_mps2
    assert corners > 100


def test_a_car_sent_waits_for_no_light() -> None:
    for seed in range(200):
        vehicle = Vehicle(seed, STREETS)
        # Called while it rolls the last metre up to a light or a parking place.
        before_mps = 0.0
        while not 0.0 < vehicle.speed_mps < min(before_mps, 0.7):
            before_mps = vehicle.speed_mps
            vehicle.step(0.05)
        vehicle.respond((600.0, 600.0))
        standing_s = 0.0
        while vehicle.duty is Duty.RESPONDING:
            vehicle.step(0.1)
            standing_s += 0.1 * (vehicle.speed_mps == 0.0)
        assert standing_s < 2.0


def test_a_patrol_moves_turns_stops_and_stays_near() -> None:
    vehicle = Vehicle(1, STREETS, home=(100.0, 50.0), beat_m=500.0)
    speeds, courses, far_m = [], set(), 0.0
    for _ in range(3600):
        vehicle.step(SECOND_S)
        speeds.append(vehicle.speed_mps)
        courses.add(round(vehicle.course_deg / 90.0) % 4)
        far_m = max(far_m, math.dist(vehicle.point, (100.0, 50.0)))
    assert 2.0 < sum(speeds) / len(speeds) < 9.0
    assert 0.05 < sum(speed == 0.0 for speed in speeds) / len(speeds) < 0.6
    assert courses == {0, 1, 2, 3}
    assert 300.0 < far_m < 1500.0


def test_the_same_seed_drives_the_same_way() -> None:
    def track(seed: int) -> list[tuple[float, float]]:
        vehicle = Vehicle(seed, StreetGrid(seed=9))
        points = []
        for second in range(600):
            if second == 200:
                vehicle.respond((500.0, -300.0))
            vehicle.step(SECOND_S)
            points.append(vehicle.point)
        return points

    assert track(11) == track(11)
    assert track(11) != track(12)


def test_course_is_where_the_car_moves() -> None:
    vehicle = Vehicle(2, STREETS)
    for _ in range(2000):
        point, course = vehicle.point, math.radians(vehicle.course_deg)
        vehicle.step(0.1)
        moved = (vehicle.point[0] - point[0], vehicle.point[1] - point[1])
        if math.radians(vehicle.course_deg) == course and math.hypot(*moved) > 0.1:
            along_m = moved[0] * math.sin(course) + moved[1] * math.cos(course)
            assert along_m == pytest.approx(math.hypot(*moved), rel=1e-6)


@given(point=points)
def test_the_nearest_place_is_on_the_street_between_its_ends(point: tuple[float, float]) -> None:
    place = STREETS.nearest(point)
    a, b = (STREETS.point(end) for end in place.ends)
    assert math.dist(a, place.point) + math.dist(place.point, b) == pytest.approx(math.dist(a, b))
    assert math.dist(point, place.point) <= min(math.dist(point, a), math.dist(point, b)) + 1e-9
    assert place.ends[1] in STREETS.neighbours(place.ends[0])


@given(
    start=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
    end=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
    column_first=st.booleans(),
)
def test_a_route_goes_from_neighbour_to_neighbour(
    start: tuple[int, int], end: tuple[int, int], column_first: bool
) -> None:
    route = [start, *STREETS.route(start, end, column_first)]
    assert route[-1] == end
    assert all(b in STREETS.neighbours(a) for a, b in pairwise(route))
    assert len(route) == 1 + abs(start[0] - end[0]) + abs(start[1] - end[1])
