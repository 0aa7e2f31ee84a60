"""`sigap roads fetch`: maps come whole over lines that break, from a stand-in on this machine."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap import cli
from sigap_roads.osm import ATTRIBUTION, read_osm
from tests.roads.map_server import MapServer, serving
from tests.roads.test_osm import Extract, street

CONTENT = random.Random(1).randbytes(300_000)
BOX = "107.6,-6.95,107.65,-6.9"


@pytest.fixture
def server() -> Iterator[MapServer]:
    with serving(MapServer(CONTENT)) as running:
        yield running


@pytest.fixture
def fetch(server: MapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command in an empty folder: (exit code, what it printed, what it complained of)."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sigap", "roads", "fetch", "--server", server.base, *args])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


def ranges(server: MapServer) -> list[str | None]:
    return [wanted for _, path, wanted in server.asked if path == MapServer.PATH]


FILE, PART = Path("town-latest.osm.pbf"), Path("town-latest.osm.pbf.part")


def test_a_place(server: MapServer, fetch) -> None:
    code, out, _ = fetch("TOWN")
    assert code == 0
    assert FILE.read_bytes() == CONTENT
    assert ATTRIBUTION in out
    assert "sigap roads import town-latest.osm.pbf" in out
    assert [path.name for path in Path().iterdir()] == [FILE.name]


def test_a_broken_line_is_gone_on_from(server: MapServer, fetch) -> None:
    server.breaks_after = [100_000, 50_000]
    assert fetch("town")[0] == 0
    assert FILE.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=100000-", "bytes=150000-"]


def test_the_next_call_goes_on_from_the_last(server: MapServer, fetch) -> None:
    server.breaks_after = [100_000, 0]
    code, _, err = fetch("town")
    assert code == cli.EXIT_ERROR
    assert "the same command goes on from there" in err
    assert PART.stat().st_size == 100_000
    assert not FILE.exists()
    assert fetch("town")[0] == 0
    assert FILE.read_bytes() == CONTENT
    assert ranges(server)[-1] == "bytes=100000-"


def test_a_file_that_changed_in_between_begins_anew(server: MapServer, fetch) -> None:
    server.breaks_after = [100_000, 0]
    fetch("town")
    server.content, server.etag = CONTENT[::-1], '"v2"'
    assert fetch("town")[0] == 0
    assert FILE.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("change", [{"takes_ranges": False}, {"etag": None}])
def test_a_server_that_cannot_go_on_begins_anew(server: MapServer, fetch, change: dict[str, object]) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    server.breaks_after = [100_000]
    assert fetch("town")[0] == 0
    assert FILE.read_bytes() == CONTENT


def test_all_of_it_was_there_but_not_checked(server: MapServer, fetch) -> None:
    PART.write_bytes(CONTENT)
    PART.with_name(PART.name + ".tag").write_text('"v1"')
    assert fetch("town")[0] == 0
    assert FILE.read_bytes() == CONTENT


def test_what_is_up_to_date_is_not_downloaded_again(server: MapServer, fetch) -> None:
    FILE.write_bytes(CONTENT)
    assert fetch("town")[0] == 0
    assert ranges(server) == []


def test_a_wrong_checksum_is_refused_and_the_old_file_kept(server: MapServer, fetch) -> None:
    FILE.write_bytes(b"yesterday's")
    server.md5 = "0" * 32
    code, _, err = fetch("town")
    assert code == cli.EXIT_ERROR
    assert "did not come whole: its MD5 is" in err
    assert FILE.read_bytes() == b"yesterday's"
    assert not PART.exists()


def test_a_box_comes_from_the_smallest_extract_around_it(server: MapServer, fetch) -> None:
    larger = server.feature("world", "World", 0, -80, 170, 80)
    elsewhere = server.feature("tiny", "Tiny", 1, 1, 2, 2)
    server.index = {"features": [larger, elsewhere, server.feature("town", "Town", 107, -7, 108, -6)]}
    code, out, _ = fetch("--bbox", BOX)
    assert code == 0
    assert FILE.exists()
    assert f"sigap roads import town-latest.osm.pbf --bbox={BOX}" in out


def test_overpass(server: MapServer, fetch, tmp_path: Path) -> None:
    server.overpass = Extract({7: street(1, 2, name="Jalan Braga")}).write(tmp_path / "answer.osm").read_bytes()
    code, out, _ = fetch("--source", "overpass", "--bbox", BOX, "--out", "city.osm")
    assert code == 0
    assert ATTRIBUTION in out
    assert read_osm(Path("city.osm")).ways[0].name == "Jalan Braga"
    assert 'way["highway"](-6.9500000,107.6000000,-6.9000000,107.6500000)' in server.queries[0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            b"<osm><remark> runtime error: Query timed out </remark></osm>",
            "did not finish: runtime error: Query timed out",
        ),
        (b"<html>busy</html>", "answered something else than a map"),
        (b"<osm><node id='1'", "answered something else than a map"),
    ],
)
def test_overpass_in_trouble(server: MapServer, fetch, answer: bytes, words: str) -> None:
    server.overpass = answer
    code, _, err = fetch("--source", "overpass", "--bbox", BOX, "--out", "city.osm")
    assert code == cli.EXIT_ERROR
    assert words in err
    assert not Path("city.osm").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "expected either a PLACE or --bbox"),
        (["town", "--bbox", BOX], "expected either a PLACE or --bbox"),
        (["--source", "overpass", "town"], "knows no places"),
        (["twon"], "no extract is called 'twon'; there are: town"),
        (["own"], "no extract is called 'own'; there are: town"),
        (["zzzzz"], "for a single city give --bbox"),
        (["--bbox", "1,1,2,2"], "no extract covers the whole box"),
        (["--bbox", "1,1"], "--bbox is '1,1'"),
    ],
)
def test_what_cannot_be_fetched(fetch, args: list[str], words: str) -> None:
    code, _, err = fetch(*args)
    assert code == cli.EXIT_ERROR
    assert words in err


def test_an_index_of_something_else(server: MapServer, fetch) -> None:
    server.index = {"message": "moved"}
    code, _, err = fetch("town")
    assert code == cli.EXIT_ERROR
    assert "the index of extracts is not as expected: KeyError('features')" in err


def test_a_file_that_is_not_there(server: MapServer, fetch) -> None:
    server.index = {"features": [server.feature("gone", "Gone", 0, 0, 1, 1)]}
    code, _, err = fetch("gone")
    assert code == cli.EXIT_ERROR
    assert "/gone.osm.pbf.md5 answers 404 Not Found" in err


def test_no_server(fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = fetch("town", "--server", "http://127.0.0.1:9")
    assert code == cli.EXIT_ERROR
    assert "http://127.0.0.1:9/index-v1-nogeom.json" in err
