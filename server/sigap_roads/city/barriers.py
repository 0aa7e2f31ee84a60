"""What cannot be crossed just anywhere: rivers with few bridges, railways, a toll road with its interchanges."""

import math
from dataclasses import dataclass, field
from random import Random

from sigap_roads.city.lines import SNAP_M, End, Face, Junction, Line, Plan, Point, Road
from sigap_roads.city.naming import Names
from sigap_roads.ways import RoadClass

_SLANTED_M = 100.0  # half of the way over; a road that runs nearly along a barrier does not cross it
_RAMP_M = 260.0
_BRIDGES_APART_M = 950.0
_CROSSINGS_APART_M = 280.0
_INTERCHANGES_APART_M = 1400.0


@dataclass(slots=True)
class Barrier:
    """A straight strip through the plan, its middle through `through` along the unit vector `direction`.

    half_m    from the middle to the bank     bank_share  share of the banks that have a road
    crossed   where roads cross it: metres along the direction from `through`
    """

    kind: str
    through: Point
    direction: Point
    half_m: float
    bank_share: float
    crossed: list[float] = field(default_factory=list)

    def at(self, along_m: float, aside_m: float = 0.0) -> Point:
        (east, north), (x, y) = self.through, self.direction
        return east + along_m * x - aside_m * y, north + along_m * y + aside_m * x


RIVER, RAILWAY, TOLL = "river", "railway", "toll"


def draw(
    plan: Plan, random: Random, names: Names, faces: list[Face], radius_m: float
) -> tuple[list[Face], list[Barrier]]:
    """Cut them out of the faces; what is left of these, and the barriers."""
    barriers = _barriers(random, radius_m)
    for barrier in barriers:
        crossings = _crossings(barrier, plan.lines)
        if barrier.kind == RIVER:
            _bridge(barrier, crossings)
        elif barrier.kind == RAILWAY:
            _cross_on_the_level(barrier, crossings)
        faces = [part for face in faces for part in _banks(plan, random, names, face, barrier)]
        if barrier.kind == TOLL:
            _build_toll_road(plan, barrier, crossings, radius_m)
    return faces, barriers


def _barriers(random: Random, radius_m: float) -> list[Barrier]:
    """One river and one railway near the middle, one toll road farther out; in a greater city more of the first two."""
    found = []
    count = max(1, round(radius_m / 9000.0))
    for number in range(count):
        aside = (number + 1) // 2 * (-1) ** number * 2.0 * radius_m / count
        tilt = random.uniform(-0.18, 0.18)
        found.append(_barrier(RIVER, -650.0 + aside, tilt, 34.0, 0.45))
        steep = random.uniform(0.35, 0.5)
        found.append(_barrier(RAILWAY, 420.0 + 0.93 * aside, steep, 17.0, 0.3))
    found.append(_barrier(TOLL, -2450.0, random.uniform(-0.14, -0.05), 46.0, 0.15))
    return found


def _barrier(kind: str, north_m: float, angle: float, half_m: float, bank_share: float) -> Barrier:
    return Barrier(kind, (0.0, north_m), (math.cos(angle), math.sin(angle)), half_m, bank_share)


@dataclass(slots=True)
class _Crossing:
    line: Line
    share: float
    along_m: float
    half_share: float  # of the line's length, from the middle of the barrier to its bank

    @property
    def road(self) -> Road:
        assert self.line.road is not None
        return self.line.road


def _crossings(barrier: Barrier, lines: list[Line]) -> list[_Crossing]:
    """Where the great roads meet the barrier, along it."""
    found = []
    (east, north), (x, y) = barrier.through, barrier.direction
    for line in lines:
        aside = [x * (p[1] - north) - y * (p[0] - east) for p in (line.a, line.b)]
        if (aside[0] > 0.0) == (aside[1] > 0.0):
            continue
        share = aside[0] / (aside[0] - aside[1])
        point = line.at(share)
        along_m = (point[0] - east) * x + (point[1] - north) * y
        found.append(_Crossing(line, share, along_m, barrier.half_m / abs(aside[1] - aside[0])))
    return sorted(found, key=lambda crossing: crossing.along_m)


def _choose(crossings: list[_Crossing], apart_m: float) -> list[_Crossing]:
    """Of the greatest roads first, none nearer to another than `apart_m`."""
    chosen: list[_Crossing] = []
    for crossing in sorted(crossings, key=lambda item: (item.road.road_class, item.along_m)):
        straight = crossing.half_share * crossing.line.length_m < _SLANTED_M
        if straight and all(abs(crossing.along_m - other.along_m) >= apart_m for other in chosen):
            chosen.append(crossing)
    return chosen


