"""An image of the interpreter, from its package into the partition that it is for, whatever the power does."""

import hashlib

from sigap_boot import choice
from sigap_boot import record as boot_record
from sigap_boot.images import switch
from sigap_boot.record import BootRecord
from sigap_tracker.errors import UpdateError
from sigap_tracker.update import install
from sigap_tracker.update.download import Download
from sigap_tracker.update.install import Installation
from sigap_tracker.update.package import IMAGE_AT, IMAGE_FILE, PACKAGE_MAX_BYTES, Package
from sigap_tracker.update.part import Part
from sigap_wire.ota import Chunk, Offer
from tests.portable import update_case as case
from tests.portable.checks import error_of
from tests.portable.nor_flash import NorFlash, PowerCutError
from tests.portable.scratch import folder

IMAGE = b"\xe9\x03" + bytes([at * 31 >> 3 & 0xFF for at in range(3 * 4096 + 100)])
VERSION = 1099000
OLD, NEW = 17, 18  # partitions


def header(files, version=VERSION, sizes=None):
    head = case.header(files, version=version, sizes=sizes)
    return b"SGI1" + head[4:]


def package(content=IMAGE, sizes=None):
    head = header([(IMAGE_FILE, content)], sizes=sizes)
    return (head + case.signed(head) + bytes(IMAGE_AT))[:IMAGE_AT] + content


PACKAGE = package()
OFFER = Offer(5, len(PACKAGE), VERSION)


def believed(key, digest, signature):
    """In place of the signature's arithmetic, which touches no flash; what it says is tested elsewhere."""
    yield True


def verify(part, flash=None):
    """The header; with a flash also the image in it."""
    installation = Installation(part, case.KEYS, 0)
    for _ in installation.verify():
        pass
    if flash is not None:
        for _ in installation.verify_image(flash):
            pass
    return installation


def fetch(path, flash, content=PACKAGE):
    """What is missing, as the updater fetches it after a start; returns the offsets that were asked for."""
    part = Part(path, flash)
    download = Download(part)
    offer = Offer(OFFER.update_id, len(content), VERSION)
    download.offer(offer, 0, flash.sector_count * 4096)
    asked = []
    while not part.is_whole():
        if part.is_waiting():
            assert download.take_wanted() == -1
            verify(part)
            part.verified = True
            download.ask()
        asked.append(download.take_wanted())
        assert asked[-1] >= 0
        for at in range(asked[-1], min(asked[-1] + 4096, len(content)), 500):
            download.chunk(Chunk(OFFER.update_id, at, content[at : min(at + 500, asked[-1] + 4096)]))
    return asked


def reason(content):
    flash = NorFlash(8)
    path = folder() + "/update.part"
    fetch(path, flash, content)
    return error_of(UpdateError, verify, Part(path, flash), flash)


def test_every_byte_gets_into_the_partition():
    flash = NorFlash(4)
    path = folder() + "/update.part"
    assert fetch(path, flash) == [0, 4096, 8192, 12288, 16384]
    assert bytes(flash.content[: len(IMAGE)]) == IMAGE
    package = verify(Part(path, flash), flash).package
    assert (package.version, package.is_image, package.files[0][1]) == (VERSION, True, len(IMAGE))
    assert flash.erases == [1, 1, 1, 1]


def test_nothing_is_written_before_the_header_is_in_order():
    flash = NorFlash(4)
    part = Part(folder() + "/update.part", flash)
    download = Download(part)
    download.offer(OFFER, 0, 4 * 4096)
    for at in range(0, len(PACKAGE), 512):
        download.chunk(Chunk(5, at, PACKAGE[at : at + 512]))
    assert download.take_wanted() == 0, "of the beginning"
    for _ in range(100):
        download.second()
    assert part.size_bytes == IMAGE_AT
    assert part.is_waiting()
    assert flash.operations == 0
    assert download.take_wanted() == -1


def test_what_is_larger_than_an_application_has_to_be_an_image():
    content = case.PACKAGE[:4000] + bytes(PACKAGE_MAX_BYTES)
    download = Download(Part(folder() + "/update.part", NorFlash(40)))
    download.offer(Offer(5, len(content), 2000), 0, 40 * 4096)
    for at in range(0, 3584, 512):
        download.chunk(Chunk(5, at, content[at : at + 512]))
    last = Chunk(5, 3584, content[3584:4096])
    assert f"at most {PACKAGE_MAX_BYTES} taken" in error_of(UpdateError, download.chunk, last)
    assert download.part.offer is None


