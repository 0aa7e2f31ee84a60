"""Recorded logs of twelve receivers, held against pynmea2 and against gpsd's own expectations."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pynmea2
import pytest

from sigap_tracker import replay
from sigap_tracker.build import BUILD_TIME_S
from sigap_tracker.position.fix_gate import WEEKS_1024_S
from sigap_tracker.replay import Replay
from sigap_wire.report import COURSE_UNKNOWN, Fix
from tests.firmware.nmea_streams import count, sentence
from tests.portable.interpreters import run_micropython

LOGS = (
    "beidou-bd",
    "bu353s4",
    "com-1289",
    "drive-tahoe-a",
    "garmin-10x",
    "gp-320fw-2019-04-06-overflow",
    "haicom-305N",
    "mtk-3301",
    "neo-m8n",
    "nmea-rtk",
    "quectel-eg25-g",
    "telit-he910",
)
every_log = pytest.mark.parametrize("name", LOGS)


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "nmea"


def replayed(path: Path, min_time_s: int = 0) -> tuple[list[Fix], Replay]:
    data = path.read_bytes()
    run = Replay(min_time_s)
    return run.feed(data, len(data)) + run.finish(), run


def valid_rmcs(path: Path) -> list[pynmea2.RMC]:
    found = []
    for line in path.read_bytes().splitlines():
        try:
            sentence = pynmea2.parse(line.decode("ascii"), check=True)
        except (ValueError, pynmea2.ParseError):
            continue
        if isinstance(sentence, pynmea2.RMC) and sentence.status == "A":
            found.append(sentence)
    return found


def unix_s(rmc: pynmea2.RMC) -> int:
    return int(datetime.combine(rmc.datestamp, rmc.timestamp).timestamp())


def test_no_log_is_left_out(folder: Path) -> None:
    assert sorted(path.stem for path in folder.glob("*.log")) == sorted(LOGS)


@every_log
def test_every_valid_rmc_is_an_accepted_fix(name: str, folder: Path) -> None:
    fixes, run = replayed(folder / f"{name}.log")
    told = valid_rmcs(folder / f"{name}.log")
    assert told
    by_time: dict[int, list[Fix]] = {}
    for fix in fixes:
        by_time.setdefault(fix.fix_time_s, []).append(fix)
    for rmc in told:
        assert any(
            abs(fix.lat_e7 - rmc.latitude * 1e7) <= 1
            and abs(fix.lon_e7 - rmc.longitude * 1e7) <= 1
            and abs(fix.speed_cmps - (rmc.spd_over_grnd or 0) * 185200 / 3600) <= 1
            for fix in by_time.get(unix_s(rmc), [])
        ), rmc
    assert len(fixes) == len(told)
    assert set(run.gate.rejected) <= {"no_fix"}


@every_log
def test_counts(name: str, folder: Path) -> None:
    log = folder / f"{name}.log"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))["logs"][f"{name}.log"]
    _, run = replayed(log)
    right, wrong, unreadable = count(log.read_bytes())
    assert (run.parser.sentences, run.parser.bad_checksum) == (right + wrong + unreadable, wrong)
    assert run.parser.unparsable == unreadable
    # The index leaves out a sentence of one log that does not begin its line.
    assert (right, wrong) == (index["sentences_ok"] + (name == "beidou-bd"), index["bad_checksum"])
    # Void RMCs are no fixes, and neither is what a receiver says before it has found a time.
    assert run.gate.rejected.get("no_fix", 0) >= index["rmc_void"]
    assert run.parser.fixes == run.gate.accepted + sum(run.gate.rejected.values())


NOT_FROM_GPSD = ("drive-tahoe-a", "quectel-eg25-g", "telit-he910")
# gpsd holds this one's date, which is right, for a receiver's whose 10-bit week number has wrapped. So does a unit.
GPSD_DATE_SHIFT_S = {"neo-m8n": WEEKS_1024_S}


@pytest.mark.parametrize("name", [name for name in LOGS if name not in NOT_FROM_GPSD])
def test_gpsd_saw_the_same(name: str, folder: Path) -> None:
    fixes, _ = replayed(folder / f"{name}.log")
    told: dict[int, list[dict[str, Any]]] = {}
    for line in (folder / "chk" / f"{name}.log.chk").read_text(encoding="latin-1").splitlines():
        report = json.loads(line) if line.startswith('{"class":"TPV"') else {}
        if "time" in report and "lat" in report:
            time_s = int(datetime.fromisoformat(report["time"]).timestamp()) - GPSD_DATE_SHIFT_S.get(name, 0)
            told.setdefault(time_s, []).append(report)
    timed = [fix for fix in fixes if fix.fix_time_s in told]
    # gpsd has no time yet for the first fix of some, and drops one at a change of its clock.
    assert len(timed) >= len(fixes) - 1
    assert {fix.fix_time_s for fix in timed} == told.keys()
    for fix in timed:
        assert any(_same(fix, report) for report in told[fix.fix_time_s]), (fix, told[fix.fix_time_s])


def _same(fix: Fix, report: dict[str, Any]) -> bool:
    course = report.get("track", fix.course_cdeg / 100)
    return (
        abs(fix.lat_e7 - report["lat"] * 1e7) <= 1
        and abs(fix.lon_e7 - report["lon"] * 1e7) <= 1
        and abs(fix.speed_cmps - report.get("speed", 0) * 100) <= 1
        and (fix.course_cdeg == COURSE_UNKNOWN or abs(fix.course_cdeg - course * 100) <= 1)
    )


def test_gpsd_puts_the_same_week_number_right(folder: Path) -> None:
    fixes, run = replayed(folder / "neo-m8n.log", BUILD_TIME_S)
    told = (folder / "chk" / "neo-m8n.log.chk").read_text(encoding="latin-1").splitlines()
    reports = [json.loads(line) for line in told if line.startswith('{"class":"TPV"')]
    times = {int(datetime.fromisoformat(report["time"]).timestamp()) for report in reports if "time" in report}
    found = {fix.fix_time_s for fix in fixes}
    assert times < found  # gpsd drops the last
    assert len(found - times) == 1
    assert run.gate.dates_corrected == len(fixes) > 20


def test_an_overflow_in_the_middle_of_a_drive_is_no_jump(folder: Path) -> None:
    """The evening of 2019-04-06 as a receiver with ten bits for the week went through it, and one that did not."""
    recorded = folder / "gp-320fw-2019-04-06-overflow.log"
    right, _ = replayed(recorded)
    run = Replay(min_time_s=right[0].fix_time_s - 86400)
    wrapped = b"".join(map(_wrapped, recorded.read_bytes().splitlines(keepends=True)))
    found = run.feed(wrapped, len(wrapped)) + run.finish()
    assert found == right
    assert run.gate.dates_corrected == len(right) // 2
    assert run.gate.rejected == {}


def _wrapped(line: bytes) -> bytes:
    """The second half of that log with the date that a week number of zero gives: 1999-08-21."""
    head, star, _ = line.partition(b"*")
    if not star or b",060419," not in head or head[7:13] < b"235734":
        return b"" if b"ZDA" in head else line
    return sentence(head[1:].replace(b",060419,", b",210899,").decode())


@every_log
def test_both_interpreters_print_the_same(name: str, folder: Path) -> None:
    log = folder / f"{name}.log"
    said = run_micropython(["-m", "sigap_tracker.replay", log])
    assert said.splitlines() == list(replay.lines(str(log)))