def _interrupt(crossings: list[_Crossing], chosen: list[_Crossing], barrier: Barrier) -> None:
    for crossing in crossings:
        if crossing in chosen:
            barrier.crossed.append(crossing.along_m)
        else:
            crossing.line.gaps.append((crossing.share - crossing.half_share, crossing.share + crossing.half_share))


def _bridge(barrier: Barrier, crossings: list[_Crossing]) -> None:
    _interrupt(crossings, _choose(crossings, _BRIDGES_APART_M), barrier)


def _cross_on_the_level(barrier: Barrier, crossings: list[_Crossing]) -> None:
    """Roads with a divider go under the railway, others over the tracks."""
    chosen = _choose(crossings, _CROSSINGS_APART_M)
    _interrupt(crossings, chosen, barrier)
    for crossing in chosen:
        if not crossing.road.dual:
            crossing.line.crossings.append(crossing.share)


def _banks(plan: Plan, random: Random, names: Names, face: Face, barrier: Barrier) -> list[Face]:
    """The face without the strip; a bank here and there has a road along it."""
    low, high = face.extent((-barrier.direction[1], barrier.direction[0]))
    aside = barrier.through[1] * barrier.direction[0] - barrier.through[0] * barrier.direction[1]
    if low >= aside + barrier.half_m or high <= aside - barrier.half_m:
        return [face]
    parts = []
    for sign in (1.0, -1.0):
        road = None
        if random.random() < barrier.bank_share:
            road = Road(RoadClass.RESIDENTIAL, names.bank(barrier.kind))
        halves = plan.cut(face, barrier.at(0.0, sign * barrier.half_m), barrier.direction, road)
        if halves is not None:
            parts.append(halves[0] if sign > 0.0 else halves[1])
        elif (low + high) / 2.0 * sign > (aside + sign * barrier.half_m) * sign:
            return [face]
    return parts


def _build_toll_road(plan: Plan, barrier: Barrier, crossings: list[_Crossing], radius_m: float) -> None:
    """Two carriageways under all other roads, and ramps to the greatest of these."""
    reach_m = max((abs(crossing.along_m) for crossing in crossings), default=radius_m) + 600.0
    name = "Jalan Tol Sabrang Kidul"
    a, b = barrier.at(-reach_m), barrier.at(reach_m)
    toll = Line(a, b, Road(RoadClass.MOTORWAY, name, dual=True, maxspeed_kmh=80.0))
    toll.start, toll.end = End(Junction(a, lines=[toll])), End(Junction(b, lines=[toll]))
    plan.lines.append(toll)
    for crossing in _choose([c for c in crossings if c.road.road_class <= RoadClass.SECONDARY], _INTERCHANGES_APART_M):
        barrier.crossed.append(crossing.along_m)
        for sign in (1.0, -1.0):
            _add_ramps(plan, barrier, toll, crossing, sign, reach_m)


def _add_ramps(plan: Plan, barrier: Barrier, toll: Line, crossing: _Crossing, sign: float, reach_m: float) -> None:
    """Off and on again on one side of the toll road; on its left, where sign is 1, one drives along its direction."""
    across = crossing.line
    x, y = barrier.direction
    ahead = 1.0 if x * (across.b[1] - across.a[1]) - y * (across.b[0] - across.a[0]) > 0.0 else -1.0
    share = crossing.share + sign * ahead * crossing.half_share
    share, junction = across.stop_near(share, 0.0, 1.0, SNAP_M)
    if junction is None:
        junction = Junction(across.at(share), lines=[across])
        across.stops.append((share, junction))
    junction.left = junction.right = junction.opening = True
    for way in (-1.0, 1.0):
        along_m = crossing.along_m + way * _RAMP_M
        at = (along_m + reach_m) / (2.0 * reach_m)
        leaf = Junction(toll.at(at), left=sign > 0.0, right=sign < 0.0, lines=[toll])
        toll.stops.append((at, leaf))
        on_toll = End(leaf, sign > 0.0)
        on_road = End(junction, _left_of_line(across, leaf.point))
        off = way * sign < 0.0  # one leaves before the crossing and joins after it
        start, end = (on_toll, on_road) if off else (on_road, on_toll)
        road = Road(RoadClass.MOTORWAY, "", one_way=1, is_link=True)
        ramp = Line(start.junction.point, end.junction.point, road, start, end)
        junction.lines.append(ramp)
        leaf.lines.append(ramp)
        plan.lines.append(ramp)


def _left_of_line(line: Line, point: Point) -> bool:
    (ax, ay), (bx, by) = line.a, line.b
    return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax) > 0.0
