"""How a neighbourhood is filled with streets: a grid, blocks that were divided over and over, lanes that end."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sigap_roads.city.lines import Face, Line, Plan, Point, Road, Side
from sigap_roads.city.naming import District
from sigap_roads.ways import Access, RoadClass

_LEAST_SHARE = 0.42  # of the spacing: no narrower block is cut off a grid
_LANE_APART_M = 16.0
_GATE_M = 14.0  # a street without a gate ends so far before the next one
_NEVER_CLOSED = 3  # every so manieth street of an estate has a way out at either end


@dataclass(frozen=True, slots=True)
class Grid:
    """Streets `along` a unit vector every `across_m`, and streets across these every `along_m`.

    one_way_share   of its streets, every second one in the other direction
    closed_share    of ends that do not reach the street around the grid
    phase           where streets lie, metres from the middle of the plan: neighbours with the same one fit together
    """

    along: Point
    along_m: float
    across_m: float
    road_class: RoadClass = RoadClass.RESIDENTIAL
    one_way_share: float = 0.0
    closed_share: float = 0.0
    access: Access = Access.OPEN
    phase: tuple[float, float] = (0.0, 0.0)


def fill_grid(plan: Plan, random: Random, face: Face, grid: Grid, name_of: Callable[[int, int], str]) -> list[Face]:
    """The blocks. `name_of(axis, index)` names the street number `index` along (0) or across (1)."""
    along, across = grid.along, (-grid.along[1], grid.along[0])
    strips = _slice(plan, random, [face], (along, across), (0, grid.across_m, grid.phase[0]), grid, name_of)
    return _slice(plan, random, strips, (across, along), (1, grid.along_m, grid.phase[1]), grid, name_of)


def _slice(
    plan: Plan,
    random: Random,
    faces: list[Face],
    vectors: tuple[Point, Point],
    axis: tuple[int, float, float],
    grid: Grid,
    name_of: Callable[[int, int], str],
) -> list[Face]:
    (direction, aside), (number, spacing_m, phase_m) = vectors, axis
    # Seen along `direction` the left is that way of `aside`.
    left_is_more = direction[0] * aside[1] - direction[1] * aside[0] > 0.0
    one_way_of: dict[int, int] = {}
    found = []
    for rest in faces:
        low, high = rest.extent(aside)
        index = math.ceil((low - phase_m) / spacing_m)
        while (at_m := index * spacing_m + phase_m) < high:
            if at_m - low >= _LEAST_SHARE * spacing_m and high - at_m >= _LEAST_SHARE * spacing_m:
                if index not in one_way_of:
                    one_way = random.random() < grid.one_way_share
                    one_way_of[index] = (1 if index % 2 else -1) if one_way else 0
                road = Road(grid.road_class, name_of(number, index), one_way=one_way_of[index], access=grid.access)
                through = (at_m * aside[0], at_m * aside[1])
                halves = plan.cut(rest, through, direction, road, trim_m=_closed(random, grid, index))
                if halves is not None:
                    more, less = halves if left_is_more else halves[::-1]
                    found.append(less)
                    rest, low = more, at_m
            index += 1
        found.append(rest)
    return found


def _closed(random: Random, grid: Grid, index: int) -> tuple[float, float]:
    if index % _NEVER_CLOSED == 0:
        return 0.0, 0.0
    begin, end = (_GATE_M if random.random() < grid.closed_share else 0.0 for _ in range(2))
    return begin, end


def divide(
    plan: Plan,
    random: Random,
    face: Face,
    block_m2: float,
    road_of: Callable[[int], Road],
    crooked: float,
    depth: int = 0,
) -> list[Face]:
    """Cut across the longer extent until blocks have about `block_m2`.

    `crooked` is the spread of the angles in radians; `road_of(depth)` is asked for the road of every cut.
    """
    if face.area_m2() < block_m2 * random.uniform(0.8, 1.9):
        return [face]
    side = max(face.sides, key=lambda item: item.length_m)
    along = ((side.b[0] - side.a[0]) / side.length_m, (side.b[1] - side.a[1]) / side.length_m)
    across = (-along[1], along[0])
    (a_low, a_high), (c_low, c_high) = face.extent(along), face.extent(across)
    share = random.uniform(0.4, 0.6)
    at = [a_low + share * (a_high - a_low), (c_low + c_high) / 2.0]
    direction = across
    if c_high - c_low > a_high - a_low:
        at = [(a_low + a_high) / 2.0, c_low + share * (c_high - c_low)]
        direction = along
    through = (at[0] * along[0] + at[1] * across[0], at[0] * along[1] + at[1] * across[1])
    turned = random.gauss(0.0, crooked)
    direction = (direction[0] - turned * direction[1], direction[1] + turned * direction[0])
    halves = plan.cut(face, through, direction, road_of(depth))
    if halves is None:
        return [face]
    return [block for half in halves for block in divide(plan, random, half, block_m2, road_of, crooked, depth + 1)]


def add_lanes(plan: Plan, random: Random, block: Face, district: District, count: int) -> None:
    """Dead ends into a block, some with a branch; none meets another."""
    sides = [side for side in block.sides if side.line.road is not None and side.length_m > 50.0]
    lanes: list[tuple[Point, Point]] = []
    for _ in range(count if sides else 0):
        side = random.choice(sides)
        road = side.line.road
        if road is None or road.road_class < RoadClass.TERTIARY:
            continue
        share = random.uniform(0.25, 0.75)
        at = side.begin + share * (side.end - side.begin)
        deep_m = block.area_m2() / side.length_m
        tip = _aim(random, side, share, deep_m * random.uniform(0.4, 0.75))
        if not block.has_inside(tip, _LANE_APART_M) or _meets(lanes, side.line.at(at), tip):
            continue
        lane = plan.add_lane(side, at, tip, Road(RoadClass.LIVING_STREET, district.lane(road.name)))
        lanes.append((lane.a, lane.b))
        if lane.length_m > 55.0 and random.random() < 0.5:
            _branch(plan, random, block, lane, lanes)


def _aim(random: Random, side: Side, share: float, length_m: float) -> Point:
    """A point inside, roughly straight off the side."""
    (ax, ay), (bx, by) = side.a, side.b
    at = (ax + share * (bx - ax), ay + share * (by - ay))
    normal = (-(by - ay) / side.length_m, (bx - ax) / side.length_m)
    slant = random.uniform(-0.25, 0.25)
    return at[0] + length_m * (normal[0] - slant * normal[1]), at[1] + length_m * (normal[1] + slant * normal[0])


def _branch(plan: Plan, random: Random, block: Face, lane: Line, lanes: list[tuple[Point, Point]]) -> None:
    share = random.uniform(0.5, 0.8)
    forward = random.random() < 0.5
    side = Side(lane, 0.0, 1.0) if forward else Side(lane, 1.0, 0.0)
    share_on_side = share if forward else 1.0 - share
    tip = _aim(random, side, share_on_side, random.uniform(25.0, 45.0))
    if block.has_inside(tip, _LANE_APART_M) and not _meets(lanes[:-1], lane.at(share), tip):
        assert lane.road is not None
        branch = plan.add_lane(side, share, tip, Road(lane.road.road_class, lane.road.name))
        lanes.append((branch.a, branch.b))


def _meets(lanes: list[tuple[Point, Point]], a: Point, b: Point) -> bool:
    """Whether a to b crosses a lane or comes near its end."""
    return any(
        _cross(a, b, c, d) or math.dist(b, d) < _LANE_APART_M or math.dist(a, c) < _LANE_APART_M for c, d in lanes
    )


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def turn(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0.0 and turn(c, d, a) * turn(c, d, b) < 0.0
