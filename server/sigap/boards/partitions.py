"""How a board's flash is divided: one table for each size, as CSV for people and ESP-IDF, and as the chip reads it.

The application's place begins where official images put theirs, so an official image runs under this table. `vfs` is
MicroPython's file system with the program, `sigap` the unit's records in raw flash.
"""

import hashlib
import struct
from dataclasses import dataclass

APP, DATA = 0, 1
_TYPE_NAMES = {APP: "app", DATA: "data"}
_SUBTYPES = {  # ESP-IDF Programming Guide, Partition Tables
    (APP, "factory"): 0x00,
    (APP, "ota_0"): 0x10,
    (APP, "ota_1"): 0x11,
    (DATA, "ota"): 0x00,
    (DATA, "phy"): 0x01,
    (DATA, "nvs"): 0x02,
    (DATA, "undefined"): 0x06,
    (DATA, "fat"): 0x81,  # what MicroPython calls its own, whatever is in it
}
MIB = 1 << 20
TABLE_AT = 0x8000
_TABLE_BYTES = 0xC00
_ENTRY = "<HBBII16sI"
_ENTRY_MAGIC, _CHECKSUM_MAGIC = 0x50AA, 0xEBEB


@dataclass(frozen=True, slots=True)
class Partition:
    name: str
    kind: int
    subtype: str
    offset: int
    size: int


def table(flash_mb: int) -> list[Partition]:
    """4 MB hold one image of the interpreter, 8 MB two; a larger flash is used as one of 8 MB."""
    if flash_mb < 8:
        return [
            Partition("nvs", DATA, "nvs", 0x9000, 0x6000),
            Partition("phy_init", DATA, "phy", 0xF000, 0x1000),
            Partition("factory", APP, "factory", 0x10000, 0x1F0000),
            Partition("vfs", DATA, "fat", 0x200000, MIB),
            Partition("sigap", DATA, "undefined", 0x300000, MIB),
        ]
    return [
        Partition("nvs", DATA, "nvs", 0x9000, 0x4000),
        Partition("otadata", DATA, "ota", 0xD000, 0x2000),
        Partition("phy_init", DATA, "phy", 0xF000, 0x1000),
        Partition("ota_0", APP, "ota_0", 0x10000, 0x2F0000),
        Partition("ota_1", APP, "ota_1", 0x300000, 0x2F0000),
        Partition("vfs", DATA, "fat", 0x600000, MIB),
        Partition("sigap", DATA, "undefined", 0x700000, MIB),
    ]


def csv(flash_mb: int) -> str:
    """As ESP-IDF's gen_esp32part.py takes it."""
    lines = ["# Name, Type, SubType, Offset, Size"]
    lines += [
        f"{part.name}, {_TYPE_NAMES[part.kind]}, {part.subtype}, {part.offset:#x}, {part.size:#x}"
        for part in table(flash_mb)
    ]
    return "\n".join(lines) + "\n"


def binary(flash_mb: int) -> bytes:
    """As the chip's boot loader reads it at TABLE_AT: an entry a partition, then the MD5 of them all."""
    entries = b"".join(
        struct.pack(
            _ENTRY,
            _ENTRY_MAGIC,
            part.kind,
            _SUBTYPES[part.kind, part.subtype],
            part.offset,
            part.size,
            part.name.encode(),
            0,
        )
        for part in table(flash_mb)
    )
    checksum = struct.pack("<H", _CHECKSUM_MAGIC) + b"\xff" * 14 + hashlib.md5(entries).digest()
    return (entries + checksum).ljust(_TABLE_BYTES, b"\xff")
