"""`sigap roads import` and `info`: what a person sees."""

import sys
from pathlib import Path

import pytest

from sigap import cli
from sigap.errors import CommandError
from sigap.roads.boxes import parse_box
from sigap_roads.file import load
from sigap_roads.osm import ATTRIBUTION, Box
from sigap_roads.profile import profile_from
from sigap_roads.sources import open_roads
from tests.roads.test_osm import Extract, street


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    ways = {7: street(1, 2, 3, name="Jalan Braga"), 8: street(3, 4, oneway="yes"), 9: street(4, 5, 6, highway="path")}
    Extract(ways).write(tmp_path / "town.osm.pbf")
    return tmp_path


def sigap(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sigap", *args])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_imports_and_tells(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert sigap(monkeypatch, "roads", "import", "town.osm.pbf") == 0
    first = capsys.readouterr().out
    assert ATTRIBUTION in first
    assert "0.1 km no way back into the net" in first
    assert "1 ways not for cars" in first
    assert load(here / "town.roads").names == ("", "Jalan Braga")
    assert sigap(monkeypatch, "roads", "info", "town.roads") == 0
    assert capsys.readouterr().out == first


def test_profile_box_and_place(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "fast.toml").write_text("[speed_kmh]\nresidential = 36")
    box = "107.6200,-7,107.6212,-6"  # nodes 1 and 2
    args = ["--profile", "fast.toml", "--bbox", box, "--out", "part.roads"]
    assert sigap(monkeypatch, "roads", "import", "town.osm.pbf", *args) == 0
    graph = load(here / "part.roads")
    assert graph.edge_count == 2
    assert graph.edge_time_ms.tolist() == (graph.edge_length_dm * 10).tolist()


def test_info_of_a_map_and_of_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sigap(monkeypatch, "roads", "info", "town.osm.pbf") == 0
    assert "town.osm.pbf" in capsys.readouterr().out
    assert sigap(monkeypatch, "roads", "info") == 0
    assert "built-in city" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["import", "none.osm.pbf"], "none.osm.pbf: No such file or directory"),
        (["import", "town.osm.pbf", "--bbox", "1,2,3"], "--bbox is '1,2,3', expected WEST,SOUTH,EAST,NORTH"),
        (["import", "town.osm.pbf", "--bbox", "1,2,3,4"], "town.osm.pbf has no roads in the box"),
        (["import", "town.osm.pbf", "--profile", "odd.toml"], "odd.toml: speed is unknown"),
        (["import", "empty.osm.pbf"], "empty.osm.pbf is empty"),
        (["import", "town.osm.pbf", "--out", "nowhere/x.roads"], "there is no folder nowhere"),
        (["info", "odd.toml"], "odd.toml is no PBF file"),
    ],
)
def test_what_goes_wrong_is_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    (here / "odd.toml").write_text("speed = 3")
    (here / "empty.osm.pbf").touch()
    assert sigap(monkeypatch, "roads", *args) == cli.EXIT_ERROR
    assert words in capsys.readouterr().err


def test_a_box() -> None:
    assert parse_box("107.5,-7,107.75,-6.8") == Box(-70_000_000, 1_075_000_000, -68_000_000, 1_077_500_000)


@pytest.mark.parametrize("text", ["", "a,b,c,d", "2,0,1,1", "0,1,1,0", "0,0,nan,1", "0,0,1,91", "0,0,1,1,1"])
def test_what_is_no_box(text: str) -> None:
    with pytest.raises(CommandError, match="--bbox"):
        parse_box(text)


def test_either_kind_of_file_is_opened(here: Path) -> None:
    told: list[float] = []
    slow = profile_from({"speed_kmh": {"residential": 3.6}}, "test")
    graph = open_roads(here / "town.osm.pbf", slow, told.append)
    assert graph.edge_time_ms.tolist() == (graph.edge_length_dm * 100).tolist()
    assert told == sorted(told)
    assert told[-1] == 1.0
