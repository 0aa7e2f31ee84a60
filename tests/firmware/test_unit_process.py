"""The unit as a process: how it starts, what it makes of its control channel, and that it ends."""

import json
import os
import signal
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from sigap_boot.file_flash import FileFlash
from sigap_boot.record import load
from tests.firmware.conftest import MakeUnit
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.support.tools import REPOSITORY, require_tool
from tests.support.waiting import eventually


@pytest.fixture
def unit(make_unit: MakeUnit) -> Unit:
    """Booted, without a broker."""
    made = make_unit()
    made.start()
    return made


def kept_boot_id(tmp_path: Path) -> int:
    """What the boot record in the flash says."""
    flash = FileFlash(str(tmp_path / "unit" / "state" / "flash.bin"))
    try:
        return load(flash).boot_id
    finally:
        flash.close()


def refused(unit: Unit) -> str:
    """What a unit says that does not start."""
    unit.start(booted=False)
    assert unit.wait() == 2
    assert unit.events == []
    return unit.errors.decode()


def test_a_bad_setting_stops_the_start_and_is_named(make_unit: MakeUnit) -> None:
    said = refused(make_unit(mqtt={"port": 70000}))
    assert said == "sigap_tracker: mqtt.port is 70000, expected an integer from 1 to 65535\n"


def test_an_unknown_setting_stops_the_start_and_is_named(make_unit: MakeUnit) -> None:
    assert "unknown setting colour; known: unit_id, callsign, " in refused(make_unit(colour="blue"))


def test_a_state_folder_that_cannot_be_is_named(make_unit: MakeUnit, tmp_path: Path) -> None:
    unit = make_unit(state_dir=str(tmp_path / "no" / "such" / "folder"))
    assert f"state_dir is {tmp_path}/no/such/folder, where nothing can be kept: [Errno 2]" in refused(unit)


def test_a_flash_that_is_too_small_is_named(make_unit: MakeUnit, tmp_path: Path) -> None:
    unit = make_unit()
    path = tmp_path / "unit" / "state" / "flash.bin"
    path.parent.mkdir()
    path.write_bytes(b"\xff" * 5000)
    assert f"{path} has 1 sectors, expected 18 or more" in refused(unit)


def from_sources(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """The firmware without an image; its stdin is at its end."""
    return subprocess.run(
        [require_tool("micropython"), "-X", "heapsize=512k", "-m", "sigap_tracker", *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": f".frozen:{REPOSITORY / 'firmware'}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("a", "b")])
def test_the_settings_file_is_the_only_argument(arguments: tuple[str, ...]) -> None:
    done = from_sources(*arguments)
    assert (done.returncode, done.stderr) == (2, "sigap_tracker: expected one argument, the settings file\n")


def test_it_runs_from_its_sources_too(make_unit: MakeUnit, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(make_unit().settings))
    done = from_sources(path)
    assert (done.returncode, done.stderr) == (0, "")
    assert kept_boot_id(tmp_path) == 1


def test_boots_are_counted_across_starts(make_unit: MakeUnit, tmp_path: Path) -> None:
    unit = make_unit()
    for expected in (1, 2, 3):
        unit.start(booted=False)
        assert unit.await_log("boot", expected)["boot_id"] == expected
        assert unit.process is not None
        unit.process.kill()
        unit.wait()
    assert kept_boot_id(tmp_path) == 3


def test_a_damaged_boot_counter_never_goes_back(make_unit: MakeUnit, tmp_path: Path) -> None:
    unit = make_unit()
    unit.start()
    unit.hang_up()
    unit.wait()
    with (tmp_path / "unit" / "state" / "flash.bin").open("r+b") as flash:
        flash.write(b"gar")
    unit.start(booted=False)
    assert unit.await_log("boot", 2)["boot_id"] > 1 << 30


def test_the_end_of_stdin_ends_it(unit: Unit) -> None:
    unit.hang_up()
    assert unit.wait(3) == 0
    assert unit.errors == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(unit: Unit, number: signal.Signals) -> None:
    assert unit.process is not None
    unit.process.send_signal(number)
    assert unit.wait(3) != 0


def test_the_receivers_end_is_not_the_units(unit: Unit) -> None:
    unit.unplug()
    assert unit.process is not None
    unit.process.send_signal(signal.SIGHUP)  # as from the terminal that a line may be
    unit.await_log("task_failed", 2)
    assert {event["task"] for event in unit.logged("task_failed")} == {"gps"}
    unit.say(b"rubbish\n")
    unit.await_log("control_refused")


def test_garbage_on_the_control_channel_is_refused_and_harms_nothing(unit: Unit) -> None:
    garbage = [b"", b"accept", b"[]", b"{}", b'{"button": "eject"}', b'{"button": ["accept"]}', b'{"health": 2}']
    garbage += [b"\xff\xfe\x00", b"{" * 5000, b'{"button": "accept", "more": 1}', b"null", b"7"]
    for number, line in enumerate(garbage, 1):
        unit.say(line + b"\n")
        unit.await_log("control_refused", number)
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    assert unit.logged("task_failed") == []


def test_half_a_line_holds_nothing_up(unit: Unit) -> None:
    unit.say(b'{"butt')
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    unit.say(b'on": "accept"}\nrubbish\n')
    unit.await_log("control_refused")
    assert len(unit.logged("control_refused")) == 1


def test_noise_from_the_receiver_is_survived(unit: Unit) -> None:
    unit.feed(bytes(range(256)) * 8 + drive(0) + b"$GPRMC,,,,*00\r\n" + drive(1))
    assert unit.await_log("fix_gate")["reason"] == "accepted"
    assert unit.logged("task_failed") == []


def test_the_screen_follows_the_receiver(unit: Unit) -> None:
    eventually(lambda: len(unit.pictures()) >= 1)
    before = unit.pictures()[-1]
    assert len(before) == 1024
    unit.feed(drive(0))
    eventually(lambda: unit.pictures()[-1] != before)


def test_a_picture_is_sent_only_when_it_changed(unit: Unit) -> None:
    unit.feed(drive(0, speed_kn=0))
    unit.await_log("fix_gate")
    for number in range(1, 6):
        unit.say(b"rubbish\n")
        unit.await_log("control_refused", number)
    pictures = unit.pictures()
    assert all(one != other for one, other in pairwise(pictures))


def test_nobody_reading_its_output_does_not_stop_it(make_unit: MakeUnit) -> None:
    """Its pipe is full: it goes on, and says afterwards how many lines were lost."""
    unit = make_unit()
    unit.start(heard=False)
    for _ in range(3000):  # twice what fits in the pipes both ways
        unit.say(b"x" * 60 + b"\n")
    unit.hear()
    unit.await_log("lines_lost")
    unit.say(b"rubbish\n")
    eventually(lambda: any(event.get("line") == "b'rubbish'" for event in unit.logged("control_refused")))
    assert all("log" in event or "display" in event for event in unit.events)
