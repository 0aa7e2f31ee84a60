"""The great roads: rings and radials that branch outwards, roads through the centre, and avenues that ignore both."""

import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from sigap_roads.city.lines import End, Face, Junction, Line, Plan, Point, Road, Side
from sigap_roads.city.naming import Names
from sigap_roads.ways import RoadClass

_RINGS_M = (620.0, 1500.0, 2500.0, 3500.0)
_RING_STEP_M = 1700.0  # farther out
_EDGE_M = 850.0  # from the last ring to where the city ends
_RADIALS = 7
_WIDEST_M = 2300.0  # between two radials; where it is more another one begins
_SNAP_M = 90.0
_RING_NAMES = ("Jalan Lingkar Alun-Alun", "Jalan Lingkar Dalam", "Jalan Lingkar Tengah", "Jalan Lingkar Luar")


@dataclass(slots=True)
class Skeleton:
    """`centre` are the faces within the innermost ring, `faces` all others; `radius_m` is where the city ends."""

    centre: list[Face]
    faces: list[Face]
    radius_m: float


def draw(plan: Plan, random: Random, names: Names, radius_m: float) -> Skeleton:
    """Rings and radials to about `radius_m` from the middle; behind the last ring the city frays out."""
    radii_m = [ring_m for ring_m in _RINGS_M if ring_m + _EDGE_M <= radius_m]
    while radii_m[-1] + _RING_STEP_M + _EDGE_M <= radius_m:
        radii_m.append(radii_m[-1] + _RING_STEP_M)
    rings = _vertices(random, [*radii_m, radii_m[-1] + _EDGE_M])
    rounds = [_ring(plan, random, vertices, number) for number, vertices in enumerate(rings[:-1])]
    rounds.append([Line(a.point, b.point, None) for a, b in pairwise([*rings[-1], rings[-1][0]])])
    faces: list[Face] = []
    towns = [names.town() for _ in rings[0]]
    for band, (inner, outer) in enumerate(pairwise(rings)):
        branching = len(outer) // len(inner)
        begin_of = len(inner) // _RADIALS
        spokes = []
        for index, vertex in enumerate(inner):
            radial, rest = divmod(index, begin_of)
            road = _radial_road(random, names, towns, band, radial, rest)
            spokes.append(_line(plan, vertex, outer[index * branching], road))
        for index in range(len(inner)):
            after = (index + 1) % len(inner)
            faces.append(
                Face(
                    [
                        Side(spokes[index], 0.0, 1.0),
                        *(Side(rounds[band + 1][index * branching + part], 0.0, 1.0) for part in range(branching)),
                        Side(spokes[after], 1.0, 0.0),
                        Side(rounds[band][index], 1.0, 0.0),
                    ]
                )
            )
    _country_roads(plan, random, rings[-1], towns, radii_m[-1] + _EDGE_M)
    centre = _through_the_centre(plan, Face([Side(line, 0.0, 1.0) for line in rounds[0]]), rings[0])
    return Skeleton(centre, _avenues(plan, random, names, faces, radii_m[-1]), radii_m[-1] + _EDGE_M)


def _vertices(random: Random, radii_m: list[float]) -> list[list[Junction]]:
    """The junctions of every ring, anticlockwise; each ring has as many as the one within, or twice as many."""
    angles = [2.0 * math.pi * (index + random.uniform(-0.22, 0.22)) / _RADIALS for index in range(_RADIALS)]
    rings = []
    for number, radius_m in enumerate(radii_m):
        if 2.0 * math.pi * radius_m / len(angles) > _WIDEST_M and number < len(radii_m) - 1:
            ahead = [*angles[1:], angles[0] + 2.0 * math.pi]
            angles = [
                angle
                for here, there in zip(angles, ahead, strict=True)
                for angle in (here, here + (there - here) * random.uniform(0.42, 0.58))
            ]
        step = 2.0 * math.pi / len(angles)
        angles = [angle + step * random.uniform(-0.07, 0.07) for angle in angles]
        jitter = 0.06 if number < len(radii_m) - 1 else 0.4 * _EDGE_M / radius_m
        ring = []
        for angle in angles:
            spread_m = radius_m * random.uniform(1.0 - jitter, 1.0 + jitter)
            # Longer than wide, as valleys make cities.
            ring.append(Junction((1.12 * spread_m * math.cos(angle), 0.95 * spread_m * math.sin(angle))))
        rings.append(ring)
    return rings


