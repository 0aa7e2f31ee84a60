"""A patrol car on the streets: roams its beat, and drives to an incident and stops there when sent."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from random import Random

from sigap_simulator.geometry import course_deg
from sigap_simulator.streets import Junction, Place, Point, StreetGrid

_SUBSTEP_S = 0.2
_AT_M = 0.05  # nearer than this is there
_PLANNED_LEGS = 3  # three of the shortest blocks are longer than the longest way to stop
_AHEAD_M = 5.0  # farther than the car needs to stop
_BRAKE_SHARE = 0.8  # braking is planned with this share of what the car can do


@dataclass(frozen=True, slots=True)
class Driving:
    """How a car is driven.

    accelerate_mps2, brake_mps2   limits that are never exceeded
    corner_mps                    through a right angle
    haste                         factor on the streets' usual speeds
    stop_share, stop_s            share of junctions with a red light, and for how long
    park_share, park_s            share of junctions where the crew parks, and for how long
    """

    accelerate_mps2: float = 2.0
    brake_mps2: float = 3.0
    corner_mps: float = 5.0
    haste: float = 1.0
    stop_share: float = 0.25
    stop_s: tuple[float, float] = (4.0, 25.0)
    park_share: float = 0.02
    park_s: tuple[float, float] = (30.0, 120.0)


PATROL = Driving()
URGENT = Driving(haste=1.25, stop_share=0.0, park_share=0.0)


class Duty(Enum):
    PATROLLING = "patrolling"
    RESPONDING = "responding"
    AT_INCIDENT = "at incident"


@dataclass(slots=True)
class _Leg:
    """The way to one junction, or to `point` on the way there."""

    to: Junction
    point: Point
    limit_mps: float
    pass_mps: float = 0.0  # the speed at `point`; nobody drives through an end whose continuation is unknown
    wait_s: float = 0.0  # there, after stopping


class Vehicle:
    """Deterministic by `seed`, given the same calls.

    point       (east_m, north_m) from the streets' origin
    speed_mps   over ground
    course_deg  degrees true; at rest, where the car's nose points
    """

    def __init__(self, seed: int, streets: StreetGrid, home: Point = (0.0, 0.0), beat_m: float = 600.0) -> None:
        """Begins at rest on a street at `home`, the middle of its beat of about `beat_m` metres."""
        self._random = Random(seed)
        self._streets = streets
        self._home = home
        self._beat_m = beat_m
        self._driving = PATROL
        place = streets.nearest(home)
        self._behind = place.ends[0]
        self._legs: deque[_Leg] = deque()
        self._wait_s = 0.0
        self.duty = Duty.PATROLLING
        self.point = place.point
        self.speed_mps = 0.0
        self.course_deg = 0.0
        self._append_leg(place.ends[1])
        self._extend_patrol()
        self._aim()

    def respond(self, point: Point) -> None:
        """Leave the beat for the place on a street nearest to `point`, and stop there."""
        target = self._streets.nearest(point)
        self.duty = Duty.RESPONDING
        self._driving = URGENT
        self._wait_s = 0.0
        self._forget_plans()
        if not self._is_ahead(target):
            self._append_route(target)
        self._legs[-1].point = target.point

    def place_ahead(self) -> Point:
        """The nearest place, on the way that it drives anyhow, to which it could be sent."""
        left_m = self._stopping_m() + _AHEAD_M
        at = self.point
        for leg in self._legs:
            leg_m = math.dist(at, leg.point)
            if left_m <= leg_m - _AHEAD_M:  # at the junction itself it would be on more than one street
                return at[0] + left_m / leg_m * (leg.point[0] - at[0]), at[1] + left_m / leg_m * (leg.point[1] - at[1])
            left_m = max(left_m - leg_m, _AHEAD_M)
            at = leg.point
        return at

    def resume_patrol(self) -> None:
        """Back to roaming, from wherever the car is."""
        self.duty = Duty.PATROLLING
        self._driving = PATROL
        self._forget_plans()
        self._extend_patrol()

    def step(self, elapsed_s: float) -> None:
        """Drive on for `elapsed_s` seconds."""
        left_s = elapsed_s
        while left_s > 1e-9:
            part_s = min(_SUBSTEP_S, left_s)
            self._drive(part_s)
            left_s -= part_s

    # Planning: which junctions, and how fast through each.

    def _forget_plans(self) -> None:
        """Keep only the legs at whose end the car can no longer stop, and the first after them."""
        kept: deque[_Leg] = deque()
        while self._legs:
            leg = self._legs.popleft()
            leg.point = self._streets.point(leg.to)
            leg.wait_s = 0.0
            kept.append(leg)
            if self._distance_m(kept) >= self._stopping_m():
                break
        kept[-1].pass_mps = 0.0
        self._legs = kept

    def _stopping_m(self) -> float:
        return self.speed_mps**2 / (2.0 * _BRAKE_SHARE * self._driving.brake_mps2)

    def _distance_m(self, legs: Iterable[_Leg]) -> float:
        points = [self.point, *(leg.point for leg in legs)]
        return sum(math.dist(a, b) for a, b in pairwise(points))

    def _is_ahead(self, target: Place) -> bool:
        """Whether the target lies on the street to the last planned junction, far enough to stop there."""
        leg = self._legs[-1]
        if {self._before_last(), leg.to} != set(target.ends):
            return False
        on_the_way = list(self._legs)[:-1]
        start = on_the_way[-1].point if on_the_way else self.point
        to_target_m = math.dist(start, target.point)
        return (
            self._distance_m(on_the_way) + to_target_m >= self._stopping_m()
            and to_target_m <= math.dist(start, leg.point) - math.dist(target.point, leg.point) + _AT_M
        )

    def _append_route(self, target: Place) -> None:
        """Legs to the target's street: to its nearer end, then towards the other."""
        start = self._legs[-1].to
        near, far = sorted(target.ends, key=lambda end: len(self._streets.route(start, end, True)))
        choices = [self._streets.route(start, near, column_first) for column_first in (True, False)]
        self._random.shuffle(choices)
        before = self._before_last()
        without_turning_back = [route for route in choices if not route or route[0] != before]
        for junction in [*(without_turning_back or choices)[0], far]:
            self._append_leg(junction)

    def _before_last(self) -> Junction:
        return self._legs[-2].to if len(self._legs) > 1 else self._behind

    def _append_leg(self, junction: Junction) -> None:
        """Go on to `junction` after the last planned one, which can now be passed as its angle allows."""
        start = self._legs[-1].to if self._legs else self._behind
        limit_mps = self._streets.limit_mps(start, junction) * self._driving.haste
        if self._legs:
            self._pass(self._legs[-1], self._before_last(), junction, limit_mps)
        self._legs.append(_Leg(junction, self._streets.point(junction), limit_mps))

    def _pass(self, leg: _Leg, before: Junction, after: Junction, limit_mps: float) -> None:
        driving = self._driving
        chance = self._random.random()
        if chance < driving.park_share:
            leg.wait_s = self._random.uniform(*driving.park_s)
        elif chance < driving.park_share + driving.stop_share:
            leg.wait_s = self._random.uniform(*driving.stop_s)
        elif after != before:
            corner_mps = driving.corner_mps if _turns(before, after) else limit_mps
            leg.pass_mps = min(leg.limit_mps, limit_mps, corner_mps)

    def _extend_patrol(self) -> None:
        while len(self._legs) < _PLANNED_LEGS:
            self._append_leg(self._onward())

    def _onward(self) -> Junction:
        """Where a patrol goes after the last planned junction: straight on mostly, and home when it strayed."""
        here, before = self._legs[-1].to, self._before_last()
        choices = [junction for junction in self._streets.neighbours(here) if junction != before]
        return self._random.choices(choices, [self._appeal(before, here, junction) for junction in choices])[0]

    def _appeal(self, before: Junction, here: Junction, after: Junction) -> float:
        strayed_m = math.dist(self._streets.point(here), self._home)
        homewards = math.dist(self._streets.point(after), self._home) < strayed_m
        return (1.0 if _turns(before, after) else 2.0) * (6.0 if homewards and strayed_m > self._beat_m else 1.0)

    # Driving: speed from what lies ahead, position from speed.

    def _drive(self, step_s: float) -> None:
        if self.duty is Duty.AT_INCIDENT:
            return
        if self._wait_s > 0.0:
            self._wait_s -= step_s
            return
        speed_mps = self._next_speed_mps(step_s)
        move_m = (self.speed_mps + speed_mps) / 2.0 * step_s
        can_stop = self.speed_mps <= self._driving.brake_mps2 * step_s
        self.speed_mps = speed_mps
        while move_m > 0.0 or self._is_at_stop():
            left_m = math.dist(self.point, self._legs[0].point)
            if left_m - move_m > (_AT_M if can_stop and self._legs[0].pass_mps == 0.0 else 0.0):
                self._move(move_m / left_m)
                return
            move_m -= left_m
            if not self._reach():
                return

    def _is_at_stop(self) -> bool:
        leg = self._legs[0]
        return leg.pass_mps == 0.0 and math.dist(self.point, leg.point) <= _AT_M

    def _next_speed_mps(self, step_s: float) -> float:
        """As fast as the street allows, so that everything ahead can still be obeyed after this step."""
        driving, now_mps = self._driving, self.speed_mps
        brake_mps2 = _BRAKE_SHARE * driving.brake_mps2
        speed_mps = min(now_mps + driving.accelerate_mps2 * step_s, self._legs[0].limit_mps)
        ahead_m = 0.0
        at = self.point
        for leg in self._legs:
            ahead_m += math.dist(at, leg.point)
            at = leg.point
            # v'² ≤ pass² + 2·b·(ahead − (v + v')/2·step), solved for v'.
            lost_mps = brake_mps2 * step_s
            room = lost_mps**2 + 4.0 * (leg.pass_mps**2 + 2.0 * brake_mps2 * ahead_m - lost_mps * now_mps)
            speed_mps = min(speed_mps, (math.sqrt(room) - lost_mps) / 2.0 if room > 0.0 else 0.0)
        return max(speed_mps, now_mps - driving.brake_mps2 * step_s, 0.0)

    def _move(self, share: float) -> None:
        target = self._legs[0].point
        self.point = (
            self.point[0] + share * (target[0] - self.point[0]),
            self.point[1] + share * (target[1] - self.point[1]),
        )

    def _reach(self) -> bool:
        """At the end of a leg; whether the car rolls on."""
        leg = self._legs[0]
        self.point = leg.point
        if leg.pass_mps == 0.0:
            self.speed_mps = 0.0
        if self.duty is Duty.RESPONDING and len(self._legs) == 1:
            self.duty = Duty.AT_INCIDENT
            return False
        self._legs.popleft()
        self._behind = leg.to
        self._wait_s = leg.wait_s
        if self.duty is Duty.PATROLLING:
            self._extend_patrol()
        self._aim()
        return leg.pass_mps > 0.0

    def _aim(self) -> None:
        target = self._legs[0].point
        self.course_deg = course_deg(target[0] - self.point[0], target[1] - self.point[1])


def _turns(before: Junction, after: Junction) -> bool:
    """Whether going from one to the other over a junction between them is a turn."""
    return before[0] != after[0] and before[1] != after[1]
