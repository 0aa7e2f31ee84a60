"""What drivers are told at junctions: lights, roundabouts, gates, turns that are forbidden."""

import math
from collections import defaultdict
from random import Random

from sigap_roads.city.laying import Draft, Laid
from sigap_roads.city.lines import Junction, Line
from sigap_roads.ways import Access, Obstacle, Restriction, RoadClass

_ROUNDABOUT_SHARE = 0.16
_LIGHTS_SHARE = 0.75
_RIGHT_TURN = (math.radians(55.0), math.radians(130.0))
_BACK = math.radians(150.0)
_FORBIDDEN_SHARE = 0.2
_ONLY_STRAIGHT_SHARE = 0.03
_BACK_FORBIDDEN_SHARE = 0.12


def equip(random: Random, lines: list[Line]) -> None:
    """Lights and roundabouts where great roads meet, gates where an estate is private."""
    for line in lines:
        if line.road is None or line.road.road_class > RoadClass.TERTIARY or line.road.is_link:
            continue
        for junction in _junctions(line):
            roads = [other.road for other in junction.lines if other.road is not None and not other.road.is_link]
            great = [road for road in roads if road.road_class <= RoadClass.SECONDARY]
            if (
                junction.obstacle is not None
                or junction.roundabout
                or RoadClass.MOTORWAY in {r.road_class for r in roads}
            ):
                continue
            at_end = all(junction is not stop for other in junction.lines for _, stop in other.stops)
            if at_end and len(great) >= 4 and random.random() < _ROUNDABOUT_SHARE:
                junction.roundabout = True
            elif len(great) >= 2 and len({road.name for road in great}) > 1:
                junction.obstacle = Obstacle.SIGNALS if random.random() < _LIGHTS_SHARE else None
            elif len(roads) >= 3 and random.random() < 0.12:
                junction.obstacle = Obstacle.SIGNALS if len(great) else Obstacle.CROSSING
    for line in lines:
        if line.road is not None and line.road.access is Access.PRIVATE and line.start is not None:
            junction = line.start.junction
            host_is_open = any(other.road and other.road.access is Access.OPEN for other in junction.lines)
            if host_is_open and junction.obstacle is None and len(junction.lines) == 2:
                junction.obstacle = Obstacle.BARRIER


def _junctions(line: Line) -> list[Junction]:
    ends = [end.junction for end in (line.start, line.end) if end is not None]
    return ends + [junction for _, junction in line.stops]


def forbid(random: Random, laid: Laid, kept: list[Draft], way_ids: dict[int, int]) -> tuple[Restriction, ...]:
    """Turns across the traffic at lights, and turning back through an opening. `way_ids` by the draft's identity."""
    arriving: dict[int, list[Draft]] = defaultdict(list)
    leaving: dict[int, list[Draft]] = defaultdict(list)
    lights = {node for node, obstacle in laid.obstacles.items() if obstacle is Obstacle.SIGNALS}
    for draft in kept:
        for end in (0, -1):
            if draft.at[end] in lights and draft.at[0] != draft.at[-1]:
                if end == -1 or not draft.one_way:
                    arriving[draft.at[end]].append(draft)
                if end == 0 or not draft.one_way:
                    leaving[draft.at[end]].append(draft)
    found = []
    for node, before in arriving.items():
        for arrives in before:
            turns = [(_turn(laid, arrives, leaves, node), leaves) for leaves in leaving[node] if leaves is not arrives]
            straight = [leaves for angle, leaves in turns if abs(angle) < 0.5]
            if len(straight) == 1 and len(turns) > 2 and random.random() < _ONLY_STRAIGHT_SHARE:
                found.append(_restriction(way_ids, arrives, node, straight[0], only=True))
                continue
            for angle, leaves in turns:
                right = _RIGHT_TURN[0] < -angle < _RIGHT_TURN[1] and bool(straight)
                back = abs(angle) > _BACK and arrives.road is leaves.road
                share = _FORBIDDEN_SHARE if right else 0.5 if back else 0.0
                if random.random() < share:
                    found.append(_restriction(way_ids, arrives, node, leaves))
    for arrives, link, leaves in laid.openings:
        if random.random() < _BACK_FORBIDDEN_SHARE and all(id(draft) in way_ids for draft in (arrives, link, leaves)):
            ways = (way_ids[id(arrives)], way_ids[id(link)], way_ids[id(leaves)])
            found.append(Restriction(ways[0], (ways[1],), ways[2], via_is_way=True))
    return tuple(found)


def _restriction(way_ids: dict[int, int], arrives: Draft, node: int, leaves: Draft, only: bool = False) -> Restriction:
    return Restriction(way_ids[id(arrives)], (node,), way_ids[id(leaves)], only=only)


def _turn(laid: Laid, arrives: Draft, leaves: Draft, node: int) -> float:
    """Radians to the left, −π to π."""
    here = laid.points[node]
    before = laid.points[arrives.at[-2] if arrives.at[-1] == node else arrives.at[1]]
    after = laid.points[leaves.at[1] if leaves.at[0] == node else leaves.at[-2]]
    incoming = math.atan2(here[1] - before[1], here[0] - before[0])
    outgoing = math.atan2(after[1] - here[1], after[0] - here[0])
    return math.remainder(outgoing - incoming, 2.0 * math.pi)