def test_an_image_needs_a_partition_with_room():
    download = Download(Part(folder() + "/update.part"))
    large = Offer(5, 2000000, VERSION)
    assert "no second partition" in error_of(UpdateError, download.offer, large, 0)
    assert "at most 1052672 taken" in error_of(UpdateError, download.offer, large, 0, 1 << 20)


def test_what_is_wrong_with_an_image():
    kept, install.verification = install.verification, believed
    try:
        assert reason(PACKAGE[:-1] + bytes([PACKAGE[-1] ^ 1])) == "image in the flash is not what was signed"
        assert reason(package(b"M" + IMAGE[1:])) == "image begins with 0x4D, expected 0xE9"
        assert reason(package(b"")) == "image in the flash is not what was signed"
        assert "its header says" in reason(package(IMAGE, sizes=[len(IMAGE) + 1])[:4096])
    finally:
        install.verification = kept


def test_an_images_header_names_the_image_and_nothing_else():
    for files in ([], [("sigap_unit.mpy", b"")], [(IMAGE_FILE, b""), ("sigap_unit.mpy", b"")]):
        assert IMAGE_FILE in error_of(UpdateError, Package, header(files))


def test_a_signature_that_is_wrong():
    flash = NorFlash(4)
    content = bytearray(PACKAGE)
    content[15] ^= 1
    assert "signature is wrong" in error_of(UpdateError, fetch, folder() + "/update.part", flash, bytes(content))
    assert flash.operations == 0


def test_the_power_may_go_at_every_write_and_erase():
    """What was there by then is not asked for again, and in the end every byte is there."""
    kept, install.verification = install.verification, believed
    try:
        whole = NorFlash(4)
        fetch(folder() + "/update.part", whole)
        for cut_at in range(whole.operations):
            flash = NorFlash(4, cut_at)
            flash.content[:] = b"\x00" * len(flash.content)  # of the interpreter before the one that runs
            path = folder() + "/update.part"
            flash.power_on(cut_at)
            try:
                fetch(path, flash)
                raise AssertionError("not cut")
            except PowerCutError:
                flash.power_on()
            again = fetch(path, flash)
            assert again[0] >= 4096
            assert len(again) <= 4
            verify(Part(path, flash), flash)
            assert bytes(flash.content[: len(IMAGE)]) == IMAGE, cut_at
    finally:
        install.verification = kept


def test_a_torn_file_is_gone_on_with():
    """Of a file system that keeps a part of what was appended, as a computer's does."""
    kept, install.verification = install.verification, believed
    try:
        for there in (0, 1, 100, 4095, 4096, 4097):
            flash = NorFlash(4)
            path = folder() + "/update.part"
            part = Part(path, flash)
            part.begin(OFFER)
            part.append([PACKAGE[: min(there, 4096)]])
            if there > 4096:
                part.verified = True
                part.append([PACKAGE[4096:8192]])
            fetch(path, flash)
            verify(Part(path, flash), flash)
    finally:
        install.verification = kept


class Chip:
    """Two partitions, and what the chip does when it starts.

    works       whether the new image comes as far as the loader
    goes_back   whether an image that was not confirmed gives way at the next start, as official builds have it
    takes       whether the chip lets the new image be chosen
    """

    def __init__(self, works, goes_back, takes=True):
        self.flash = NorFlash(4)
        self.boot = self.running = OLD
        self._works, self._goes_back, self._takes = works, goes_back, takes
        self._state = "valid"

    def activate(self, number):
        if number == NEW and not self._takes:
            raise OSError("no image")
        self.boot, self._state = number, "new"

    def confirm(self):
        self._state = "valid"

    def reset(self):
        """True if a program runs then."""
        if self._state == "pending" and self._goes_back:
            self.boot, self._state = OLD + NEW - self.boot, "valid"
        elif self._state == "new":
            self._state = "pending"
        self.running = self.boot
        return self.running == OLD or self._works

    def start(self):
        """Resets until an application runs; how often each partition was started."""
        runs = {OLD: 0, NEW: 0}
        for _ in range(40):
            runs_program = self.reset()
            runs[self.running] += 1
            if runs_program and not switch(self.flash, self):
                return runs
        raise AssertionError("starts for ever")

    def put_on_trial(self, activated=True):
        record = boot_record.load(self.flash)
        choice.put_image_on_trial(record, 5, True, NEW, OLD)
        record.store(self.flash)
        if activated:
            self.activate(NEW)


