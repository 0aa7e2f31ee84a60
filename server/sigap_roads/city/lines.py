"""The plan of a city: straight lines that cut convex faces, on a plane of metres that is bent only afterwards.

Straight lines and convex faces never tangle, whatever the dice say, so nothing has to be repaired: every street ends on
another one by construction.
"""

import math
from dataclasses import dataclass, field

from sigap_roads.ways import Access, Obstacle, RoadClass

Point = tuple[float, float]
"""(east_m, north_m) from the middle of the city."""

SNAP_M = 17.0
_NOTHING_M = 0.5  # shorter is no side


@dataclass(slots=True)
class Road:
    """What is driven on along a line. `dual`: two carriageways with a divider; `one_way`: 0, 1 from a to b, -1."""

    road_class: RoadClass
    name: str = ""
    dual: bool = False
    one_way: int = 0
    access: Access = Access.OPEN
    maxspeed_kmh: float | None = None
    is_link: bool = False


@dataclass(slots=True)
class Junction:
    """Where lines meet. On a line with a divider `left` and `right` say from which sides streets come."""

    point: Point
    left: bool = False
    right: bool = False
    opening: bool = False
    roundabout: bool = False
    obstacle: Obstacle | None = None
    lines: list["Line"] = field(default_factory=list)


@dataclass(slots=True)
class End:
    """An end of a line: the junction, and on which side of the junction's own line it lies."""

    junction: Junction
    on_left: bool = True


@dataclass(slots=True)
class Line:
    """From `a` to `b`. Without a road it is a bank, a railway or the city's edge.

    stops       (share of the length, junction) between the ends, in any order
    gaps        (from, to) where the road is interrupted
    crossings   where it crosses a railway on the level
    trim_m      how far before `a` and `b` the road ends already, for streets that do not reach the next one
    """

    a: Point
    b: Point
    road: Road | None
    start: End | None = None
    end: End | None = None
    stops: list[tuple[float, Junction]] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    crossings: list[float] = field(default_factory=list)
    trim_m: tuple[float, float] = (0.0, 0.0)

    @property
    def length_m(self) -> float:
        return math.dist(self.a, self.b)

    def at(self, share: float) -> Point:
        return (self.a[0] + share * (self.b[0] - self.a[0]), self.a[1] + share * (self.b[1] - self.a[1]))

    def stop_near(self, share: float, low: float, high: float, snap_m: float) -> tuple[float, Junction | None]:
        """The nearest junction within [low, high] and `snap_m`, with its share; else `share` and None."""
        ends = [(0.0, self.start), (1.0, self.end)]
        there = [(at, end.junction) for at, end in ends if end is not None] + self.stops
        inside = [(abs(at - share), at, junction) for at, junction in there if low - 1e-9 <= at <= high + 1e-9]
        if inside:
            off, at, junction = min(inside, key=lambda item: item[0])
            if off * self.length_m <= snap_m:
                return at, junction
        return share, None


@dataclass(frozen=True, slots=True)
class Side:
    """The part of a line between two shares, in the direction in which its face is walked round."""

    line: Line
    begin: float
    end: float

    @property
    def a(self) -> Point:
        return self.line.at(self.begin)

    @property
    def b(self) -> Point:
        return self.line.at(self.end)

    @property
    def length_m(self) -> float:
        return abs(self.end - self.begin) * self.line.length_m

    @property
    def face_is_left(self) -> bool:
        """Faces are walked round with the face on the left hand."""
        return self.end > self.begin


@dataclass(slots=True)
class Face:
    """A convex piece of the plan, its sides anticlockwise."""

    sides: list[Side]

    def corners(self) -> list[Point]:
        return [side.a for side in self.sides]

    def area_m2(self) -> float:
        corners = self.corners()
        return 0.5 * sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(corners, corners[1:] + corners[:1], strict=True))

    def middle(self) -> Point:
        corners = self.corners()
        return sum(p[0] for p in corners) / len(corners), sum(p[1] for p in corners) / len(corners)

    def extent(self, direction: Point) -> tuple[float, float]:
        """(least, greatest) coordinate along a unit vector."""
        along = [p[0] * direction[0] + p[1] * direction[1] for p in self.corners()]
        return min(along), max(along)

    def has_inside(self, point: Point, margin_m: float) -> bool:
        return all(_left_of(side.a, side.b, point) >= margin_m for side in self.sides)


def _left_of(a: Point, b: Point, point: Point) -> float:
    """Metres of a point to the left of the line from a to b, negative to the right."""
    length_m = math.dist(a, b) or 1.0
    return ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / length_m


