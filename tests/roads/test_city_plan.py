"""The plan of a city: a cut face is two faces, and the plane bends without folding."""

import math
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sigap_roads.city.lines import SNAP_M, End, Face, Junction, Line, Road, Side, cut
from sigap_roads.city.naming import Names, roman
from sigap_roads.city.warp import Warp
from sigap_roads.ways import RoadClass

angles = st.floats(0.0, 2.0 * math.pi)


def polygon(random: Random, corners: int, dual: bool) -> Face:
    """Convex, with streets around it."""
    at = sorted(2.0 * math.pi * (index + random.uniform(-0.3, 0.3)) / corners for index in range(corners))
    junctions = [Junction((800.0 * math.cos(angle), 800.0 * math.sin(angle))) for angle in at]
    road = Road(RoadClass.PRIMARY, "Jalan Lingkar", dual=dual)
    return Face(
        [
            Side(Line(here.point, there.point, road, End(here), End(there)), 0.0, 1.0)
            for here, there in zip(junctions, junctions[1:] + junctions[:1], strict=True)
        ]
    )


@given(
    seed=st.integers(0, 2**32),
    corners=st.integers(3, 9),
    cuts=st.lists(st.tuples(angles, st.floats(-600.0, 600.0)), min_size=1, max_size=9),
    dual=st.booleans(),
)
def test_cuts_divide_a_face_without_rest(seed: int, corners: int, cuts: list[tuple[float, float]], dual: bool) -> None:
    whole = polygon(Random(seed), corners, dual)
    faces = [whole]
    streets: list[Line] = []
    for angle, aside_m in cuts:
        direction = (math.cos(angle), math.sin(angle))
        through = (-aside_m * direction[1], aside_m * direction[0])
        divided = []
        for face in faces:
            halves = cut(face, through, direction, Road(RoadClass.RESIDENTIAL, "Jalan"))
            divided += halves or [face]
            if halves is not None:
                streets.append(halves[0].sides[-1].line)
                # It runs as it was asked to, but for what it was moved to meet a junction.
                line = streets[-1]
                ahead_m = (line.b[0] - line.a[0]) * direction[0] + (line.b[1] - line.a[1]) * direction[1]
                assert ahead_m > -2.0 * SNAP_M
        faces = divided
    assert math.isclose(sum(face.area_m2() for face in faces), whole.area_m2(), rel_tol=1e-9)
    for face in faces:
        for here, there in zip(face.sides, face.sides[1:] + face.sides[:1], strict=True):
            assert math.dist(here.b, there.a) < 1.1, "the sides of a face follow one another"
    for line in streets:
        assert line.start is not None
        assert line.end is not None
        for end, point in ((line.start, line.a), (line.end, line.b)):
            assert math.dist(end.junction.point, point) < 1e-6
            assert line in end.junction.lines
            assert end.junction.left if end.on_left else end.junction.right


@given(seed=st.integers(0, 2**32), places=st.lists(st.tuples(st.floats(-3e4, 3e4), st.floats(-3e4, 3e4)), min_size=1))
def test_the_bent_plane_is_never_folded(seed: int, places: list[tuple[float, float]]) -> None:
    warp = Warp(Random(seed), (-6.9, 107.6))
    east, north = np.array(places).T
    step_m = 0.5
    here, right, up = warp.bend(east, north), warp.bend(east + step_m, north), warp.bend(east, north + step_m)
    turned = (right[0] - here[0]) * (up[1] - here[1]) - (right[1] - here[1]) * (up[0] - here[0])
    assert (turned > 0.1 * step_m**2).all()
    middle = warp.to_e7(*warp.bend(np.zeros(1), np.zeros(1)))
    assert (int(middle[0][0]), int(middle[1][0])) == (-69_000_000, 1_076_000_000)


def test_names_are_handed_out_once() -> None:
    names = Names(Random(5))
    towns = [names.town() for _ in range(2000)]
    assert len(set(towns)) == 2000
    districts = [names.district() for _ in range(300)]
    streets = [district.street() for district in districts for _ in range(20)]
    assert len(set(streets)) == len(streets)
    assert any(name.endswith(" II") for name in streets)
    assert [names.lane("Jalan Jati") for _ in range(2)] == ["Gang Jati 1", "Gang Jati 2"]


@given(number=st.integers(1, 39))
def test_roman_numerals(number: int) -> None:
    value = {"I": 1, "V": 5, "X": 10}
    digits = [value[letter] for letter in roman(number)]
    signed = [-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True)]
    assert sum(signed) == number
    assert not any(four in roman(number) for four in ("IIII", "VV", "XXXX"))