def test_an_image_that_is_well_stays():
    for goes_back in (True, False):
        for activated in (True, False):  # the power may go between the record and the chip
            chip = Chip(True, goes_back)
            chip.put_on_trial(activated)
            chip.start()
            assert chip.running == NEW
            record = boot_record.load(chip.flash)
            chip.confirm()
            if activated:  # else the power goes between the chip and the record
                choice.confirm(record)
                record.store(chip.flash)
            for _ in range(3 if activated else 1):
                chip.start()
                assert chip.running == NEW
            assert record.outcome == (boot_record.CONFIRMED if activated else boot_record.NO_OUTCOME)


def test_an_image_that_does_not_start_is_tried_three_times():
    chip = Chip(False, True)
    chip.put_on_trial()
    assert chip.start() == {OLD: 3, NEW: 3}
    record = boot_record.load(chip.flash)
    assert (record.outcome, record.reason) == (boot_record.ROLLED_BACK, boot_record.NOT_CONFIRMED)
    assert chip.start() == {OLD: 1, NEW: 0}


def test_an_image_that_is_never_well_is_left():
    for goes_back in (True, False):
        chip = Chip(True, goes_back)
        chip.put_on_trial()
        starts = 0
        while not boot_record.load(chip.flash).outcome:
            chip.start()
            starts += 1
            assert starts < 10
        assert chip.running == OLD
        assert starts == 4, "the last of which is the old one's"
        for _ in range(3):
            assert chip.start() == {OLD: 1, NEW: 0}


def test_the_application_may_leave_an_image():
    for goes_back in (True, False):
        chip = Chip(True, goes_back)
        chip.put_on_trial()
        chip.start()
        assert chip.running == NEW
        record = boot_record.load(chip.flash)
        choice.leave_image(record, boot_record.TOO_LATE)
        record.store(chip.flash)
        chip.start()
        assert chip.running == OLD
        record = boot_record.load(chip.flash)
        assert (record.image, record.outcome, record.reason) == (0, boot_record.ROLLED_BACK, boot_record.TOO_LATE)


def test_an_image_that_the_chip_does_not_take():
    chip = Chip(True, True, takes=False)
    chip.put_on_trial(activated=False)
    assert chip.start() == {OLD: 1, NEW: 0}
    record = boot_record.load(chip.flash)
    assert (record.image, record.outcome, record.reason) == (0, boot_record.ROLLED_BACK, boot_record.NOT_STARTED)


def test_an_image_that_the_chip_does_not_leave_is_let_be():
    record = BootRecord()
    choice.put_image_on_trial(record, 5, True, NEW, OLD)
    runs = [choice.image_to_run(record, NEW) for _ in range(20)]
    assert runs == [NEW] * 3 + [OLD] * 3 + [NEW] * 14


def test_the_power_may_go_at_every_write_of_the_record():
    for goes_back in (True, False):
        for cut_at in range(30):
            chip = Chip(True, goes_back)
            chip.flash = NorFlash(4, cut_at)
            chip.put_on_trial()
            chip.flash.power_on(cut_at)
            for _ in range(30):
                try:
                    chip.start()
                except PowerCutError:
                    chip.flash.power_on()
            assert chip.running == OLD
            record = boot_record.load(chip.flash)
            assert (record.image, record.outcome) == (0, boot_record.ROLLED_BACK)


def test_an_application_and_an_image_do_not_mix():
    record = BootRecord()
    choice.put_image_on_trial(record, 5, True, NEW, OLD)
    assert choice.begin(record, False) == (0, False)
    choice.confirm(record)
    assert (record.active, record.floor, record.version_a) == (0, 1, 1)
    assert record.image_before == OLD
    choice.withdraw(record)
    choice.put_on_trial(record, 6, 2000, False)
    assert record.image_before == 0


def test_the_hash_is_of_the_image():
    assert Package(PACKAGE[: len(header([(IMAGE_FILE, IMAGE)]))]).files[0][2] == hashlib.sha256(IMAGE).digest()
