"""What driving costs is read from TOML, and what makes no sense there is refused by its name."""

import tomllib
from pathlib import Path

import pytest

from sigap_roads.errors import ProfileError
from sigap_roads.profile import Profile, Side, load_profile, profile_from
from sigap_roads.ways import Access, RoadClass, Way
from tests.docs import markdown
from tests.support.tools import REPOSITORY


def way(**values: object) -> Way:
    return Way(**{"way_id": 1, "node_ids": (1, 2), "road_class": RoadClass.PRIMARY, **values})


def speed(profile: dict[str, object], **values: object) -> float:
    return profile_from(profile, "test").speed_of(way(**values))


def test_without_a_word_it_is_bandung() -> None:
    measured = {"MOTORWAY": 70, "TRUNK": 30, "PRIMARY": 30, "SECONDARY": 25, "TERTIARY": 20, "RESIDENTIAL": 15}
    profile = profile_from({}, "test")
    assert profile == Profile()
    assert profile.drives_on is Side.LEFT
    assert {name: profile.speed_of(way(road_class=RoadClass[name])) for name in measured} == measured


def test_every_class_has_a_speed() -> None:
    assert all(Profile().speed_of(way(road_class=road_class)) >= 1 for road_class in RoadClass)


def test_what_was_measured_counts_before_everything() -> None:
    assert speed({}, avgspeed_kmh=41.5, maxspeed_kmh=20) == 41.5
    assert speed({"measured": False}, avgspeed_kmh=41.5, maxspeed_kmh=20) == 20
    assert speed({}, avgspeed_kmh=0) == 1


def test_signs() -> None:
    assert speed({}, maxspeed_kmh=20) == 20
    assert speed({}, maxspeed_kmh=60) == 30
    assert speed({"signs": "instead"}, maxspeed_kmh=60) == 60
    assert speed({"signs": "ignore"}, maxspeed_kmh=20) == 30


def test_a_slip_road_is_slower() -> None:
    assert speed({}, road_class=RoadClass.MOTORWAY, is_link=True) == 42
    assert speed({"link_factor": 1}, road_class=RoadClass.MOTORWAY, is_link=True) == 70


def test_who_may_drive_where() -> None:
    assert all(Profile().may_drive(way(access=access)) for access in Access)
    public = profile_from({"access": {"private": False, "bus": False}}, "test")
    assert [access for access in Access if public.may_drive(way(access=access))] == [Access.OPEN, Access.DESTINATION]
    assert not profile_from({"access": {"closed": ["primary"]}}, "test").may_drive(way())


def test_goes_into_json_and_back() -> None:
    profile = profile_from({"speed_kmh": {"track": 5}, "access": {"closed": ["track", "service"]}}, "test")
    assert profile_from(profile.to_plain(), "test") == profile
    assert profile.to_plain()["access"]["closed"] == ["service", "track"]


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "jakarta.toml"
    path.write_text('name = "jakarta"\n[speed_kmh]\nprimary = 22.5\n[turns]\nu_turn_on = ["residential"]\n')
    profile = load_profile(path)
    assert (profile.name, profile.speed_of(way())) == ("jakarta", 22.5)
    assert [c.name for c in RoadClass if profile.may_turn_round(c)] == ["RESIDENTIAL"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("speed_kmh = ", "is not TOML"),
        ("spede = 3", "spede is unknown; there are: name, drives_on"),
        ("[speed_kmh]\nhighway = 3", "speed_kmh.highway is unknown; there are: motorway, trunk"),
        ("[speed_kmh]\nprimary = 0", "speed_kmh.primary is 0: Input should be greater than or equal to 1"),
        ("[speed_kmh]\nprimary = nan", "speed_kmh.primary is nan"),
        ('[speed_kmh]\nprimary = "fast"', "speed_kmh.primary is 'fast': Input should be a valid number"),
        ('drives_on = "top"', "drives_on is 'top': Input should be 'left' or 'right'"),
        ("[turns]\nu_turn_s = -1", "turns.u_turn_s is -1"),
        ('[access]\nclosed = ["lane"]', "is 'lane': Value error, expected one of: motorway"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_the_documentation_shows_every_default() -> None:
    text = (REPOSITORY / "docs" / "roads.md").read_text(encoding="utf-8")
    shown = next(block for language, block in markdown.blocks(text) if language == "toml")
    values = tomllib.loads(shown)
    assert profile_from(values, "docs/roads.md") == Profile()
    assert _keys(values) == _keys(Profile().to_plain())


def _keys(values: dict[str, object]) -> set[str]:
    inner = (f"{key}.{name}" for key, value in values.items() if isinstance(value, dict) for name in value)
    return {*values, *inner}
