"""An ESP32 gets a new interpreter: its image into the partition that does not run, on trial, and back if it is no good.

Behind the chip is MicroPython's unix port, which stays what it is; the bench tells which partition it came from.
"""

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sigap.update_package import _header, create_image, sign, version_number
from sigap_boot.record import BootRecord
from sigap_tracker.update import package as form
from sigap_wire import result, topics
from tests.firmware.conftest import MakeEsp32
from tests.firmware.control import Control
from tests.firmware.esp32_unit import Esp32Unit
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.update_server import KEY, PUBLIC_KEY, UpdateServer
from tests.portable.nor_flash import NorFlash
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["mosquitto"], indirect=True)
POWER_ON, RESET = "1", "2"
VERSION = "1.99.0"
IMAGE_BYTES = 64 * 1024
SECTORS = 20
EARLIER_STARTS = 97


def image(words: bytes = b"") -> bytes:
    begin = b"\xe9\x03" + words
    return begin + random.Random(1).randbytes(IMAGE_BYTES - 100 - len(begin))


def package(content: bytes) -> bytes:
    return create_image(content, f"micropython {VERSION}", version_number(VERSION), KEY)


class Unit:
    """Flashed with its files, and with what ESP-IDF needs for two partitions."""

    def __init__(self, esp32: Esp32Unit, folder: Path) -> None:
        self.esp32 = esp32
        self.folder = folder
        for number in (0, 1):
            (folder / f"ota_{number}.flash").write_bytes(
                (image(b"delivered") if not number else b"").ljust(SECTORS * 4096, b"\xff")
            )
        # Many starts ago: the boot record's next sector is to be erased soon.
        records = NorFlash(256)
        record = BootRecord()
        for record.boot_id in range(1, EARLIER_STARTS + 1):
            record.store(records)
        (folder / "sigap.flash").write_bytes(records.content)
        self.rollback = "1"
        self._starts = 0

    def start(self, cause: str = RESET, runs: bool = True) -> int:
        """The partition that it starts from."""
        self._starts += 1
        boots = len(self.esp32.logged("boot"))
        env = {"SIGAP_BENCH_RESET_CAUSE": cause, "SIGAP_BENCH_ROLLBACK": self.rollback}
        self.esp32.start(booted=False, env=env)
        partition: int = self.esp32.await_done("booted", self._starts)["partition"]
        if runs:
            self.esp32.await_log("boot", boots + 1)
            self.esp32.await_log("connected", boots + 1)
        return partition

    def kill(self) -> None:
        assert self.esp32.process is not None
        self.esp32.process.kill()
        self.esp32.wait()


@pytest.fixture
def unit(
    make_esp32: MakeEsp32, real_broker: RealBroker, control: Control, esp32_files: dict[str, bytes], tmp_path: Path
) -> Unit:
    made = make_esp32(port=real_broker.port, update={"key": PUBLIC_KEY})
    made.flash(esp32_files)
    unit = Unit(made, tmp_path / "esp32")
    assert unit.start(POWER_ON) == 0
    control.await_message(topics.LINK)  # by then it is subscribed
    return unit


def fetched(unit: Unit, control: Control, content: bytes) -> UpdateServer:
    """From the offer to the unit's reset."""
    server = UpdateServer(control, package(content), VERSION)
    server.offer()
    server.serve_until(result.VERIFIED)
    unit.esp32.await_done("reset")
    unit.esp32.wait()
    return server


def test_a_new_interpreter_is_confirmed_once_the_unit_is_well(unit: Unit, control: Control) -> None:
    """The power goes in the middle of the transfer, and what had come by then is not fetched again."""
    unit.esp32.feed(drive(0))
    unit.esp32.await_log("fix_gate")
    server = UpdateServer(control, package(image(b"new")), VERSION)
    server.offer()
    eventually(lambda: server.answer() or server.chunks >= 60)
    unit.kill()
    assert unit.start(POWER_ON) == 0
    unit.esp32.feed(drive(50))
    assert server.serve_until(result.VERIFIED).value == version_number(VERSION)
    assert server.chunks < IMAGE_BYTES // 512 + 60
    unit.esp32.await_done("reset")
    unit.esp32.wait()
    assert (unit.folder / "ota_1.flash").read_bytes().startswith(image(b"new"))
    assert unit.start() == 1
    assert result.CONFIRMED not in server.outcomes(), "it has no position yet"
    unit.esp32.feed(drive(100))
    server.serve_until(result.CONFIRMED)
    assert unit.esp32.done("marked valid") == [{"did": "marked valid", "partition": 1}]
    unit.kill()
    assert unit.start(POWER_ON) == 1
    assert not (unit.folder / "update.part").exists()
    assert unit.esp32.logged("task_failed") == []