def _ring(plan: Plan, random: Random, vertices: list[Junction], number: int) -> list[Line]:
    name = _RING_NAMES[number] if number < len(_RING_NAMES) else f"Jalan Lingkar Luar {number - 2}"
    lines = []
    for here, there in zip(vertices, vertices[1:] + vertices[:1], strict=True):
        if number % 2:
            road = Road(RoadClass.PRIMARY, name, dual=True, maxspeed_kmh=60.0)
        else:
            # An even ring has parts that were never built out.
            road = Road(RoadClass.TERTIARY if number and random.random() < 0.2 else RoadClass.SECONDARY, name)
        lines.append(_line(plan, here, there, road))
    return lines


def _radial_road(random: Random, names: Names, towns: list[str], band: int, radial: int, rest: int) -> Road:
    if rest:
        return Road(RoadClass.TERTIARY if random.random() < 0.5 else RoadClass.SECONDARY, f"Jalan {names.town()}")
    if radial % 2 == 0:
        return Road(RoadClass.PRIMARY, f"Jalan Raya {towns[radial]}", dual=band < 3, maxspeed_kmh=60.0)
    return Road(RoadClass.SECONDARY, f"Jalan {towns[radial]}", dual=band == 0)


def _line(plan: Plan, here: Junction, there: Junction, road: Road) -> Line:
    line = Line(here.point, there.point, road, End(here), End(there))
    here.lines.append(line)
    there.lines.append(line)
    plan.lines.append(line)
    return line


def _country_roads(plan: Plan, random: Random, ring: list[Junction], towns: list[str], radius_m: float) -> None:
    """The radials go on for a while without a city."""
    begin_of = len(ring) // _RADIALS
    for radial, town in enumerate(towns):
        vertex = ring[radial * begin_of]
        farther = 1.0 + random.uniform(500.0, 1100.0) / radius_m
        turned = random.uniform(-0.05, 0.05)
        east, north = vertex.point
        tip = (farther * (east - turned * north), farther * (north + turned * east))
        _line(plan, vertex, Junction(tip), Road(RoadClass.SECONDARY, f"Jalan Raya {town}"))


def _through_the_centre(plan: Plan, face: Face, ring: list[Junction]) -> list[Face]:
    """Two roads from radial to radial through the innermost ring."""
    faces = [face]
    for begin, road in (
        (0, Road(RoadClass.PRIMARY, "Jalan Raya Pos", maxspeed_kmh=40.0)),
        (2, Road(RoadClass.SECONDARY, "Jalan Balai Kota")),
    ):
        a, b = ring[begin].point, ring[(begin + len(ring) // 2) % len(ring)].point
        faces = _cut_all(plan, faces, a, _unit(a, b), road, math.inf)
    return faces


def _avenues(plan: Plan, random: Random, names: Names, faces: list[Face], radius_m: float) -> list[Face]:
    """Straight roads across, more of them in a greater city."""
    for number in range(round(4.0 * (radius_m / _RINGS_M[-1]) ** 2)):
        angle = random.uniform(0.0, 2.0 * math.pi)
        off_m = random.uniform(0.3, 0.8) * radius_m if number else 0.4 * radius_m
        through = (off_m * math.cos(angle), off_m * math.sin(angle))
        road = Road(RoadClass.SECONDARY, f"Jalan {names.hero()}")
        along = (-math.sin(angle), math.cos(angle))
        faces = _cut_all(plan, faces, through, along, road, random.uniform(1000.0, 1900.0))
    return faces


def _cut_all(plan: Plan, faces: list[Face], through: Point, direction: Point, road: Road, reach_m: float) -> list[Face]:
    """Cut every face whose middle is no further than `reach_m` from `through` along the direction."""
    found: list[Face] = []
    for face in faces:
        east, north = face.middle()
        along_m = (east - through[0]) * direction[0] + (north - through[1]) * direction[1]
        halves = plan.cut(face, through, direction, road, _SNAP_M) if abs(along_m) <= reach_m else None
        found += halves or [face]
    return found


def _unit(a: Point, b: Point) -> Point:
    length_m = math.dist(a, b)
    return (b[0] - a[0]) / length_m, (b[1] - a[1]) / length_m
