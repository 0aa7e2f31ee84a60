"""The partitions that hold the interpreter's image: which runs, which is free, and which the chip starts next.

A partition's number here is its subtype and one, so that 0 stands for none.
"""

import sys

from sigap_boot.choice import give_up_image, image_to_run
from sigap_boot.interfaces import Flash, Partition, Partitions
from sigap_boot.partition_flash import PartitionFlash
from sigap_boot.record import NOT_STARTED, load

_ROLLBACK_NOT_BUILT = -261


class Images:
    """Of a chip with two partitions for an application, as ESP-IDF calls the interpreter.

    running   number of the one that runs
    free      number of the other
    flash     the other's content, see Flash in sigap_tracker/interfaces.pyi
    """

    def __init__(self, partitions: "Partitions") -> None:
        """`partitions` is the class esp32.Partition. Raises OSError where there is no second one."""
        self._partitions = partitions
        running = partitions(partitions.RUNNING)
        other = running.get_next_update()
        self.running = _number(running)
        self.free = _number(other)
        if self.free == self.running:
            raise OSError("no second partition")
        self.flash = PartitionFlash(other)

    def activate(self, number: int) -> None:
        """The chip starts that one from now on. Raises OSError if it does not take it."""
        for partition in self._partitions.find(self._partitions.TYPE_APP, number - 1):
            partition.set_boot()
        # Builds there are that do not say when it failed.
        if _number(self._partitions(self._partitions.BOOT)) != number:
            raise OSError("image is none that it starts")

    def confirm(self) -> None:
        """What runs is well: the chip need not go back by itself. Raises OSError."""
        try:
            self._partitions.mark_app_valid_cancel_rollback()
        except OSError as error:
            if error.errno != _ROLLBACK_NOT_BUILT:  # then only the boot record goes back
                raise


def open_images(partitions: "Partitions") -> "Images | None":
    """None where the interpreter has no second partition."""
    try:
        return Images(partitions)
    except OSError:
        return None


def switch(flash: Flash, images: "Images | None") -> bool:
    """At a start, before all else: whether another image is to run, which the chip starts when it is reset now."""
    if images is None:
        return False
    try:
        record = load(flash)
        if not record.image:
            return False
        wanted = image_to_run(record, images.running)
        record.restarting = int(wanted != images.running)
        record.store(flash)
        if wanted == images.running:
            return False
        try:
            images.activate(wanted)
            return True
        except OSError:
            if wanted == record.image:
                record.reason = NOT_STARTED
                give_up_image(record)
                record.store(flash)
            raise
    except OSError as error:
        print("sigap_boot: %s" % error, file=sys.stderr)
        return False


def _number(partition: Partition) -> int:
    return int(partition.info()[1]) + 1
