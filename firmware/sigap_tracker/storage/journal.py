"""Small values in flash by number, each safe from the moment put() returns: what a unit must know after a power cut.

Records follow one another in one sector. When it is full, the values that count are copied into the next one of the
ring, which becomes valid by its head, written last; so a power cut leaves the old sector or the new one.

    sector   "SJN1", sequence u32, CRC-32 of both; then records
    record   key u8, length u16, check u8, CRC-32 of key, length and value; then the value. Length 0 removes the key
"""

import struct
from binascii import crc32

from sigap_tracker.interfaces import Events, Flash
from sigap_tracker.storage.flash_map import SECTOR_BYTES

VALUE_MAX_BYTES = 512
KEY_MAX = 254  # a free place begins with 255

_MAGIC = b"SJN1"
_SECTOR_HEAD, _SECTOR_HEAD_BYTES = "<4sII", 12
_HEAD, _HEAD_BYTES = "<BHBI", 8
_CHUNK_BYTES = 64


class Journal:
    """`sector_count` sectors (2 at least) from `first_sector` on. Everything raises OSError as the flash does."""

    def __init__(self, flash: "Flash", first_sector: int, sector_count: int) -> None:
        self._flash = flash
        self._first_sector = first_sector
        self._sector_count = sector_count
        self._sequence = -1  # of the valid sector; sequence % sector_count is its place in the ring
        head = bytearray(_SECTOR_HEAD_BYTES)
        for sector in range(sector_count):
            flash.read((first_sector + sector) * SECTOR_BYTES, head)
            magic, sequence, crc = struct.unpack(_SECTOR_HEAD, head)
            if magic == _MAGIC and crc == crc32(head[:8]) and sequence % sector_count == sector:
                self._sequence = max(self._sequence, sequence)
        self._used_bytes = SECTOR_BYTES
        self.keys()

    def keys(self) -> "list[int]":
        """Those that have a value, the one written longest ago first."""
        found: "list[int]" = []
        for key, _, length in self._records():
            if key in found:
                found.remove(key)
            if length:
                found.append(key)
        return found

    def get(self, key: int) -> "bytes | None":
        """The latest value that was written whole."""
        value_at = length = 0
        for _, at, found_length in self._records(key):
            value_at, length = at, found_length
        if not length:
            return None
        value = bytearray(length)
        self._flash.read(value_at, value)
        return bytes(value)

    def put(self, key: int, value: bytes) -> None:
        """Set key 0 to 254 to 1 to 512 bytes. Raises OSError, too, where all values together outgrow a sector."""
        if not (0 <= key <= KEY_MAX and 1 <= len(value) <= VALUE_MAX_BYTES):
            raise ValueError("key %d with %d bytes, expected 0 to 254 with 1 to 512" % (key, len(value)))
        self._write(key, value)

    def remove(self, key: int) -> None:
        """Does nothing where the key has no value."""
        if self.get(key) is not None:
            self._write(key, b"")

    def _write(self, key: int, value: bytes) -> None:
        record = bytearray(_HEAD_BYTES) + value
        struct.pack_into(_HEAD, record, 0, key, len(value), _check(key, len(value)), 0)
        struct.pack_into("<I", record, 4, crc32(value, crc32(record[:3])))
        at = self._used_bytes
        if at + len(record) > SECTOR_BYTES:
            self._move(key, record)
            return
        self._used_bytes = SECTOR_BYTES  # should the write fail, nobody knows what is in its place
        self._flash.write(self._base(self._sequence) + at, record)
        self._used_bytes = at + len(record)

    def _move(self, key: int, record: bytearray) -> None:
        """Begin the ring's next sector with all values, `record` being the one of `key`."""
        values = {found: (at, length) for found, at, length in self._records() if found != key}
        kept = sorted([(at - _HEAD_BYTES, length + _HEAD_BYTES) for at, length in values.values() if length])
        used_bytes = sum([size for _, size in kept]) + _SECTOR_HEAD_BYTES + len(record)
        if used_bytes > SECTOR_BYTES:
            raise OSError("journal: values of %d bytes in all, a sector holds %d" % (used_bytes, SECTOR_BYTES))
        flash = self._flash
        sequence = self._sequence + 1
        base = self._base(sequence)
        flash.erase(base // SECTOR_BYTES)
        to = base + _SECTOR_HEAD_BYTES
        for at, size in kept:
            copy = bytearray(size)
            flash.read(at, copy)
            flash.write(to, copy)
            to += size
        flash.write(to, record)
        head = struct.pack("<4sI", _MAGIC, sequence)
        flash.write(base, head + struct.pack("<I", crc32(head)))
        self._sequence = sequence
        self._used_bytes = used_bytes

    def _base(self, sequence: int) -> int:
        return (self._first_sector + sequence % self._sector_count) * SECTOR_BYTES

    def _records(self, only: int = -1) -> "Events":
        """(key, where its value is, its length) of each whole record, in the order of writing; of one key, if told.

        Leaves in `_used_bytes` how much of the sector is taken.
        """
        if self._sequence < 0:
            return
        base = self._base(self._sequence)
        head = bytearray(_HEAD_BYTES)
        used_bytes = _SECTOR_HEAD_BYTES
        while used_bytes + _HEAD_BYTES < SECTOR_BYTES:
            at = base + used_bytes + _HEAD_BYTES
            self._flash.read(at - _HEAD_BYTES, head)
            if head[0] > KEY_MAX:
                break
            key, length, check, crc = struct.unpack(_HEAD, head)
            if length > VALUE_MAX_BYTES or check != _check(key, length):
                used_bytes = SECTOR_BYTES  # cut off in its head: there is no telling where it ends
                break
            used_bytes += _HEAD_BYTES + length
            wanted = used_bytes <= SECTOR_BYTES and only in (-1, key)
            if wanted and self._crc(at, length, crc32(head[:3])) == crc:
                yield key, at, length
        self._used_bytes = used_bytes

    def _crc(self, at: int, length: int, crc: int) -> int:
        chunk = bytearray(_CHUNK_BYTES)
        for done in range(0, length, _CHUNK_BYTES):
            part = memoryview(chunk)[: min(_CHUNK_BYTES, length - done)]
            self._flash.read(at + done, part)
            crc = crc32(part, crc)
        return crc


def _check(key: int, length: int) -> int:
    return key ^ length & 0xFF ^ length >> 8 ^ 0xA5