def cut(
    face: Face,
    through: Point,
    direction: Point,
    road: Road | None,
    snap_m: float = SNAP_M,
    trim_m: tuple[float, float] = (0.0, 0.0),
) -> tuple[Face, Face] | None:
    """The faces left and right of a new line across a face, or None where the line misses or only grazes the face.

    A road makes junctions with the roads it ends on, or uses those within `snap_m`; a line without one makes none.
    """
    crossed = _crossed(face, through, direction)
    if crossed is None:
        return None
    (first, first_at), (second, second_at) = crossed
    sides = face.sides[first:] + face.sides[:first]
    second = (second - first) % len(sides)
    found = []
    for side, at in ((sides[0], first_at), (sides[second], second_at)):
        low, high = min(side.begin, side.end), max(side.begin, side.end)
        wanted_m = snap_m if road is not None and side.line.road is not None else _NOTHING_M
        found.append((side, *side.line.stop_near(at, low, high, wanted_m)))
    (a_side, a_at, a_junction), (b_side, b_at, b_junction) = found
    line = Line(a_side.line.at(a_at), b_side.line.at(b_at), road, trim_m=trim_m)
    if line.length_m < 2 * _NOTHING_M:
        return None
    inner = [Side(a_side.line, a_at, a_side.end), *sides[1:second], Side(b_side.line, b_side.begin, b_at)]
    outer = [Side(b_side.line, b_at, b_side.end), *sides[second + 1 :], Side(a_side.line, a_side.begin, a_at)]
    right = Face([*(side for side in inner if side.length_m > _NOTHING_M), Side(line, 1.0, 0.0)])
    left = Face([*(side for side in outer if side.length_m > _NOTHING_M), Side(line, 0.0, 1.0)])
    if len(left.sides) < 3 or len(right.sides) < 3:
        return None
    if road is not None:
        line.start = _attach(line, a_side, a_at, a_junction)
        line.end = _attach(line, b_side, b_at, b_junction)
    return left, right


def _crossed(face: Face, through: Point, direction: Point) -> tuple[tuple[int, float], tuple[int, float]] | None:
    """The side where the line enters and the one where it leaves, each with the share of the side's own line."""
    ahead = (through[0] + direction[0], through[1] + direction[1])
    offs = [_left_of(through, ahead, corner) for corner in face.corners()]
    entries: list[tuple[int, float]] = []
    exits: list[tuple[int, float]] = []
    for index, side in enumerate(face.sides):
        here, there = offs[index], offs[(index + 1) % len(offs)]
        if (here > 0.0) != (there > 0.0):
            # Anticlockwise round the face one comes from the line's left to its right where the line enters.
            found = entries if here > 0.0 else exits
            found.append((index, side.begin + here / (here - there) * (side.end - side.begin)))
    # A face that is not quite convex may be crossed twice: it is left whole.
    return (entries[0], exits[0]) if len(entries) == len(exits) == 1 else None


def _attach(line: Line, side: Side, at: float, junction: Junction | None) -> End:
    """The new line's end on a side; on a bank or the city's edge it is a dead end of its own."""
    host = side.line
    if junction is None:
        junction = Junction(host.at(at))
        if host.road is not None:
            host.stops.append((at, junction))
            junction.lines.append(host)
    junction.lines.append(line)
    on_left = side.face_is_left
    for end in (host.start, host.end):
        if end is not None and end.junction is junction:
            on_left = end.on_left  # which side counts is said by the line on which the host itself ends
    if on_left:
        junction.left = True
    else:
        junction.right = True
    return End(junction, on_left)


def add_lane(side: Side, at: float, tip: Point, road: Road) -> Line:
    """A dead end from a side into its face."""
    at, junction = side.line.stop_near(at, min(side.begin, side.end), max(side.begin, side.end), _NOTHING_M)
    lane = Line(side.line.at(at), tip, road)
    lane.start = _attach(lane, side, at, junction)
    lane.end = End(Junction(tip, lines=[lane]))
    return lane


class Plan:
    """All lines with roads so far, in the order in which they were drawn."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def cut(
        self,
        face: Face,
        through: Point,
        direction: Point,
        road: Road | None,
        snap_m: float = SNAP_M,
        trim_m: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[Face, Face] | None:
        """`cut`, and the new line is remembered."""
        halves = cut(face, through, direction, road, snap_m, trim_m)
        if halves is not None and road is not None:
            self.lines.append(halves[0].sides[-1].line)
        return halves

    def add_lane(self, side: Side, at: float, tip: Point, road: Road) -> Line:
        lane = add_lane(side, at, tip, road)
        self.lines.append(lane)
        return lane
