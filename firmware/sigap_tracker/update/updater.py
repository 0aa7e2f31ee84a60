"""One update from its offer to its end, and what a start has to say of the one before: the shell around the parts."""

import asyncio
import sys

from sigap_boot import SLOT_FOLDERS, choice
from sigap_boot import record as boot_record
from sigap_tracker import FIRMWARE
from sigap_tracker.errors import UpdateError
from sigap_tracker.interfaces import Images, Machine, Pauses, Restart
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer import orders
from sigap_tracker.officer.desk import Desk
from sigap_tracker.update import probation
from sigap_tracker.update.download import Download
from sigap_tracker.update.install import Installation
from sigap_tracker.update.package import IMAGE_AT
from sigap_tracker.update.part import Part
from sigap_tracker.update.probation import Probation
from sigap_wire import ota, result
from sigap_wire.errors import WireError
from sigap_wire.ota import Chunk, Offer

_PART_FILE = "update.part"
_SECOND_MS = 1000
_SECTOR = 4096
_REASONS = (
    "",
    "it was not confirmed within %d starts" % choice.TRIES_MAX,
    "it was not well within %d s" % probation.DEADLINE_S,
    "it crashed %d times" % choice.LAST_RESORT_CRASHES,
    "the chip does not start it",
)


class Updater:
    """Made at every start, and when the server has an update; done with when run() returns."""

    def __init__(
        self,
        machine: Machine,
        desk: Desk,
        outbox: Outbox,
        link: MqttLink,
        keys: bytes,
        slot: int,
        restart: Restart,
    ) -> None:
        """
        keys       public keys that may sign, 64 bytes each
        slot       that this program runs from
        restart    called with the reason when the unit is to start anew
        """
        self._machine = machine
        self._desk = desk
        self._outbox = outbox
        self._link = link
        self._keys = keys
        self._restart = restart
        record = boot_record.load(machine.flash)
        self._slot = slot
        self._images = machine.images() if machine.images is not None else None
        on_trial = record.trial == 1 and slot != record.active
        self._floor = record.floor if on_trial else max(record.floor, version_number(FIRMWARE))
        images = self._images
        is_image_on_trial = images is not None and record.image == images.running
        self._probation = Probation(record, on_trial or is_image_on_trial)
        self._image_bytes = 0 if images is None else images.flash.sector_count * _SECTOR
        part = Part("%s/%s" % (machine.slots_dir, _PART_FILE), None if images is None else images.flash)
        if part.offer is not None and part.offer.update_id == record.update_id:
            part.remove()  # it is in its slot, or was given up
        self._download = Download(part)
        self._part = part

    def message(self, payload: bytes) -> None:
        """Something on the topic ota."""
        update_id = 0
        try:
            received = ota.decode(payload)
            update_id = received.update_id
            if isinstance(received, Chunk):
                self._download.chunk(received)
            else:
                self._offered(received)
        except (WireError, UpdateError) as error:
            self._refuse(update_id, str(error))
        except OSError as error:
            self._part.remove()
            self._refuse(update_id, "unit's file system: %s" % error)
        self._ask()

    async def run(self) -> None:
        """Until there is nothing left to do; may not return, as the unit starts anew with the update."""
        self._tell_outcome()
        while self._part.offer is not None or not self._probation.is_over():
            if self._part.is_waiting():
                await self._check_image(self._part.offer)
            elif self._part.is_whole():
                await self._install(self._part.offer)
            self._prove()
            self._download.second()
            self._ask()
            await asyncio.sleep_ms(_SECOND_MS)

    def _offered(self, offer: Offer) -> None:
        record = boot_record.load(self._machine.flash)
        if offer.update_id == record.update_id and record.outcome != boot_record.NO_OUTCOME:
            record.told = 0  # asked again: it was decided already
            record.store(self._machine.flash)
            self._tell_outcome()
        elif (record.trial or record.image) and offer.update_id == record.update_id:
            self._say(offer.update_id, result.PENDING, 0, "on trial")
        elif record.trial or record.image or self._slot != record.active:
            # On trial, or about to be, or given up and about to end: no slot is free.
            raise UpdateError("update %d is on trial" % record.update_id)
        elif not self._keys:
            raise UpdateError("unit has no key to check an update by")
        else:
            floor = self._floor if self._images is None else min(self._floor, interpreter_version())
            self._download.offer(offer, floor, self._image_bytes)  # of which it is, its header will say
            self._machine.log("update", update_id=offer.update_id, version=offer.version, bytes=self._part.size_bytes)

    def _ask(self) -> None:
        offset = self._download.take_wanted()
        if offset >= 0 and self._part.offer is not None:
            self._outbox.put_result(result.SUBJECT_UPDATE, self._part.offer.update_id, result.WANTED, offset)
            self._link.wake()

    async def _check_image(self, offer: "Offer | None") -> None:
        """An image's header has come: only if that is in order is any of the image fetched."""
        assert offer is not None
        installation = Installation(self._part, self._keys, interpreter_version())
        try:
            if not self._image_bytes:
                raise UpdateError("unit has no second partition for the interpreter")
            if not await self._walk(installation.verify(), offer):
                return
            if offer.size_bytes > IMAGE_AT + self._image_bytes:
                raise UpdateError("image of %d bytes, at most %d" % (offer.size_bytes - IMAGE_AT, self._image_bytes))
        except (UpdateError, OSError) as error:
            self._part.remove()
            self._refuse(offer.update_id, str(error))
            return
        self._part.verified = True
        self._download.ask()

    async def _install(self, offer: "Offer | None") -> None:
        """Of the whole package; another offer ends it in between."""
        assert offer is not None
        flash = self._machine.flash
        image = self._images if self._part.is_image else None
        installation = Installation(self._part, self._keys, self._floor if image is None else interpreter_version())
        try:
            if not await self._walk(installation.verify(), offer):
                return
            if image is None:
                record = boot_record.load(flash)
                choice.withdraw(record)
                record.store(flash)
                work = installation.unpack("%s/%s" % (self._machine.slots_dir, SLOT_FOLDERS[1 - record.active]))
            else:
                work = installation.verify_image(image.flash)
            if not await self._walk(work, offer):
                return
        except (UpdateError, OSError) as error:
            self._part.remove()
            self._refuse(offer.update_id, str(error))
            return
        self._say(offer.update_id, result.VERIFIED, offer.version, "")
        if self._desk.book.view != orders.IDLE:
            self._say(offer.update_id, result.PENDING, 0, "after the assignment")
        while self._desk.book.view != orders.IDLE:
            await asyncio.sleep_ms(_SECOND_MS)
            if not self._part.is_of(offer):
                return
        record = boot_record.load(flash)
        has_fix = self._desk.fresh_fix() is not None
        if image is None:
            choice.put_on_trial(record, offer.update_id, offer.version, has_fix)
            record.store(flash)
        elif not self._switch_image(image, offer, has_fix):
            return
        self._part.remove()
        self._restart("update %d" % offer.update_id)

    def _switch_image(self, image: Images, offer: Offer, has_fix: bool) -> bool:
        """First the record, so that no image ever runs without being on trial; the loader does what is left to do."""
        flash = self._machine.flash
        record = boot_record.load(flash)
        choice.put_image_on_trial(record, offer.update_id, has_fix, image.free, image.running)
        record.store(flash)
        try:
            image.activate(image.free)
            return True
        except OSError as error:
            record.image = record.image_before = 0
            record.store(flash)
            self._part.remove()
            self._refuse(offer.update_id, "chip does not take the image: %s" % error)
            return False

    async def _walk(self, pauses: "Pauses", offer: Offer) -> bool:
        """Do work with pauses; False if the package was replaced meanwhile."""
        try:
            for _ in pauses:
                await asyncio.sleep_ms(0)
                if not self._part.is_of(offer):
                    return False
        finally:
            pauses.close()  # it has files open
        return True

    def _prove(self) -> None:
        """See whether this application is well, as far as anything depends on it."""
        what = self._probation.second(self._desk.link_up, self._desk.fresh_fix() is not None)
        if what == probation.NOTHING:
            return
        record = boot_record.load(self._machine.flash)
        if what == probation.GIVE_UP:
            if record.image:
                choice.leave_image(record, boot_record.TOO_LATE)
            else:
                choice.give_up(record, boot_record.TOO_LATE)
            record.store(self._machine.flash)
            self._restart("update %d given up" % record.update_id)
            return
        if what == probation.CONFIRM:
            if record.image and self._images is not None:
                self._images.confirm()  # before the record: the chip would go back by itself
            choice.confirm(record)
            self._floor = max(self._floor, record.floor)
        record.crashes = 0
        record.store(self._machine.flash)
        self._tell_outcome()

    def _tell_outcome(self) -> None:
        """How the latest update ended, until the server's message is safe in the outbox."""
        record = boot_record.load(self._machine.flash)
        if record.outcome == boot_record.NO_OUTCOME or record.told or self._slot != record.active:
            return  # what was given up leaves it to the one before
        outcome = result.CONFIRMED if record.outcome == boot_record.CONFIRMED else result.ROLLED_BACK
        version = interpreter_version() if record.image_before else record.floor
        self._say(record.update_id, outcome, version, _REASONS[record.reason])
        record.told = 1
        record.store(self._machine.flash)

    def _refuse(self, update_id: int, reason: str) -> None:
        self._say(update_id, result.REFUSED, 0, reason)

    def _say(self, update_id: int, outcome: int, value: int, detail: str) -> None:
        while len(detail.encode()) > result.DETAIL_MAX_BYTES:
            detail = detail[:-1]
        self._machine.log("update", update_id=update_id, outcome=result.OUTCOME_NAMES[outcome], reason=detail)
        self._outbox.put_result(result.SUBJECT_UPDATE, update_id, outcome, value, detail)
        self._link.wake()


def version_number(firmware: str) -> int:
    """ "sigap-tracker 1.2.3" as 1_002_003."""
    number = 0
    for part in firmware.split(" ")[-1].split("."):
        number = number * 1000 + int(part)
    return number


def interpreter_version() -> int:
    """Of the MicroPython that runs: 1.29.0 as 1_029_000."""
    major, minor, patch = sys.implementation.version[:3]
    return (major * 1000 + minor) * 1000 + patch
