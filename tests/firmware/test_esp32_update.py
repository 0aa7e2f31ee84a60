"""An ESP32 gets a new version of itself into its other slot, by the files and the main.py that it is flashed with."""

from pathlib import Path

import pytest

from sigap_boot import SLOT_FOLDERS
from sigap_boot.record import BootRecord
from sigap_simulator.flash import image
from sigap_wire import result
from tests.firmware.conftest import MakeEsp32
from tests.firmware.control import Control
from tests.firmware.esp32_unit import Esp32Unit
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.update_server import PUBLIC_KEY, UpdateServer, firmware, package
from tests.portable.nor_flash import NorFlash

pytestmark = pytest.mark.parametrize("real_broker", ["mosquitto"], indirect=True)
POWER_ON, RESET = "1", "2"
EARLIER_RECORDS = 99  # so that the one before the restart into the new version has to erase a sector


@pytest.fixture
def unit(make_esp32: MakeEsp32, real_broker: RealBroker, esp32_files: dict[str, bytes], tmp_path: Path) -> Esp32Unit:
    made = make_esp32(port=real_broker.port, update={"key": PUBLIC_KEY})
    made.flash(esp32_files)
    records, record = NorFlash(256), BootRecord()
    for _ in range(EARLIER_RECORDS):
        record.store(records)
    (tmp_path / "esp32" / "sigap.flash").write_bytes(records.content)
    start(made, POWER_ON, 1)
    made.await_log("connected")
    return made


def start(unit: Esp32Unit, cause: str, number: int) -> str:
    """Its `number`th start; returns the firmware's version."""
    unit.start(booted=False, env={"SIGAP_BENCH_RESET_CAUSE": cause})
    version: str = unit.await_log("boot", number)["firmware"].split(" ")[1]
    return version


def application(files: dict[str, bytes]) -> dict[str, bytes]:
    prefix = f"{SLOT_FOLDERS[0]}/"
    return {name.removeprefix(prefix): content for name, content in files.items() if name.startswith(prefix)}


def test_a_new_version_runs_from_the_other_slot(
    unit: Esp32Unit, control: Control, esp32_files: dict[str, bytes], tmp_path: Path
) -> None:
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    content = package("0.2.0", firmware("0.2.0", application(esp32_files)))
    server = UpdateServer(control, content, "0.2.0")
    server.offer()
    server.serve_until(result.VERIFIED)
    unit.await_done("reset")
    unit.wait()
    assert start(unit, RESET, 2) == "0.2.0"
    unit.feed(drive(100))
    server.serve_until(result.CONFIRMED)
    assert sorted(path.name for path in (tmp_path / "esp32").glob("slot_?")) == ["slot_a", "slot_b"]
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    assert start(unit, POWER_ON, 3) == "0.2.0"
    assert unit.logged("task_failed") == []


def test_a_version_that_does_not_start_gives_way_to_the_one_before(
    unit: Esp32Unit, control: Control, esp32_files: dict[str, bytes]
) -> None:
    broken = {**application(esp32_files), "sigap_unit.mpy": image._compiled("raise ValueError('broken')\n", [])}
    server = UpdateServer(control, package("0.2.0", broken), "0.2.0")
    server.offer()
    server.serve_until(result.VERIFIED)
    unit.await_done("reset")
    unit.wait()
    for number in range(2, 5):  # choice.TRIES_MAX
        unit.start(booted=False, env={"SIGAP_BENCH_RESET_CAUSE": RESET})
        unit.await_done("reset", number)
        assert unit.wait() == 0
    assert start(unit, RESET, 2) == "0.1.0"
    server.serve_until(result.ROLLED_BACK)
