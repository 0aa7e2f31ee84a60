"""`sigap nmea`: both interpreters, both forms of output, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tools import require_tool

FIXTURES = Path(__file__).with_name("fixtures")
SIGAP = Path(sys.executable).with_name("sigap")


def sigap_nmea(*arguments: str | Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100", **({"PATH": path} if path is not None else {})}
    return subprocess.run(
        [SIGAP, "nmea", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
@pytest.mark.parametrize("name", ["drive", "damaged"])
def test_json_lines(name: str, interpreter: str) -> None:
    if interpreter == "micropython":
        require_tool("micropython")
    run = sigap_nmea(FIXTURES / f"{name}.nmea", "--json", "--interpreter", interpreter)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == (FIXTURES / f"{name}.jsonl").read_text(encoding="utf-8")


def test_keys_and_their_order() -> None:
    *fixes, counters = (FIXTURES / "damaged.jsonl").read_text(encoding="utf-8").splitlines()
    for line in fixes:
        assert list(json.loads(line)) == [
            "fix_time",
            "lat_e7",
            "lon_e7",
            "speed_cmps",
            "course_cdeg",
            "quality",
            "satellites",
            "hdop_centi",
        ]
    found = json.loads(counters)
    assert list(found) == ["sentences", "bad_checksum", "unparsable", "fixes", "rejected"]
    assert found["fixes"] == len(fixes)


def test_table_for_people() -> None:
    run = sigap_nmea(FIXTURES / "damaged.nmea")
    assert run.returncode == 0
    assert "2026-03-19 08:30:05 -6.9178750 107.6193583 31.5  35.0°" in run.stdout
    assert "sentences 55 · bad checksum 1 · unparsable 6 · fixes 9" in run.stdout
    assert "rejected by the gate: few satellites 1, jump 1, no fix 1" in run.stdout


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_as_a_unit_of_later_years_sees_the_dates(interpreter: str) -> None:
    if interpreter == "micropython":
        require_tool("micropython")
    options = ("--json", "--interpreter", interpreter, "--not-before", "2030-01-01")
    run = sigap_nmea(FIXTURES / "drive.nmea", *options)
    *fixes, counters = run.stdout.splitlines()
    own = (FIXTURES / "drive.jsonl").read_text(encoding="utf-8").splitlines()
    times = [json.loads(line)["fix_time"] for line in fixes]
    assert times == [json.loads(line)["fix_time"] + 1024 * 7 * 86400 for line in own[:-1]]
    assert json.loads(counters)["dates_corrected"] == len(times)
    assert sigap_nmea(FIXTURES / "drive.nmea", "--not-before", "yesterday").returncode == 2


def test_a_file_without_a_fix(tmp_path: Path) -> None:
    empty = tmp_path / "empty.nmea"
    empty.write_bytes(b"")
    run = sigap_nmea(empty)
    assert run.returncode == 0
    assert "no fix in it" in run.stderr
    assert "sentences 0" in run.stdout


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    run = sigap_nmea(tmp_path / "none.nmea", "--json")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"sigap: {tmp_path / 'none.nmea'} cannot be read: No such file or directory\n"
    run = sigap_nmea(tmp_path)
    assert run.returncode == 2
    assert f"{tmp_path} is a folder" in run.stderr


def test_an_interpreter_that_there_is_not(tmp_path: Path) -> None:
    run = sigap_nmea(FIXTURES / "drive.nmea", "--interpreter", "pypy")
    assert run.returncode == 2
    assert "cpython" in run.stderr
    assert "micropython" in run.stderr


def test_micropython_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sigap.errors import CommandError
    from sigap.nmea import Interpreter, nmea

    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="--interpreter cpython needs none"):
        nmea(FIXTURES / "drive.nmea", Interpreter.MICROPYTHON, json=True)


def test_an_interpreter_that_breaks_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sigap.errors import CommandError
    from sigap.nmea import Interpreter, nmea

    broken = tmp_path / "micropython"
    broken.write_text("#!/bin/sh\necho 'MemoryError: no room' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(CommandError, match="status 1: MemoryError: no room"):
        nmea(FIXTURES / "drive.nmea", Interpreter.MICROPYTHON, json=True)
