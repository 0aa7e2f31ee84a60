"""What OpenStreetMap's tags mean for a patrol car."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_roads.osm import tags
from sigap_roads.osm.tags import FORBIDDEN, NO_ROAD, REVERSIBLE, Road, road
from sigap_roads.ways import Access, Obstacle, RoadClass


def primary(**values: str) -> Road | str:
    return road({"highway": "primary", **{key.replace("__", ":"): value for key, value in values.items()}})


@pytest.mark.parametrize(
    ("highway", "road_class", "is_link"),
    [
        ("motorway", RoadClass.MOTORWAY, False),
        ("trunk_link", RoadClass.TRUNK, True),
        ("living_street", RoadClass.LIVING_STREET, False),
        ("road", RoadClass.UNCLASSIFIED, False),
        ("service", RoadClass.SERVICE, False),
    ],
)
def test_classes(highway: str, road_class: RoadClass, is_link: bool) -> None:
    found = road({"highway": highway})
    assert isinstance(found, Road)
    assert (found.road_class, found.is_link) == (road_class, is_link)


@pytest.mark.parametrize(
    "highway", ["footway", "steps", "cycleway", "construction", "proposed", "platform", "path", ""]
)
def test_what_is_not_for_cars(highway: str) -> None:
    assert road({"highway": highway}) == NO_ROAD
    assert primary(area="yes") == NO_ROAD


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reverse"}, -1),
        ({"oneway": "alternating"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "circular"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 0),
    ],
)
def test_one_way(said: dict[str, str], direction: int) -> None:
    found = road({"highway": "primary"} | said)
    assert isinstance(found, Road)
    assert found.oneway == direction


def test_a_lane_that_changes_its_direction_is_no_road() -> None:
    assert primary(oneway="reversible") == REVERSIBLE


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ({}, Access.OPEN),
        ({"access": "private"}, Access.PRIVATE),
        ({"access": "customers"}, Access.DESTINATION),
        ({"access": "no"}, None),
        ({"access": "no", "motor_vehicle": "yes"}, Access.OPEN),
        ({"access": "no", "vehicle": "destination"}, Access.DESTINATION),
        ({"access": "yes", "motorcar": "no"}, None),
        ({"motor_vehicle": "no", "bus": "yes"}, Access.BUS),
        ({"access": "no", "psv": "designated"}, Access.BUS),
        ({"access": "no", "emergency": "yes"}, Access.PRIVATE),
        ({"access": "no", "emergency": "no"}, None),
        ({"vehicle": "no", "access": "yes"}, None),
        ({"access": "unheard-of"}, Access.OPEN),
    ],
)
def test_access(said: dict[str, str], allowed: Access | None) -> None:
    found = primary(**said)
    assert found == FORBIDDEN if allowed is None else isinstance(found, Road) and found.access is allowed


def test_a_busway_is_for_buses() -> None:
    found = road({"highway": "busway"})
    assert isinstance(found, Road)
    assert found.access is Access.BUS


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("12.5", 12.5),
        ("30 mph", 48.28032),
        ("10 knots", 18.52),
        ("60; 40", 40),
        ("none", None),
        ("ID:urban", None),
        ("0", None),
        ("-5", None),
        ("", None),
    ],
)
def test_speeds(text: str, kmh: float | None) -> None:
    assert tags.speed_kmh(text) == kmh


def test_names_are_the_number_where_there_is_no_name() -> None:
    assert primary(name="Jalan Asia Afrika", ref="3").name == "Jalan Asia Afrika"
    assert primary(ref="3").name == "3"
    assert primary().name == ""


@pytest.mark.parametrize(
    ("said", "kind", "is_end"),
    [
        ({"highway": "traffic_signals"}, Obstacle.SIGNALS, False),
        ({"highway": "crossing;traffic_signals"}, Obstacle.SIGNALS, False),
        ({"highway": "crossing", "crossing": "zebra"}, Obstacle.CROSSING, False),
        ({"highway": "crossing", "crossing": "unmarked"}, None, False),
        ({"highway": "crossing"}, None, False),
        ({"railway": "level_crossing", "highway": "traffic_signals"}, Obstacle.LEVEL_CROSSING, False),
        ({"barrier": "gate"}, Obstacle.BARRIER, False),
        ({"barrier": "gate", "access": "private"}, Obstacle.BARRIER, False),
        ({"barrier": "gate", "access": "no"}, Obstacle.BARRIER, True),
        ({"barrier": "bollard"}, None, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, None, False),
        ({"barrier": "kerb"}, None, False),
        ({"highway": "bus_stop"}, None, False),
    ],
)
def test_nodes(said: dict[str, str], kind: Obstacle | None, is_end: bool) -> None:
    assert tags.obstacle(said) == kind
    assert tags.is_end(said) is is_end


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"restriction": "no_left_turn"}, (False, "left_turn")),
        ({"restriction": "only_straight_on"}, (True, "straight_on")),
        ({"restriction:motorcar": "no_u_turn"}, (False, "u_turn")),
        ({"restriction": "no_left_turn", "except": "psv; bus"}, (False, "left_turn")),
        ({"restriction": "no_left_turn", "except": "psv;motorcar"}, None),
        ({"restriction": "no_left_turn", "except": "emergency"}, None),
        ({"restriction": "give_way"}, None),
        ({"restriction:hgv": "no_left_turn"}, None),
        ({}, None),
    ],
)
def test_turns(said: dict[str, str], rule: tuple[bool, str] | None) -> None:
    assert tags.turn(said) == rule


KEYS = ["highway", "oneway", "access", "motorcar", "maxspeed", "avgspeed", "name", "junction", "barrier", "restriction"]


@given(
    st.dictionaries(st.sampled_from(KEYS), st.text() | st.sampled_from(["primary", "yes", "no", "gate", "1e9", "²"]))
)
def test_whatever_people_write_is_read_or_left_out(said: dict[str, str]) -> None:
    assert isinstance(road(said), Road | str)
    assert tags.obstacle(said) in (None, *Obstacle)
    assert isinstance(tags.is_end(said), bool)
    assert tags.turn(said) is None or len(tags.turn(said)) == 2
