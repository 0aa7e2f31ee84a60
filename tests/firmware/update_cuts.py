"""Runs on MicroPython: an update from offer to confirmation on littlefs and raw flash, power cut at every operation.

micropython update_cuts.py AGAIN     every operation; and after each the power goes a second time, at every AGAINth

Prints one JSON object: how many operations a whole update takes, how many times two were cut, and what went wrong.
"""

import json
import os
import sys

import vfs

from sigap_boot import SLOT_FOLDERS, choice
from sigap_boot import record as boot_record
from sigap_boot.start import start
from sigap_tracker.update import install
from sigap_tracker.update.download import Download
from sigap_tracker.update.install import Installation
from sigap_tracker.update.part import Part
from sigap_wire.ota import Chunk, Offer
from tests.portable.nor_flash import NorFlash, PowerCutError
from tests.portable.update_case import CONTENTS, KEYS, PACKAGE, VERSION

BLOCK_BYTES, BLOCKS = 512, 64
OLD = {"sigap_unit.mpy": b"M\x06\x00\x1fold and whole" * 20, "lib/a.mpy": b"M\x06\x00\x1fold"}
LEFT_OVER = {"sigap_unit.mpy": b"of a version long ago", "old/b.mpy": b"that one's"}
UPDATE_ID = 9


def believed(key, digest, signature):
    """In place of the signature's arithmetic, which touches no flash."""
    yield True


install.verification = believed


class Power:
    """One supply for both memories: goes at the operation `cut_at`, counted over both."""

    def __init__(self, cut_at):
        self.cut_at = cut_at
        self.operations = 0
        self.on = True

    def goes_now(self):
        self.operations += 1
        self.on = self.on and self.operations - 1 != self.cut_at
        return not self.on


class Records(NorFlash):
    def supply(self, power):
        self.power_on()
        self._power = power

    def _is_cut(self):
        self._on = not self._power.goes_now()
        return not self._on


class Blocks:
    """What littlefs stands on; without power it fails, as a Python exception may not go through littlefs."""

    def __init__(self, seed):
        self.content = bytearray(b"\xff" * (BLOCK_BYTES * BLOCKS))
        self.power = Power(None)
        self._seed = seed

    def readblocks(self, block, buffer, offset=0):
        if not self.power.on:
            return -5
        at = block * BLOCK_BYTES + offset
        buffer[:] = self.content[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        count = len(buffer)
        gone = not self.power.on or self.power.goes_now()
        if gone:
            self._seed = (self._seed * 1103515245 + 12345) & 0x3FFFFFFF
            count = (self._seed >> 8) % (count + 1) if self.power.operations - 1 == self.power.cut_at else 0
        self.content[at : at + count] = buffer[:count]
        return -5 if gone else None

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            if not self.power.on or self.power.goes_now():
                return -5
            at = argument * BLOCK_BYTES
            self.content[at : at + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        return 0


class Unit:
    def __init__(self, seed, contents=None):
        """With what is in its two memories; without, as delivered, with the old version in the first slot."""
        self.flash, self.blocks = Records(4, seed), Blocks(seed)
        self.flash.supply(Power(None))
        if contents is not None:
            self.flash.content[:], self.blocks.content[:] = contents
            return
        vfs.VfsLfs2.mkfs(self.blocks)
        vfs.mount(vfs.VfsLfs2(self.blocks), "/unit")
        write("/unit/" + SLOT_FOLDERS[0], OLD)
        write("/unit/" + SLOT_FOLDERS[1], LEFT_OVER)
        vfs.umount("/unit")

    def life(self, power):
        """From the power's coming to the update's confirmation. Raises OSError or PowerCutError when the power goes."""
        self.flash.supply(power)
        self.blocks.power = power
        vfs.mount(vfs.VfsLfs2(self.blocks), "/unit")
        try:
            while not self.start():
                pass
        finally:
            vfs.umount("/unit")

    def start(self):
        """One start of the unit; True once the new application is confirmed."""
        slot, safe_mode = start(self.flash, False)
        found = read("/unit/" + SLOT_FOLDERS[slot])
        assert found in (OLD, CONTENTS), f"slot {slot} holds neither version"
        assert not safe_mode
        record = boot_record.load(self.flash)
        if record.trial:
            assert found == CONTENTS, "an old application on trial"
            choice.confirm(record)
            record.store(self.flash)
            return True
        if found == CONTENTS:
            assert record.outcome == boot_record.CONFIRMED
            return True
        self.update(record)
        return False

    def update(self, record):
        """What the application does about an offer that its server repeats until it is told the end."""
        part = Part("/unit/update.part")
        download = Download(part)
        if not part.is_whole():
            download.offer(Offer(UPDATE_ID, len(PACKAGE), VERSION), 0)
        while not part.is_whole():
            offset = download.take_wanted()
            assert offset >= 0
            for at in range(offset, min(offset + 4096, len(PACKAGE)), 300):
                download.chunk(Chunk(UPDATE_ID, at, PACKAGE[at : at + 300]))
        installation = Installation(part, KEYS, 0)
        for _ in installation.verify():
            pass
        choice.withdraw(record)
        record.store(self.flash)
        for _ in installation.unpack("/unit/" + SLOT_FOLDERS[1 - record.active]):
            pass
        choice.put_on_trial(record, UPDATE_ID, VERSION, False)
        record.store(self.flash)
        part.remove()


def write(folder, files):
    os.mkdir(folder)
    for name, content in files.items():
        if "/" in name:
            os.mkdir(folder + "/" + name.split("/")[0])
        with open(folder + "/" + name, "wb") as file:
            file.write(content)


def read(folder, prefix=""):
    found = {}
    for name in os.listdir(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            found.update(read(path, prefix + name + "/"))
        else:
            with open(path, "rb") as file:
                found[prefix + name] = file.read()
    return found


def cut(contents, cut_at, then_at):
    """An update whose power goes once, and perhaps once more soon after it came back; then it goes through."""
    unit = Unit(cut_at, contents)
    for first, operation in ((True, cut_at), (False, then_at)):
        power = Power(operation)
        try:
            unit.life(power)
            assert not first, "the power never went"
        except (OSError, PowerCutError):
            assert not power.on, "an error with the power on"
    unit.life(Power(None))


def main(again):
    unit = Unit(0)
    contents = bytes(unit.flash.content), bytes(unit.blocks.content)
    power = Power(None)
    unit.life(power)
    wrong = []
    cuts = 0
    for cut_at in range(power.operations):
        for then_at in range(cut_at % again, power.operations, again):
            cuts += 1
            try:
                cut(contents, cut_at, then_at)
            except AssertionError as error:
                wrong.append((cut_at, then_at, str(error)))
    print(json.dumps({"operations": power.operations, "cuts": cuts, "wrong": wrong}))


main(int(sys.argv[1]))
