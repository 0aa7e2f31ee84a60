"""Which neighbourhood is of which kind: the old town's one-way grid, estates, kampungs, suburbs, green."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sigap_roads.city import blocks
from sigap_roads.city.lines import Face, Plan, Point, Road
from sigap_roads.city.naming import District, Names
from sigap_roads.ways import Access, RoadClass

_NEIGHBOURHOOD_M2 = 300_000.0
_OLD_TOWN_M = 1350.0  # its one-way grid reaches so far
_CENTRE_M = 560.0  # faces that lie nearer than this to the middle are its heart
_KINDS = ("estate", "kampung", "suburb", "green", "fields")


@dataclass(slots=True)
class Green:
    """A park, a campus, rice fields: corners on the plan."""

    corners: list[Point]


def draw(plan: Plan, random: Random, names: Names, faces: list[Face], radius_m: float) -> list[Green]:
    """Fill all faces with streets; what stayed green."""
    green = _old_town(plan, random, names, [face for face in faces if _out_m(face) < _CENTRE_M])
    for face in faces:
        if _out_m(face) < _CENTRE_M:
            continue
        road_of = _collectors(names)
        for neighbourhood in blocks.divide(plan, random, face, _NEIGHBOURHOOD_M2, road_of, 0.08):
            green += _fill(plan, random, names, neighbourhood, radius_m)
    return green


def _out_m(face: Face) -> float:
    return math.hypot(*face.middle())


def _collectors(names: Names) -> Callable[[int], Road]:
    return lambda depth: Road(RoadClass.TERTIARY, f"Jalan {names.town()}")


def _old_town(plan: Plan, random: Random, names: Names, faces: list[Face]) -> list[Green]:
    """One grid over all of it, its streets one-way in turn, and the square in the middle."""
    district = names.district()
    grid = _old_grid(random)
    name_of = _street_names(district)
    found = [block for face in faces for block in blocks.fill_grid(plan, random, face, grid, name_of)]
    square = min(found, key=_out_m)
    return [Green(square.corners())]


def _old_grid(random: Random) -> blocks.Grid:
    angle = random.uniform(0.05, 0.3)
    return blocks.Grid((math.cos(angle), math.sin(angle)), 118.0, 84.0, RoadClass.TERTIARY, one_way_share=0.85)


def _fill(plan: Plan, random: Random, names: Names, face: Face, radius_m: float) -> list[Green]:
    out = _out_m(face) / radius_m
    district = names.district()
    if _out_m(face) < _OLD_TOWN_M:
        kind = random.choices(("old", "kampung", "green"), (8, 3, 1))[0]
    else:
        kind = random.choices(_KINDS, (4.0, 4.0 - 2.0 * out, 4.0, 1.2, 9.0 * out**6))[0]
    if kind == "fields":
        return []
    if kind == "green":
        return _leave_green(plan, random, face, district)
    if kind == "kampung":
        _kampung(plan, random, face, district)
    elif kind == "suburb":
        _suburb(plan, random, face, district, out)
    else:
        _estate(plan, random, face, district, old=kind == "old")
    return []


def _leave_green(plan: Plan, random: Random, face: Face, district: District) -> list[Green]:
    """Perhaps with one road through it."""
    parts = blocks.divide(
        plan, random, face, 130_000.0, lambda depth: Road(RoadClass.UNCLASSIFIED, district.street()), 0.15
    )
    return [Green(part.corners()) for part in parts]


def _kampung(plan: Plan, random: Random, face: Face, district: District) -> None:
    """Narrow streets, every now and then one-way, and lanes that end."""

    def road_of(depth: int) -> Road:
        road_class = RoadClass.RESIDENTIAL if depth < 4 else RoadClass.LIVING_STREET
        return Road(road_class, district.street(), one_way=_at_times(random, 0.15))

    for block in blocks.divide(plan, random, face, random.uniform(14_000.0, 24_000.0), road_of, 0.13):
        blocks.add_lanes(plan, random, block, district, random.choice((1, 1, 2, 3)))


def _suburb(plan: Plan, random: Random, face: Face, district: District, out: float) -> None:
    """Wider blocks the farther out."""

    def road_of(depth: int) -> Road:
        return Road(RoadClass.RESIDENTIAL, district.street(), one_way=_at_times(random, 0.2))

    for block in blocks.divide(plan, random, face, random.uniform(16_000.0, 26_000.0) * (1.0 + out), road_of, 0.07):
        if random.random() < 0.25:
            blocks.add_lanes(plan, random, block, district, 1)


def _estate(plan: Plan, random: Random, face: Face, district: District, old: bool) -> None:
    """A planned grid along the neighbourhood's longest side; a new one with few gates, an old one with one-ways."""
    side = max(face.sides, key=lambda item: item.length_m)
    along = ((side.b[0] - side.a[0]) / side.length_m, (side.b[1] - side.a[1]) / side.length_m)
    gated = not old and random.random() < 0.12
    grid = blocks.Grid(
        along,
        random.uniform(120.0, 230.0),
        random.uniform(70.0, 105.0),
        one_way_share=0.7 if old else random.choice((0.0, 0.3, 0.6)),
        closed_share=0.0 if old else 0.55,
        access=Access.PRIVATE if gated else Access.OPEN,
        phase=(random.uniform(0.0, 90.0), random.uniform(0.0, 150.0)),
    )
    blocks.fill_grid(plan, random, face, grid, _street_names(district))


def _street_names(district: District) -> Callable[[int, int], str]:
    """For a grid: the same street has the same name in all of its parts."""
    streets: dict[tuple[int, int], str] = {}

    def name_of(axis: int, index: int) -> str:
        if (axis, index) not in streets:
            streets[axis, index] = district.street()
        return streets[axis, index]

    return name_of


def _at_times(random: Random, share: float) -> int:
    return random.choice((1, -1)) if random.random() < share else 0
