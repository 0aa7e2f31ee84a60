"""A patrol car on the streets: roams its beat, and drives to an incident and stops there when sent."""

import math
from collections import deque
from enum import Enum
from itertools import pairwise, zip_longest
from random import Random

from sigap_roads.ways import RoadClass
from sigap_simulator.driving import PATROL, URGENT, Leg
from sigap_simulator.geometry import course_deg
from sigap_simulator.streets import Approach, Place, Point, Streets

_SUBSTEP_S = 0.2
_AT_M = 0.05  # nearer than this is there
_AHEAD_M = 60.0  # so much more than the way to stop is planned
_SLOWING_S = 3.0  # of what a turn costs is lost by braking and picking up speed again
_LONGEST_WAIT_S = 60.0
_SOON_M, _SOON_S = 20.0, 6.0
_STRAYED = 2.5  # times the beat: then the car is driven home
# How a crew on patrol likes what lies ahead.
_APPEAL = {RoadClass.MOTORWAY: 0.02, RoadClass.LIVING_STREET: 0.3, RoadClass.SERVICE: 0.2, RoadClass.TRACK: 0.1}


class Duty(Enum):
    PATROLLING = "patrolling"
    RESPONDING = "responding"
    AT_INCIDENT = "at incident"


class Vehicle:
    """Deterministic by `seed`, given the same calls.

    point       (east_m, north_m) on the streets' plane
    edge        of the road graph, that it is on
    speed_mps   over ground
    course_deg  degrees true; at rest, where the car's nose points
    """

    def __init__(self, seed: int, streets: Streets, home: Point = (0.0, 0.0), beat_m: float = 600.0) -> None:
        """Begins at rest on a street at `home`, the middle of its beat of about `beat_m` metres."""
        self._random = Random(seed)
        self._streets = streets
        self._home = streets.nearest(home, on_foot=True)
        self._beat_m = beat_m
        self._driving = PATROL
        self._temper = self._random.uniform(0.93, 1.07)  # some drive faster than others
        self._legs: deque[Leg] = deque()
        self._trip: deque[int] = deque()  # edges after the last planned one
        self._stop: Approach | None = None  # where the trip ends
        self._wait_s = 0.0
        self.duty = Duty.PATROLLING
        self.point = self._home.point
        self.edge = self._home.edge
        self._along_m = self._home.along_m
        self.speed_mps = 0.0
        self.course_deg = 0.0
        self._plan()
        self._aim()

    def place_ahead(self) -> Point:
        """A place that the car will pass in some seconds; not at a junction, nor behind one if it can be."""
        left_m = _SOON_M + _SOON_S * self.speed_mps
        enough_m = _SOON_M + self._driving.stopping_m(self.speed_mps)
        gone_m = 0.0
        here = self.point
        for leg, after in zip_longest(self._legs, list(self._legs)[1:]):
            leg_m = math.dist(here, leg.point)
            gone_m += leg_m
            is_last = after is None or (after.edge != leg.edge and gone_m >= enough_m)
            if left_m <= leg_m or is_last:
                share = min(max(left_m / leg_m, 0.2), 0.8) if leg_m > 0.0 else 0.0
                return here[0] + share * (leg.point[0] - here[0]), here[1] + share * (leg.point[1] - here[1])
            left_m -= leg_m
            here = leg.point
        return here

    def respond(self, point: Point) -> None:
        """Leave the beat for the place on a street nearest to `point`, and stop there."""
        self.duty = Duty.RESPONDING
        self._driving = URGENT
        self._wait_s = 0.0
        self._forget_plans()
        self._drive_to(self._streets.nearest(point))
        self._plan()
        self._aim()

    def resume_patrol(self) -> None:
        """Back to roaming, from wherever the car is."""
        self.duty = Duty.PATROLLING
        self._driving = PATROL
        self._forget_plans()
        self._plan()
        self._aim()

    def step(self, elapsed_s: float) -> None:
        """Drive on for `elapsed_s` seconds."""
        left_s = elapsed_s
        while left_s > 1e-9:
            part_s = min(_SUBSTEP_S, left_s)
            self._drive(part_s)
            left_s -= part_s

    # Planning: along which edges, and how fast past each point.

    def _end(self) -> tuple[int, float]:
        """(edge, along_m) of where the plan ends so far."""
        return (self._legs[-1].edge, self._legs[-1].along_m) if self._legs else (self.edge, self._along_m)

    def _forget_plans(self) -> None:
        """Keep only the way on which the car can no longer stop."""
        self._trip.clear()
        self._stop = None
        left_m = self._driving.stopping_m(self.speed_mps)
        kept: deque[Leg] = deque()
        here = self.point
        while self._legs and left_m > 0.0:
            leg = self._legs.popleft()
            leg.wait_s = 0.0
            leg_m = math.dist(here, leg.point)
            if leg_m > left_m:
                share = left_m / leg_m
                leg.along_m -= leg_m - left_m
                leg.point = (here[0] + share * (leg.point[0] - here[0]), here[1] + share * (leg.point[1] - here[1]))
            left_m -= leg_m
            here = leg.point
            kept.append(leg)
        if kept:
            kept[-1].pass_mps = 0.0
        self._legs = kept

    def _drive_to(self, place: Place) -> None:
        """From the end of the plan: on along the street, or after turning round, whatever is quicker.

        Where there is no way at all the car stays.
        """
        approach = self._streets.approach(place)
        edge, along_m = self._end()
        if self._streets.may_turn_round(edge):
            twin = self._streets.twin(edge)
            back_m = max(0.0, self._streets.length_m(twin) - along_m)
            back_s = self._streets.turn_round_s + self._left_s(approach, twin, back_m)
            if back_s < self._left_s(approach, edge, along_m):
                self._turn_round(twin, back_m)
                edge, along_m = twin, back_m
        if approach.ends.get(edge, -1.0) >= along_m - _AT_M:
            self._stop = approach
            self._append(edge, along_m, approach.ends[edge])
        elif way := self._streets.way(edge, approach):
            self._stop = approach
            self._trip.extend(way)
            self._append(edge, along_m, self._streets.length_m(edge))

    def _left_s(self, approach: Approach, edge: int, along_m: float) -> float:
        """Seconds from a place to the end of the approach."""
        end_m = self._streets.length_m(edge)
        straight_m = approach.ends.get(edge, -1.0)
        limit_mps = self._streets.limit_mps(edge)
        if straight_m >= along_m - _AT_M:
            return (straight_m - along_m) / limit_mps
        return (end_m - along_m) / limit_mps + float(approach.after_s[edge])

    def _turn_round(self, twin: int, along_m: float) -> None:
        """In mid-block, where the plan ends."""
        if self._legs:
            self._legs[-1].pass_mps = 0.0
            self._legs[-1].wait_s = self._streets.turn_round_s
        else:
            self._wait_s = self._streets.turn_round_s
            self.edge, self._along_m = twin, along_m

    def _plan(self) -> None:
        """So far ahead that the car need not brake for want of a plan."""
        wanted_m = self._driving.stopping_m(self.speed_mps) + _AHEAD_M
        planned_m = sum(math.dist(a, b) for a, b in pairwise([self.point, *(leg.point for leg in self._legs)]))
        while planned_m < wanted_m and (edge := self._next()) is not None:
            begin = self._legs[-1].point if self._legs else self.point
            stop_m = None if self._trip or self._stop is None else self._stop.ends.get(edge)
            before = len(self._legs)
            self._append(edge, 0.0, self._streets.length_m(edge) if stop_m is None else stop_m)
            planned_m += sum(
                math.dist(a, b) for a, b in pairwise([begin, *(leg.point for leg in list(self._legs)[before:])])
            )

    def _next(self) -> int | None:
        """The edge after the end of the plan; None where the car stops."""
        if self._trip:
            return self._trip.popleft()
        if self.duty is not Duty.PATROLLING:
            return None
        edge, along_m = self._end()
        if along_m < self._streets.length_m(edge) - _AT_M:
            self._append(edge, along_m, self._streets.length_m(edge))
        return self._onward(edge)

    def _onward(self, edge: int) -> int:
        """Where a patrol goes after an edge: straight on mostly, and home when it strayed."""
        here = self._streets.points(edge)[-1]
        strayed_m = math.dist(here, self._home.point)
        if strayed_m > _STRAYED * self._beat_m:
            self._trip.extend(self._streets.way(edge, self._streets.approach(self._home)))
            return self._trip.popleft()
        choices = [onto for onto, _ in self._streets.onward(edge)]
        others = [onto for onto in choices if onto != self._streets.twin(edge)] or choices
        return self._random.choices(others, [self._appeal(edge, onto, strayed_m) for onto in others])[0]

    def _appeal(self, edge: int, onto: int, strayed_m: float) -> float:
        points = self._streets.points(onto)
        homewards = math.dist(points[-1], self._home.point) < strayed_m
        straight = abs(_turned_rad(self._streets.points(edge)[-2:], points[:2])) < 0.6
        like = _APPEAL.get(RoadClass(int(self._streets.graph.edge_class[onto])), 1.0)
        return like * (2.0 if straight else 1.0) * (6.0 if homewards and strayed_m > self._beat_m else 1.0)

    def _append(self, edge: int, from_m: float, to_m: float) -> None:
        """Legs along an edge; the end of the plan so far can now be passed, as its angle allows."""
        points = self._streets.points(edge)
        limit_mps = self._streets.limit_mps(edge) * self._driving.haste * self._temper
        end_m = 0.0
        for here, there in pairwise(points):
            begin_m, end_m = end_m, end_m + math.dist(here, there)
            if end_m <= from_m + _AT_M or begin_m >= to_m:
                continue
            stop_m = min(end_m, to_m)
            share = (stop_m - begin_m) / (end_m - begin_m)
            point = (here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1]))
            leg = Leg(edge, point, stop_m, limit_mps)
            if self._legs:
                self._pass(self._legs[-1], leg)
            self._legs.append(leg)

    def _pass(self, leg: Leg, after: Leg) -> None:
        if leg.wait_s > 0.0:
            return
        before = self._legs[-2].point if len(self._legs) > 1 else self.point
        bend_mps = self._driving.through_mps(_turned_rad([before, leg.point], [leg.point, after.point]))
        if leg.edge != after.edge:
            leg.wait_s = self._wait_at(leg.edge, after.edge)
        if leg.wait_s == 0.0:
            leg.pass_mps = min(leg.limit_mps, after.limit_mps, bend_mps)

    def _wait_at(self, edge: int, onto: int) -> float:
        """Seconds of standing still at the junction: parked, or every other time at a light or to give way."""
        driving = self._driving
        if self._random.random() < driving.park_share:
            return self._random.uniform(*driving.park_s)
        turn_s = next((cost_s for other, cost_s in self._streets.onward(edge) if other == onto), 0.0)
        if turn_s > _SLOWING_S and self._random.random() < 0.5:
            mean_s = 2.0 * driving.waits * (turn_s - _SLOWING_S)
            return min(mean_s * self._random.uniform(0.5, 1.5), _LONGEST_WAIT_S)
        return 0.0

    # Driving: speed from what lies ahead, position from speed.

    def _drive(self, step_s: float) -> None:
        if self.duty is Duty.AT_INCIDENT:
            return
        if self._wait_s > 0.0:
            self._wait_s -= step_s
            return
        if not self._legs:
            self._arrive()
            return
        speed_mps = self._driving.next_mps(self.speed_mps, step_s, self.point, self._legs)
        move_m = (self.speed_mps + speed_mps) / 2.0 * step_s
        can_stop = self.speed_mps <= self._driving.brake_mps2 * step_s
        self.speed_mps = speed_mps
        while move_m > 0.0 or self._is_at_stop():
            leg = self._legs[0]
            left_m = math.dist(self.point, leg.point)
            if left_m - move_m > (_AT_M if can_stop and leg.pass_mps == 0.0 else 0.0):
                self._move(move_m, left_m)
                break
            move_m -= left_m
            if not self._reach():
                break
        self._plan()

    def _is_at_stop(self) -> bool:
        return self._legs[0].pass_mps == 0.0 and math.dist(self.point, self._legs[0].point) <= _AT_M

    def _move(self, move_m: float, left_m: float) -> None:
        leg, share = self._legs[0], move_m / left_m
        self.edge, self._along_m = leg.edge, leg.along_m - (left_m - move_m)
        self.point = (
            self.point[0] + share * (leg.point[0] - self.point[0]),
            self.point[1] + share * (leg.point[1] - self.point[1]),
        )

    def _reach(self) -> bool:
        """At the end of a leg; whether the car rolls on."""
        leg = self._legs.popleft()
        self.point, self.edge, self._along_m = leg.point, leg.edge, leg.along_m
        self._wait_s = leg.wait_s
        if leg.pass_mps == 0.0:
            self.speed_mps = 0.0
        if not self._legs:
            self._arrive()
            return False
        self._aim()
        return leg.pass_mps > 0.0

    def _arrive(self) -> None:
        """At the end of the plan, which only an incident has."""
        if self.duty is Duty.RESPONDING and self._stop is not None:
            self.duty = Duty.AT_INCIDENT

    def _aim(self) -> None:
        if self._legs:
            target = self._legs[0].point
            if math.dist(target, self.point) > _AT_M:
                self.course_deg = course_deg(target[0] - self.point[0], target[1] - self.point[1])


def _turned_rad(before: list[Point], after: list[Point]) -> float:
    """The change of course from one stretch to the next, −π to π."""
    (ax, ay), (bx, by) = before
    (cx, cy), (dx, dy) = after
    return math.remainder(math.atan2(dy - cy, dx - cx) - math.atan2(by - ay, bx - ax), 2.0 * math.pi)
