"""The partition tables fit their flash, the chip and the firmware."""

import hashlib
import struct

import pytest

from sigap.boards import partitions
from sigap.boards.partitions import APP, DATA, MIB, Partition
from sigap_tracker.storage import flash_map

SIZES = (4, 8, 16)
# ESP-IDF Programming Guide, Partition Tables: types and subtypes by their numbers.
NUMBERS = {
    "nvs": (1, 2),
    "otadata": (1, 0),
    "phy_init": (1, 1),
    "factory": (0, 0),
    "ota_0": (0, 0x10),
    "ota_1": (0, 0x11),
    "vfs": (1, 0x81),
    "sigap": (1, 6),
}


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def by_name(size: int) -> dict[str, Partition]:
    return {part.name: part for part in partitions.table(size)}


def test_they_follow_one_another_within_the_flash(size: int) -> None:
    end = partitions.TABLE_AT + 0x1000
    for part in partitions.table(size):
        assert part.offset >= end
        assert part.size > 0
        assert part.offset % (0x10000 if part.kind == APP else 0x1000) == 0
        end = part.offset + part.size
    assert end <= size * MIB


def test_an_official_image_runs_where_it_expects_to(size: int) -> None:
    (first, *_) = [part for part in partitions.table(size) if part.kind == APP]
    assert first.offset == 0x10000
    assert first.size >= 0x1F0000  # as in the official table for 4 MB


def test_the_firmware_finds_its_records(size: int) -> None:
    records = by_name(size)["sigap"]
    assert records.kind == DATA
    assert records.size - flash_map.SPOOL_FIRST * flash_map.SECTOR_BYTES == 960 * 1024
    assert by_name(size)["vfs"].size == MIB


def test_from_8_mb_on_there_are_two_images_of_the_interpreter() -> None:
    assert [part.name for part in partitions.table(4) if part.kind == APP] == ["factory"]
    assert by_name(8)["ota_0"].size == by_name(8)["ota_1"].size
    assert by_name(8)["otadata"].size == 0x2000  # two sectors, one written while the other is kept
    assert partitions.table(16) == partitions.table(8)


def test_the_chip_reads_what_the_csv_says(size: int) -> None:
    table = partitions.binary(size)
    assert len(table) == 0xC00
    rows = [line.split(", ") for line in partitions.csv(size).splitlines()[1:]]
    for number, (name, _kind, _subtype, offset, length) in enumerate(rows):
        entry = table[32 * number : 32 * number + 32]
        assert entry[:2] == b"\xaa\x50"
        assert struct.unpack("<BBII", entry[2:12]) == (*NUMBERS[name], int(offset, 16), int(length, 16))
        assert entry[12:28].rstrip(b"\0").decode() == name
        assert entry[28:] == bytes(4)
    end = 32 * len(rows)
    assert table[end : end + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert table[end + 16 : end + 32] == hashlib.md5(table[:end]).digest()
    assert set(table[end + 32 :]) == {0xFF}
