"""One document, the unit's settings, in two slots of flash: the old one stays valid until the new one is whole.

A slot is two sectors: "SSL1", number u32, length u32, CRC-32 of all that and of the document; then the document. The
head is written last, and the higher number counts.
"""

import struct
from binascii import crc32

from sigap_tracker.interfaces import Flash
from sigap_tracker.storage.flash_map import SECTOR_BYTES

DOCUMENT_MAX_BYTES = 8000

_MAGIC = b"SSL1"
_HEAD, _HEAD_BYTES = "<4sIII", 16
_SLOT_SECTORS = 2
_CHUNK_BYTES = 64


class Slots:
    """Four sectors from `first_sector` on. Everything raises OSError as the flash does."""

    def __init__(self, flash: Flash, first_sector: int) -> None:
        self._flash = flash
        self._first_sector = first_sector

    def load(self) -> "bytes | None":
        """The latest document that was stored whole."""
        number, length = self._newest()
        if number < 0:
            return None
        document = bytearray(length)
        self._flash.read(self._sector(number) * SECTOR_BYTES + _HEAD_BYTES, document)
        return bytes(document)

    def store(self, document: bytes) -> None:
        """Safe when this returns. Raises ValueError for more than 8000 bytes."""
        if len(document) > DOCUMENT_MAX_BYTES:
            raise ValueError("document of %d bytes, at most %d allowed" % (len(document), DOCUMENT_MAX_BYTES))
        number = self._newest()[0] + 1
        sector = self._sector(number)
        for each in range(_SLOT_SECTORS):
            self._flash.erase(sector + each)
        at = sector * SECTOR_BYTES
        self._flash.write(at + _HEAD_BYTES, document)
        head = struct.pack("<4sII", _MAGIC, number, len(document))
        self._flash.write(at, head + struct.pack("<I", crc32(document, crc32(head))))

    def _sector(self, number: int) -> int:
        return self._first_sector + number % 2 * _SLOT_SECTORS

    def _newest(self) -> "tuple[int, int]":
        """(number, bytes of the document); (-1, 0) where there is none."""
        newest = -1, 0
        head = bytearray(_HEAD_BYTES)
        chunk = bytearray(_CHUNK_BYTES)
        for slot in range(2):
            at = self._sector(slot) * SECTOR_BYTES
            self._flash.read(at, head)
            magic, number, length, crc = struct.unpack(_HEAD, head)
            if magic != _MAGIC or number % 2 != slot or number <= newest[0] or length > DOCUMENT_MAX_BYTES:
                continue
            found = crc32(head[:12])
            for done in range(0, length, _CHUNK_BYTES):
                part = memoryview(chunk)[: min(_CHUNK_BYTES, length - done)]
                self._flash.read(at + _HEAD_BYTES + done, part)
                found = crc32(part, found)
            if found == crc:
                newest = number, length
        return newest
