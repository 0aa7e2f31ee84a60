"""A city drawn from its seed: the plan, and what becomes of it."""

from dataclasses import dataclass
from random import Random

import numpy as np

from sigap_roads.build import build
from sigap_roads.city import barriers, connected, districts, laying, rules, skeleton
from sigap_roads.city.laying import Draft, Laid
from sigap_roads.city.lines import Plan, Point
from sigap_roads.city.naming import Names
from sigap_roads.city.warp import Warp
from sigap_roads.graph import RoadGraph
from sigap_roads.profile import Profile
from sigap_roads.ways import Obstacle, Way, Ways

MIDDLE = (-6.9147, 107.6098)
"""(lat_deg, lon_deg): the Bandung Command Center, where the demo's units have always been."""

SIZES = {"default": 4400.0, "large": 23_900.0}
"""How far the city reaches from its middle, in metres."""

_STRAIGHT_M = 0.8  # a shape point that lies no farther aside is left out


@dataclass(frozen=True, slots=True)
class CityPlan:
    """A city's roads, and what lies between them, as lines of (lat_e7, lon_e7), for maps.

    rivers, railways   lines        greens   areas
    """

    ways: Ways
    rivers: list[list[tuple[int, int]]]
    railways: list[list[tuple[int, int]]]
    greens: list[list[tuple[int, int]]]


def make_city(seed: int = 1, size: str = "default", middle: tuple[float, float] = MIDDLE) -> Ways:
    """The roads of the city number `seed`, the same for the same seed, around `middle` (lat_deg, lon_deg).

    `size` is a key of SIZES. Raises ValueError for one there is none of.
    """
    return draw_city(seed, size, middle).ways


def default_city(seed: int = 1, middle: tuple[float, float] = MIDDLE) -> RoadGraph:
    """`make_city` as a graph, with the usual profile; in some 0.3 s."""
    return build(make_city(seed, middle=middle), Profile())


def draw_city(seed: int = 1, size: str = "default", middle: tuple[float, float] = MIDDLE) -> CityPlan:
    """`make_city`, with river, railway and green. Raises ValueError likewise."""
    if size not in SIZES:
        raise ValueError(f"a city of size {size!r}: expected one of {', '.join(SIZES)}")
    random = Random(seed)
    names = Names(random)
    plan = Plan()
    bones = skeleton.draw(plan, random, names, SIZES[size])
    everywhere, strips = barriers.draw(plan, random, names, [*bones.centre, *bones.faces], bones.radius_m)
    greens = districts.draw(plan, random, names, everywhere, bones.radius_m)
    rules.equip(random, plan.lines)
    laid = laying.lay(plan.lines)
    warp = Warp(random, middle)
    ways = _ways(random, laid, warp, f"built-in city, seed {seed}, {size}")

    def bent(points: list[Point]) -> list[tuple[int, int]]:
        return list(zip(*(axis.tolist() for axis in warp.to_e7(*warp.bend(*_columns(points)))), strict=True))

    def along(kind: str) -> list[list[tuple[int, int]]]:
        reach_m = 1.3 * bones.radius_m
        steps = [reach_m * step / 100.0 for step in range(-100, 101)]
        return [bent([strip.at(step) for step in steps]) for strip in strips if strip.kind == kind]

    return CityPlan(
        ways, along(barriers.RIVER), along(barriers.RAILWAY), [bent(_around(green.corners)) for green in greens]
    )


def _ways(random: Random, laid: Laid, warp: Warp, source: str) -> Ways:
    kept = connected.connect(laid.drafts, len(laid.points))
    east_m, north_m = warp.bend(*_columns(laid.points))
    bent = list(zip(east_m.tolist(), north_m.tolist(), strict=True))
    paths = [_straightened(draft, laid.shape, bent) for draft in kept]
    way_ids = {id(draft): number for number, draft in enumerate(kept, 1)}
    restrictions = rules.forbid(random, laid, kept, way_ids)
    lat_e7, lon_e7 = warp.to_e7(east_m, north_m)
    places = list(zip(lat_e7.tolist(), lon_e7.tolist(), strict=True))
    nodes = {at: places[at] for path in paths for at in path}
    obstacles: dict[int, Obstacle] = {at: obstacle for at, obstacle in laid.obstacles.items() if at in nodes}
    ways = tuple(_way(way_ids[id(draft)], draft, path) for draft, path in zip(kept, paths, strict=True))
    return Ways(nodes, ways, restrictions, obstacles, source=source)


def _way(way_id: int, draft: Draft, path: list[int]) -> Way:
    road = draft.road
    return Way(
        way_id,
        tuple(path),
        road.road_class,
        road.name,
        oneway=1 if draft.one_way else 0,
        maxspeed_kmh=road.maxspeed_kmh,
        access=road.access,
        is_link=road.is_link,
        is_roundabout=draft.is_roundabout,
    )


def _straightened(draft: Draft, shape: set[int], bent: list[Point]) -> list[int]:
    """Without the shape points that a straight line does as well."""
    path = draft.at
    found = [path[0]]
    for index in range(1, len(path) - 1):
        if path[index] not in shape or _off_m(bent[found[-1]], bent[path[index + 1]], bent[path[index]]) > _STRAIGHT_M:
            found.append(path[index])
    return [*found, path[-1]]


def _off_m(a: Point, b: Point, point: Point) -> float:
    east, north = b[0] - a[0], b[1] - a[1]
    length_m = (east * east + north * north) ** 0.5
    return abs(east * (point[1] - a[1]) - north * (point[0] - a[0])) / (length_m or 1.0)


def _columns(points: list[Point]) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", ...]:
    table = np.array(points, np.float64)
    return table[:, 0], table[:, 1]


def _around(corners: list[Point]) -> list[Point]:
    """A polygon's outline with points in between, so that it can be bent."""
    return [
        (a[0] + part / 8.0 * (b[0] - a[0]), a[1] + part / 8.0 * (b[1] - a[1]))
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
        for part in range(8)
    ]
