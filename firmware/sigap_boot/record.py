"""The boot record: which application is to run, how often it was tried, how often the unit has started.

A record is 40 bytes with a CRC. Each change is written whole behind the last one, over a ring of four sectors, of which
the next is erased when one is full. The newest whole record counts, so that a power cut at any write or erase leaves
either the record before or the one after.
"""

import binascii
import os
import struct

from sigap_boot.interfaces import Flash

SECTORS = 4  # the first of the flash
SECTOR_BYTES = 4096

# How the latest update ended.
NO_OUTCOME, CONFIRMED, ROLLED_BACK = range(3)
# Why it was given up.
NO_REASON, NOT_CONFIRMED, TOO_LATE, CRASHED, NOT_STARTED = range(5)

AS_DELIVERED = 1  # a version number

_FORMAT = "<BBBBBBBBIIIIIIII"  # mark, the bytes, the numbers, CRC
_BYTES = 40
_MARK = 0xB1
_PLACES = SECTOR_BYTES // _BYTES
DAMAGED_BOOT_ID = 0x40000000  # beyond any count of real starts


class BootRecord:
    """
    active        slot that holds the confirmed application, 0 or 1
    trial         1 while the other slot's application has to prove itself
    tries         starts of that one so far
    crashes       starts in a row that followed on a crash, without a healthy run
    restarting    1 when the program itself asked for the restart that comes next
    needs_fix     1 if the application on trial is to find a position, as the one before did
    maintenance   while a technician works on the unit: how many starts it still lasts, this one included, at most 7
    boot_id       counts the starts
    floor         highest version ever confirmed: no lower one is installed
    version_a, version_b   of what the slots hold; 0 = nothing whole, 1 = as delivered
    update_id     the latest update's
    outcome, reason, told  how it ended, why, and 1 when the server has been told
    image         partition of the interpreter's image that has to prove itself, see images.py; 0 = none
    switched      1 from when the chip was told to start that image until it did: that start is counted already
    image_before  partition that it came in place of; 0 if the latest update was of the application
    """

    def __init__(self) -> None:
        self._sequence = 0
        self._at = -1  # where in flash this record was read or written, in places
        self.active = self.trial = self.tries = self.crashes = 0
        self.restarting = self.needs_fix = self.maintenance = 0
        self.outcome = self.reason = self.told = 0
        self.image = self.image_before = self.switched = 0
        self.boot_id = self.floor = self.version_b = self.update_id = 0
        self.version_a = AS_DELIVERED

    def pack(self) -> bytes:
        """40 bytes."""
        flags = self.trial | self.restarting << 1 | self.needs_fix << 2 | self.told << 4 | self.switched << 5
        flags |= (self.maintenance & 1) << 3 | self.maintenance >> 1 << 6
        data = struct.pack(
            _FORMAT[:-1],
            _MARK,
            self.active,
            flags,
            min(self.tries, 255),
            min(self.crashes, 255),
            self.outcome,
            self.reason,
            self.image,
            self._sequence,
            self.boot_id,
            self.floor,
            self.version_a,
            self.version_b,
            self.update_id,
            self.image_before,
        )
        return data + struct.pack("<I", binascii.crc32(data))

    def unpack(self, data: "bytes | bytearray") -> bool:
        """Take over what `data` holds; False if that is no whole record."""
        values = struct.unpack(_FORMAT, data)
        if values[0] != _MARK or values[-1] != binascii.crc32(data[:-4]):
            return False
        self.active, flags, self.tries, self.crashes, self.outcome, self.reason = values[1:7]
        self.trial, self.restarting, self.needs_fix = flags & 1, flags >> 1 & 1, flags >> 2 & 1
        self.told, self.switched = flags >> 4 & 1, flags >> 5 & 1
        self.maintenance = flags >> 3 & 1 | flags >> 6 << 1
        self.image, self._sequence, self.boot_id, self.floor = values[7:11]
        self.version_a, self.version_b, self.update_id, self.image_before = values[11:15]
        return True

    def store(self, flash: "Flash") -> None:
        """Write it behind the one it was read from. Raises OSError if that cannot be done."""
        self._sequence += 1
        data = self.pack()
        found = bytearray(_BYTES)
        for _ in range(_PLACES - 1):  # not so many that the sector with the last record would be erased
            self._at = (self._at + 1) % (SECTORS * _PLACES)
            sector, place = divmod(self._at, _PLACES)
            at = sector * SECTOR_BYTES + place * _BYTES
            if place == 0:
                flash.erase(sector)
            else:
                flash.read(at, found)
                if found != b"\xff" * _BYTES:
                    continue  # a write that a power cut ended
            flash.write(at, data)
            flash.read(at, found)
            if found == data:
                return
            if found == b"\xff" * _BYTES:
                break  # what came behind it would not be found
        raise OSError("boot record cannot be written")


def load(flash: "Flash") -> BootRecord:
    """The newest whole record. A flash without any is new, or damaged: then the starts are counted on from a number
    that none has reached, or the server would take new positions for old ones."""
    record, other = BootRecord(), BootRecord()
    found = bytearray(_BYTES)
    erased = True
    for sector in range(SECTORS):
        for place in range(_PLACES):
            flash.read(sector * SECTOR_BYTES + place * _BYTES, found)
            if found == b"\xff" * _BYTES:
                break  # nothing was written behind it
            erased = False
            if other.unpack(found) and other._sequence > record._sequence:
                other._at = sector * _PLACES + place
                record, other = other, record
    if record._at < 0 and not erased:
        record.boot_id = DAMAGED_BOOT_ID | int.from_bytes(os.urandom(3), "big")
    return record
