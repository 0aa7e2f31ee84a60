"""People are told streets by their names, and corners by both."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_roads.build import build
from sigap_roads.city import make_city
from sigap_roads.names import STREET_MAX_M, PlaceNames
from sigap_roads.profile import Profile
from sigap_roads.ways import RoadClass, Way, Ways
from tests.roads.test_build import at

NODES = {0: at(0, 0), 1: at(-4, 0), 2: at(4, 0), 3: at(0, 4), 4: at(0, -4), 5: at(2, 4), 6: at(2, 2)}
WAYS = (
    Way(1, (1, 0), RoadClass.SECONDARY, "Jalan Asia Afrika"),
    Way(2, (0, 2), RoadClass.SECONDARY, "Jalan Asia Afrika"),
    Way(3, (0, 3), RoadClass.RESIDENTIAL, "Gang Melati"),
    Way(4, (0, 4), RoadClass.TERTIARY, "Jalan Braga"),
    Way(5, (3, 5, 6), RoadClass.SERVICE),
)


@pytest.fixture(scope="module")
def names() -> PlaceNames:
    return PlaceNames(build(Ways(NODES, WAYS), Profile()))


def near(x_m: float, y_m: float) -> tuple[int, int]:
    lat, lon = at(0, 0)
    return round(lat + y_m * 89.93), round(lon + x_m * 90.58)


@pytest.mark.parametrize(
    ("x_m", "y_m", "words"),
    [
        (-200, 5, "Jalan Asia Afrika"),
        (-20, 5, "Jalan Asia Afrika / Jalan Braga"),
        (3, -20, "Jalan Braga / Jalan Asia Afrika"),
        (3, 60, "Gang Melati"),
        (3, 398, "Gang Melati"),  # the street it meets there has no name
        (200, 240, "Gang Melati"),  # the nearest street has no name
        (0, -900, "Jalan Braga"),
        (0, -901.5, ""),
        (-50_000, 0, ""),
    ],
)
def test_words(names: PlaceNames, x_m: float, y_m: float, words: str) -> None:
    assert names.words(*near(x_m, y_m)) == words
    assert names.street(*near(x_m, y_m)) == words.partition(" / ")[0]


def test_of_a_city_without_names_nothing_is_said() -> None:
    nameless = PlaceNames(build(Ways(NODES, WAYS[-1:]), Profile()))
    assert nameless.words(*at(2, 3)) == ""


@pytest.fixture(scope="module")
def city() -> tuple[PlaceNames, Ways]:
    ways = make_city()
    return PlaceNames(build(ways, Profile())), ways


@given(x=st.integers(-3000, 3000), y=st.integers(-3000, 3000))
@settings(max_examples=30)
def test_no_street_with_a_name_is_nearer(city: tuple[PlaceNames, Ways], x: int, y: int) -> None:
    names, ways = city
    lat, lon = near(x, y)
    best: dict[str, float] = {}
    for way in ways.ways:
        if way.name:
            places = [ways.nodes[node] for node in way.node_ids]
            away = min(away_m(lat, lon, a, b) for a, b in pairwise(places))
            best[way.name] = min(away, best.get(way.name, math.inf))
    street = names.street(lat, lon)
    if street:
        assert best[street] == pytest.approx(min(best.values()), abs=0.01)
    else:
        assert min(best.values()) > STREET_MAX_M - 0.01


def away_m(lat: int, lon: int, a: tuple[int, int], b: tuple[int, int]) -> float:
    """From the point to the straight line between the places."""
    metres, east = math.radians(1e-7) * 6_371_008.8, math.cos(math.radians(lat * 1e-7))
    (ay, ax), (by, bx) = (((place[0] - lat) * metres, (place[1] - lon) * metres * east) for place in (a, b))
    dx, dy = bx - ax, by - ay
    along = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy))) if dx or dy else 0.0
    return math.hypot(ax + along * dx, ay + along * dy)
