"""`sigap roads eta` and `field`, on the built-in city and on a map's extract."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from sigap.cli import app
from sigap.errors import CommandError
from sigap.roads.looking import parse_place
from sigap_roads.build import build
from sigap_roads.city import make_city
from sigap_roads.file import save
from sigap_roads.profile import Profile


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A road file, and two places in it."""
    graph = build(make_city(), Profile())
    path = tmp_path_factory.mktemp("roads") / "city.roads"
    save(graph, path)
    nodes = (0, graph.node_count // 2)
    places = [f"{graph.node_lat_e7[node] / 1e7},{graph.node_lon_e7[node] / 1e7}" for node in nodes]
    return path, places[0], places[1]


def sigap(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_eta_is_told_in_words_and_in_json(city: tuple[Path, str, str]) -> None:
    file, here, there = city
    words = sigap("roads", "eta", "--from", here, "--to", there, "--roads", file)
    document = json.loads(sigap("roads", "eta", "--from", here, "--to", there, "--roads", file, "--json"))
    assert words.startswith(f"{document['eta_s'] / 60:.1f} min, {document['distance_m'] / 1000:.1f} km\n")
    assert document["streets"]
    assert ", ".join(document["streets"]) in words
    assert (document["outcome"], document["turns_round"]) == ("reached", False)


def test_a_place_without_roads_is_said(city: tuple[Path, str, str]) -> None:
    file, here, _ = city
    for places, words in (((here, "0,0"), "enough to the place"), (("0,0", here), "enough to the car")):
        with pytest.raises(CommandError, match=words):
            sigap("roads", "eta", "--from", places[0], "--to", places[1], "--roads", file)
    answer = json.loads(sigap("roads", "eta", "--from", "0,0", "--to", here, "--roads", file, "--json"))
    assert answer == {"outcome": "car_off_map", "eta_s": None}
    with pytest.raises(CommandError, match="no road is near enough to the place"):
        sigap("roads", "field", "0,0", "--out", "x.png", "--roads", file)


def test_the_field_is_a_picture(city: tuple[Path, str, str], tmp_path: Path) -> None:
    file, here, _ = city
    said = sigap("roads", "field", here, "--out", tmp_path / "field.png", "--roads", file)
    assert "of all streets are within 15 min" in said
    with Image.open(tmp_path / "field.png") as image:
        assert max(image.size) == 1400
        colours = {colour for _, colour in image.convert("RGB").getcolors(maxcolors=1 << 24)}
    assert {(250, 249, 246), (214, 28, 48), (255, 205, 86)} <= colours  # paper, the incident, the nearest streets


def test_the_field_is_geojson(city: tuple[Path, str, str], tmp_path: Path) -> None:
    file, here, _ = city
    sigap("roads", "field", here, "--out", tmp_path / "field.geojson", "--roads", file, "--minutes", "5")
    document = json.loads((tmp_path / "field.geojson").read_text())
    minutes = [feature["properties"]["minutes"] for feature in document["features"]]
    assert document["type"] == "FeatureCollection"
    assert "attribution" in document
    assert 0 <= min(minutes) < max(minutes) <= 5
    lon, lat = document["features"][0]["geometry"]["coordinates"][0]
    assert abs(lat - float(here.split(",")[0])) < 0.2
    assert abs(lon - float(here.split(",")[1])) < 0.2


def test_a_picture_is_a_png_or_geojson(city: tuple[Path, str, str]) -> None:
    file, here, _ = city
    with pytest.raises(CommandError, match=r"--out is 'x.jpg', expected a name that ends with .png or .geojson"):
        sigap("roads", "field", here, "--out", "x.jpg", "--roads", file)


@pytest.mark.parametrize("text", ["", "1", "a,b", "91,0", "0,181", "nan,0", "1,2,3", "1,2,361", "1,2,3,4"])
def test_a_place_that_makes_no_sense_is_named(text: str) -> None:
    if text != "1,2,3":
        with pytest.raises(CommandError, match=r"--from is '.*', expected LAT,LON or LAT,LON,COURSE in degrees"):
            parse_place(text, "--from", with_course=True)
    with pytest.raises(CommandError, match=r"--to is '.*', expected LAT,LON in degrees"):
        parse_place(text, "--to")


def test_a_place_is_degrees() -> None:
    assert parse_place("-6.9175,107.6191", "--to") == (-69_175_000, 1_076_191_000, -1)
    assert parse_place(" -6.9, 107.6, 360", "--from", with_course=True) == (-69_000_000, 1_076_000_000, 0)