def test_one_that_the_chip_cannot_run_gives_way_to_the_one_before(unit: Unit, control: Control) -> None:
    """The chip itself goes back to the one before, each time; three times the new one is tried."""
    server = fetched(unit, control, image(b"PANIC"))
    partitions = []
    for _ in range(5):
        partitions.append(unit.start(runs=False))
        assert unit.esp32.wait() == 0
    assert len(unit.esp32.done("panic")) == 3
    partitions.append(unit.start())
    assert partitions == [1, 0, 1, 0, 1, 0]
    assert "not confirmed" in server.serve_until(result.ROLLED_BACK).detail
    unit.kill()
    assert unit.start(POWER_ON) == 0
    # It was tried: the same update again is answered at once.
    server.offer()
    eventually(lambda: server.outcomes().count(result.ROLLED_BACK) >= 2)


def test_without_the_chips_help_the_loader_goes_back(unit: Unit, control: Control) -> None:
    """Of an interpreter that runs and never gets a position."""
    unit.rollback = "0"
    unit.esp32.feed(drive(0))
    unit.esp32.await_log("fix_gate")
    server = fetched(unit, control, image(b"deaf"))
    for _ in range(3):
        assert unit.start() == 1
        unit.kill()
    assert unit.start(runs=False) == 1
    assert unit.esp32.wait() == 0
    assert unit.start() == 0
    server.serve_until(result.ROLLED_BACK)
    assert server.outcomes() == [result.VERIFIED, result.ROLLED_BACK]


def test_a_bad_image_is_refused_with_a_reason(unit: Unit, control: Control) -> None:
    small = b"\xe9\x03" + b"instructions" * 20
    damaged = bytearray(package(small))
    damaged[-1] ^= 1
    forged = bytearray(package(small))
    forged[50] ^= 1  # of the size or the hash, which are signed
    old = create_image(small, "micropython 1.2.0", version_number("1.2.0"), KEY)
    other_key = create_image(small, "x", version_number(VERSION), ec.generate_private_key(ec.SECP256R1()))
    full = b"\xe9\x03" + bytes(SECTORS * 4096 - 2)
    before = (unit.folder / "ota_1.flash").read_bytes()
    for update_id, (content, words, untouched) in enumerate(
        [
            (bytes(forged), "package's signature is wrong", True),
            (other_key, "which this unit does not take", True),
            (old, "version 1002000, offered as", True),
            (package(small)[:-10], "its header says", True),
            (package(full + b"x"), "image of 81921 bytes, at most 81920", True),
            (bytes(damaged), "image in the flash is not what was signed", False),
            (not_checked(b"M\x06\x00\x1f"), "image begins with 0x4D, expected 0xE9", False),
            (package(b"\xe9\x00no segments"), "chip does not take the image", False),
        ],
        100,
    ):
        server = UpdateServer(control, content, VERSION, update_id)
        server.offer()
        assert words in server.serve_until(result.REFUSED).detail
        if untouched:
            assert (unit.folder / "ota_1.flash").read_bytes() == before, words
    server = UpdateServer(control, old, "1.2.0", 200)
    server.offer()
    assert "version 1002000, expected" in server.serve_until(result.REFUSED).detail
    assert unit.esp32.done("set boot") == []
    assert unit.esp32.logged("task_failed") == []
    unit.kill()
    assert unit.start(POWER_ON) == 0


def not_checked(content: bytes) -> bytes:
    """A package, duly signed, that the builder would not make."""
    head = _header(form.IMAGE_MAGIC, {form.IMAGE_FILE: content}, "x", version_number(VERSION), KEY, 1)
    return (head + sign(head, KEY)).ljust(form.IMAGE_AT, b"\x00") + content


def test_without_a_second_partition_none_is_taken(
    make_esp32: MakeEsp32, real_broker: RealBroker, control: Control, esp32_files: dict[str, bytes]
) -> None:
    unit = make_esp32(port=real_broker.port, update={"key": PUBLIC_KEY})
    unit.flash(esp32_files)
    unit.start(booted=False)
    control.await_message(topics.LINK)
    for update_id, size in ((1, 8000), (2, 2_000_000)):
        content = package(b"\xe9\x03".ljust(size, b"x"))
        server = UpdateServer(control, content, VERSION, update_id)
        server.offer()
        assert "no second partition for the interpreter" in server.serve_until(result.REFUSED).detail
