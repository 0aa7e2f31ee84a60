"""Fixes that the reporting policy kept: in flash from the moment keep() returns until the broker has them.

A ring of sectors of 128 places of 32 bytes, all little-endian. A sector's first place is its head, each other takes
one fix:

    head   "SSP1", sequence u32, CRC-32 of both, 4 bytes unused; then 128 bits, one for each place (the lowest bit of
           the first byte is the head's own), cleared when the broker has that fix
    fix    boot_id u32, seq u32, fix_time_s u32, lat_e7 i32, lon_e7 i32, speed_cmps u16, course_cdeg u16,
           hdop_centi u16, satellites u8, reason × 16 + quality u8, CRC-32 of all that

`sequence` counts the sectors ever begun, and sequence % sector_count is where the sector lies: so all wear alike. To
clear one more bit of a byte later is what NOR flash can; ESP-IDF's own NVS keeps the states of its entries like that.
"""

import struct
from binascii import crc32

from sigap_tracker.interfaces import Flash
from sigap_tracker.storage.flash_map import SECTOR_BYTES
from sigap_wire.errors import WireError
from sigap_wire.fields import check_values
from sigap_wire.report import RANGES, Fix

PLACE_BYTES = 32
PLACES = 128
FIXES_PER_SECTOR = PLACES - 1

_MAGIC = b"SSP1"
_HEAD, _HEAD_BYTES = "<4sII", 12
_BITS_AT = 16
_FIX, _FIX_BYTES = "<IIIiiHHHBB", 28


