"""From lines to ways: carriageways either side of a divider, openings in it, roundabouts, points along the shape."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

from sigap_roads.city.lines import End, Junction, Line, Point, Road
from sigap_roads.ways import Obstacle, RoadClass

_DIVIDER_M = 6.5  # from the middle of a road to either carriageway
_SPREAD_M = 20.0  # so far behind a junction the carriageways are apart
_CIRCLE_M = 30.0
_SHAPE_M = 65.0
_SHORTEST_M = 10.0  # a stub behind the last junction that is not worth drawing
_OPENING_APART_M = 420.0


@dataclass(slots=True)
class Draft:
    """A way in the making; `at` are indices into `Laid.points`. One-way drafts run as they are driven."""

    road: Road
    at: list[int]
    one_way: bool
    is_roundabout: bool = False


@dataclass(slots=True)
class Laid:
    """points on the plan; `shape` tells which of them are only there so that the way can be bent."""

    points: list[Point] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    shape: set[int] = field(default_factory=set)
    obstacles: dict[int, Obstacle] = field(default_factory=dict)
    openings: list[tuple[Draft, Draft, Draft]] = field(default_factory=list)


def lay(lines: list[Line]) -> Laid:
    laying = _Laying()
    for line in lines:
        if line.road is not None and line.road.dual:
            laying.divide_junctions(line)
    for line in lines:
        if line.road is not None:
            (laying.both_carriageways if line.road.dual else laying.carriageway)(line, line.road)
    laying.roundabouts()
    return laying.laid


class _Laying:
    def __init__(self) -> None:
        self.laid = Laid()
        self._nodes: dict[int, tuple[int, int]] = {}  # by the junction's identity: its points left and right
        self._circles: dict[int, Junction] = {}  # by the point

    def divide_junctions(self, line: Line) -> None:
        """Junctions of a road with a divider have a point on either carriageway where streets need it."""
        normal = _normal(line)
        opened_m = 0.0
        for share, junction in sorted(line.stops, key=lambda stop: stop[0]):
            crossed = junction.left and junction.right and _greatest_of_others(junction, line) <= RoadClass.TERTIARY
            far = share * line.length_m - opened_m > _OPENING_APART_M
            if (crossed or far) and line.road is not None and line.road.road_class is not RoadClass.MOTORWAY:
                junction.opening = True
            if junction.opening:
                opened_m = share * line.length_m
            ends = [self._point(_aside(junction.point, normal, sign * _DIVIDER_M)) for sign in (1.0, -1.0)]
            self._nodes[id(junction)] = (ends[0], ends[1])
            if junction.obstacle is not None:
                self._put(junction.obstacle, *ends)

    def carriageway(self, line: Line, road: Road) -> None:
        """One for both directions, or a one-way street."""
        assert line.start is not None
        assert line.end is not None
        stops = [(share, self._node(End(junction))) for share, junction in line.stops]
        for share in line.crossings:
            stops.append((share, self._new(line.at(share), Obstacle.LEVEL_CROSSING)))
        stops.sort(key=lambda stop: stop[0])
        low, high = (trim_m / line.length_m for trim_m in line.trim_m)
        for begin, end in _pieces(line):
            inside = [stop for stop in stops if begin - 1e-9 <= stop[0] <= end + 1e-9]
            first = (
                [(0.0, self._node(line.start))]
                if begin == low == 0.0
                else self._stub(line, max(begin, low), inside[:1])
            )
            whole = end == 1.0 and high == 0.0
            last = [(1.0, self._node(line.end))] if whole else self._stub(line, min(end, 1.0 - high), inside[-1:])
            path = _once([*first, *inside, *last])
            if len(path) > 1:
                drawn = road.one_way != 0 and begin == 0.0 and end == 1.0 and low == high == 0.0
                points = self._shaped(line, path, 0.0)[:: road.one_way or 1]
                lights = {at for at in points if self.laid.obstacles.get(at) is Obstacle.SIGNALS}
                self._split(Draft(road, points, drawn), lights)

    def _stub(self, line: Line, at: float, nearest: list[tuple[float, int]]) -> list[tuple[float, int]]:
        """A dead end, if it is long enough behind the nearest junction."""
        if nearest and abs(nearest[0][0] - at) * line.length_m < _SHORTEST_M:
            return []
        return [(at, self._point(line.at(at)))]

    def both_carriageways(self, line: Line, road: Road) -> None:
        """Traffic keeps to the left: from a to b on the line's left."""
        assert line.start is not None
        assert line.end is not None
        stops = sorted(line.stops, key=lambda stop: stop[0])
        for begin, end in _pieces(line):
            first = (begin, self._node(line.start) if begin == 0.0 else self._point(line.at(begin)))
            last = (end, self._node(line.end) if end == 1.0 else self._point(line.at(end)))
            inside = [stop for stop in stops if begin + 1e-6 < stop[0] < end - 1e-6]
            sides: list[list[Draft]] = []
            for left in (True, False):
                path = [first]
                for share, junction in inside:
                    if junction.opening or (junction.left if left else junction.right):
                        path.append((share, self._node(End(junction, left))))
                path = self._apart(line, [*path, last], left)
                points = self._shaped(line, path, _DIVIDER_M if left else -_DIVIDER_M)
                opened = {self._node(End(junction, left)) for _, junction in inside if junction.opening}
                sides.append(self._split(Draft(road, points if left else points[::-1], True), opened))
            for _, junction in inside:
                if junction.opening:
                    self._open(road, junction, sides)

    def _apart(self, line: Line, path: list[tuple[float, int]], left: bool) -> list[tuple[float, int]]:
        """With a point at either end from which the carriageways run apart."""
        found = path[:]
        for (at, node), nearest, sign in ((path[0], path[1][0], 1.0), (path[-1], path[-2][0], -1.0)):
            share = at + sign * (1.6 * _CIRCLE_M if node in self._circles else _SPREAD_M) / line.length_m
            if (nearest - share) * sign * line.length_m > _SHORTEST_M:
                side_m = _DIVIDER_M if left else -_DIVIDER_M
                found.append((share, self._point(_aside(line.at(share), _normal(line), side_m))))
        return sorted(found, key=lambda stop: stop[0])

    def _split(self, whole: Draft, at: set[int]) -> list[Draft]:
        """A new way behind every opening or light, so that a forbidden turn can name the ways before and after it."""
        drafts = []
        begin = 0
        for index in range(1, len(whole.at)):
            if whole.at[index] in at or index == len(whole.at) - 1:
                drafts.append(Draft(whole.road, whole.at[begin : index + 1], whole.one_way))
                begin = index
        self.laid.drafts += drafts
        return drafts

    def _open(self, road: Road, junction: Junction, sides: list[list[Draft]]) -> None:
        left, right = self._nodes[id(junction)]
        cross = min(
            (line.road for line in junction.lines if line.road and not line.road.dual and not line.road.is_link),
            key=lambda other: other.road_class,
            default=road,
        )
        link = Draft(Road(max(cross.road_class, RoadClass.SECONDARY), cross.name), [left, right], False)
        self.laid.drafts.append(link)
        for one, other, begin, end in ((sides[0], sides[1], left, right), (sides[1], sides[0], right, left)):
            arriving = [draft for draft in one if draft.at[-1] == begin]
            leaving = [draft for draft in other if draft.at[0] == end]
            if arriving and leaving:
                self.laid.openings.append((arriving[0], link, leaving[0]))

    def roundabouts(self) -> None:
        """Ways that end at such a junction end on a circle instead, driven clockwise."""
        arms: dict[int, list[tuple[Draft, int, int]]] = {node: [] for node in self._circles}
        for draft in self.laid.drafts:
            for end, next_to in ((0, 1), (-1, -2)):
                if draft.at[end] in arms:
                    arms[draft.at[end]].append((draft, end, draft.at[next_to]))
        for node, found in arms.items():
            if len(found) < 3:
                continue
            centre = self.laid.points[node]
            circle = []
            for draft, end, beyond in found:
                there = self.laid.points[beyond]
                angle = math.atan2(there[1] - centre[1], there[0] - centre[0])
                point = self._point((centre[0] + _CIRCLE_M * math.cos(angle), centre[1] + _CIRCLE_M * math.sin(angle)))
                draft.at[end] = point
                circle.append((-angle, point))
            filled = [
                (angle, self._point((centre[0] + _CIRCLE_M * math.cos(angle), centre[1] - _CIRCLE_M * math.sin(angle))))
                for angle in (math.pi * part / 4.0 - 3.0 for part in range(8))
                if all(abs(math.remainder(angle - other, 2.0 * math.pi)) > 0.3 for other, _ in circle)
            ]
            around = [point for _, point in sorted(circle + filled)]
            road = min((draft.road for draft, _, _ in found), key=lambda other: other.road_class)
            named = Road(road.road_class, f"Bundaran {road.name.removeprefix('Jalan ')}")
            self.laid.drafts.append(Draft(named, [*around, around[0]], True, is_roundabout=True))

    def _node(self, end: End) -> int:
        junction = end.junction
        if id(junction) not in self._nodes:
            node = self._new(junction.point, junction.obstacle)
            self._nodes[id(junction)] = (node, node)
            if junction.roundabout:
                self._circles[node] = junction
        left, right = self._nodes[id(junction)]
        return left if end.on_left else right

    def _shaped(self, line: Line, path: list[tuple[float, int]], aside_m: float) -> list[int]:
        """The path's points with further ones between them, so that the way can follow the plane's bends."""
        normal = _normal(line)
        points = [path[0][1]]
        for (begin, _), (end, node) in pairwise(path):
            count = round((end - begin) * line.length_m / _SHAPE_M)
            for part in range(1, count):
                share = begin + (end - begin) * part / count
                points.append(self._point(_aside(line.at(share), normal, aside_m)))
                self.laid.shape.add(points[-1])
            points.append(node)
        return points

    def _new(self, point: Point, obstacle: Obstacle | None) -> int:
        node = self._point(point)
        if obstacle is not None:
            self._put(obstacle, node)
        return node

    def _put(self, obstacle: Obstacle, *nodes: int) -> None:
        self.laid.obstacles.update(dict.fromkeys(nodes, obstacle))

    def _point(self, point: Point) -> int:
        self.laid.points.append(point)
        return len(self.laid.points) - 1


def _greatest_of_others(junction: Junction, line: Line) -> RoadClass:
    classes = [other.road.road_class for other in junction.lines if other is not line and other.road is not None]
    return min(classes, default=RoadClass.TRACK)


def _pieces(line: Line) -> list[tuple[float, float]]:
    """What the gaps leave of a line."""
    found = []
    begin = 0.0
    for low, high in sorted(line.gaps):
        if low > begin:
            found.append((begin, low))
        begin = max(begin, high)
    if begin < 1.0:
        found.append((begin, 1.0))
    return found


def _once(path: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """In order along the line, no point twice running."""
    path = sorted(path, key=lambda stop: stop[0])
    return [stop for index, stop in enumerate(path) if not index or stop[1] != path[index - 1][1]]


def _normal(line: Line) -> Point:
    length_m = line.length_m
    return -(line.b[1] - line.a[1]) / length_m, (line.b[0] - line.a[0]) / length_m


def _aside(point: Point, normal: Point, metres: float) -> Point:
    return point[0] + metres * normal[0], point[1] + metres * normal[1]