class Spool:
    """`sector_count` sectors (2 at least) from `first_sector` on.

    queued    fixes that the broker has not confirmed
    dropped   fixes given up unconfirmed since the start, because the ring was full: always a sector of the oldest
    corrupt   fixes since the start that were found damaged; these are never handed out
    erases    of sectors, ever

    A fix is known by its place, which rises for ever: sequence × 128 + its number in the sector.
    """

    def __init__(self, flash: Flash, first_sector: int, sector_count: int) -> None:
        self._flash = flash
        self._first_sector = first_sector
        self._sector_count = sector_count
        self._head = bytearray(PLACE_BYTES)  # of the sector looked at last
        self.queued = 0
        self.dropped = 0
        self.corrupt = 0
        newest = -1
        for sector in range(sector_count):
            newest = max(newest, self._sequence_in(sector))
        self.erases = newest + 1
        self._next = self._end_of(newest)  # the place that the next fix takes
        self._oldest = self._next  # no fix before it waits
        self._count(newest)

    def _end_of(self, sequence: int) -> int:
        """The first blank place of the newest sector, or the next sector's first."""
        low, high = sequence * PLACES + 1, (sequence + 1) * PLACES
        while 0 < low < high:
            middle = (low + high) // 2
            if self._content(middle) == b"\xff" * PLACE_BYTES:
                high = middle
            else:
                low = middle + 1
        return high

    def _count(self, newest: int) -> None:
        """Find out how many fixes wait, and since where."""
        for sequence in range(newest, max(-1, newest - self._sector_count), -1):
            if self._load(sequence):
                waiting = self._waiting()
                if sequence == newest:
                    waiting -= (newest + 1) * PLACES - self._next
                if waiting:
                    self.queued += waiting
                    self._oldest = sequence * PLACES
            elif sequence > newest - self._sector_count + 1:  # that one was to be erased next
                self.corrupt += FIXES_PER_SECTOR

    def keep(self, boot_id: int, seq: int, fix: Fix) -> int:
        """The fix's place, once it is safe. Raises WireError for a value out of range, OSError as the flash does."""
        time_s, lat_e7, lon_e7, speed, course, quality, satellites, hdop, reason = check_values(
            "fix", RANGES, fix.values()
        )
        record = bytearray(PLACE_BYTES)
        quality |= reason << 4
        struct.pack_into(
            _FIX, record, 0, boot_id, seq, time_s, lat_e7, lon_e7, speed, course, hdop, satellites, quality
        )
        struct.pack_into("<I", record, _FIX_BYTES, crc32(memoryview(record)[:_FIX_BYTES]))
        for _ in range(PLACES):
            if self._next % PLACES == 0:
                self._begin_sector()
            place = self._next
            self._next += 1
            self.queued += 1
            # A worn cell, or the rest of a write that was cut off: such a place is passed over.
            if self._content(place) == b"\xff" * PLACE_BYTES:
                self._flash.write(self._at(place), record)
                if self._content(place) == record:
                    return place
        raise OSError("spool: flash keeps nothing")

    def done(self, place: int, count: int) -> None:
        """The broker has `count` fixes of one sector, from `place` on. Raises OSError."""
        if not self._load(place // PLACES):
            return  # it had to give way meanwhile
        head = self._head
        changed = 0
        for each in range(place, place + count):
            byte, bit = _BITS_AT + each % PLACES // 8, 1 << each % 8
            if head[byte] & bit:
                head[byte] ^= bit
                changed += 1
        if changed:
            first = _BITS_AT + place % PLACES // 8
            end = _BITS_AT + (place + count - 1) % PLACES // 8 + 1
            self._flash.write(self._at(place // PLACES * PLACES) + first, memoryview(head)[first:end])
            self.queued -= changed

    def batch(self, handed_out: "list[int]", most: int) -> "tuple[int, int, int, list[Fix]] | None":
        """The oldest waiting fixes with consecutive numbers: (place of the first, boot_id, seq of the first, fixes).

        handed_out  places to pass over
        most        fixes at most; all are of one sector, so done() takes them at once
        """
        first = boot_id = seq = 0
        fixes: "list[Fix]" = []
        place = self._oldest = self._find(self._oldest)
        while place < self._next and len(fixes) < most:
            found = None if place in handed_out else self._read(place)
            if not fixes and found:
                first = place
                boot_id, seq = found[:2]
            if found and found[:2] == (boot_id, seq + len(fixes)) and place // PLACES == first // PLACES:
                fixes.append(found[2])
            elif fixes:
                break
            place = self._find(place + 1)
        return (first, boot_id, seq, fixes) if fixes else None

    def _find(self, place: int) -> int:
        """The first place from `place` on whose fix waits."""
        while place < self._next:
            end = (place // PLACES + 1) * PLACES
            if self._load(place // PLACES):
                if place % PLACES == 0:
                    place += 1
                while place < end:
                    if self._head[_BITS_AT + place % PLACES // 8] >> place % 8 & 1:
                        return min(place, self._next)
                    place += 1
            place = end
        return self._next

    def _read(self, place: int) -> "tuple[int, int, Fix] | None":
        """(boot_id, seq, fix); None for a damaged one, which is counted and waits no longer."""
        found = self._content(place)
        if struct.unpack_from("<I", found, _FIX_BYTES)[0] == crc32(memoryview(found)[:_FIX_BYTES]):
            values = struct.unpack_from(_FIX, found)
            boot_id, seq, time_s, lat_e7, lon_e7, speed, course, hdop, satellites, quality = values
            fix = Fix(time_s, lat_e7, lon_e7, speed, course, quality & 15, satellites, hdop, quality >> 4)
            try:
                check_values("fix", RANGES, fix.values())
                return boot_id, seq, fix
            except WireError:
                pass  # of another firmware, which knew more than this
        self.corrupt += 1
        self.done(place, 1)
        return None

    def _begin_sector(self) -> None:
        sequence = self._next // PLACES
        if self._load(sequence - self._sector_count):
            waiting = self._waiting()
            self.dropped += waiting
            self.queued -= waiting
        self._oldest = max(self._oldest, (sequence - self._sector_count + 1) * PLACES)
        self._next += PLACES  # a sector that cannot be erased is passed over
        self.erases = sequence + 1
        at = self._at(sequence * PLACES)
        self._flash.erase(at // SECTOR_BYTES)
        head = struct.pack("<4sI", _MAGIC, sequence)
        self._flash.write(at, head + struct.pack("<I", crc32(head)))
        self._next = sequence * PLACES + 1

    def _load(self, sequence: int) -> bool:
        """Its head into `_head`; False if it is not there, or no longer."""
        return sequence >= 0 and self._sequence_in(sequence % self._sector_count) == sequence

    def _sequence_in(self, sector: int) -> int:
        """Reads a sector's head; -1 if it is none."""
        self._flash.read((self._first_sector + sector) * SECTOR_BYTES, self._head)
        magic, sequence, crc = struct.unpack_from(_HEAD, self._head)
        whole = magic == _MAGIC and crc == crc32(memoryview(self._head)[:8]) and sequence % self._sector_count == sector
        return sequence if whole else -1

    def _waiting(self) -> int:
        """How many places of the sector looked at last have their bits set."""
        bits = -1  # the head's own
        for i in range(_BITS_AT, PLACE_BYTES):
            byte = self._head[i]
            if byte == 0xFF:
                bits += 8
            else:
                while byte:
                    byte &= byte - 1
                    bits += 1
        return bits

    def _content(self, place: int) -> bytearray:
        found = bytearray(PLACE_BYTES)
        self._flash.read(self._at(place), found)
        return found

    def _at(self, place: int) -> int:
        sector = self._first_sector + place // PLACES % self._sector_count
        return sector * SECTOR_BYTES + place % PLACES * PLACE_BYTES
