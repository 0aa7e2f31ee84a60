"""A start of the unit, before its application: count it, and say which slot to run."""

import os
import sys

from sigap_boot.choice import MAINTENANCE_STARTS, begin, in_safe_mode
from sigap_boot.interfaces import Flash
from sigap_boot.record import DAMAGED_BOOT_ID, load


def start(flash: Flash, crashed: bool) -> "tuple[int, bool]":
    """(slot to run, whether in safe mode), noted in the boot record. See choice.begin for `crashed`.

    A flash that cannot be read or written is no reason not to start: then slot 0 runs, or what could be read says.
    """
    slot, safe_mode = 0, False
    try:
        record = load(flash)
        slot, safe_mode = begin(record, crashed)
        record.store(flash)
    except OSError as error:
        print("sigap_boot: %s" % error, file=sys.stderr)
    return slot, safe_mode


def boot_id(flash: Flash) -> int:
    """The number of this start, higher than at every one before."""
    try:
        return load(flash).boot_id
    except OSError:
        return DAMAGED_BOOT_ID | int.from_bytes(os.urandom(3), "big")


def running_slot(flash: Flash) -> int:
    """The slot that start() chose: to be asked for before anything else changes the boot record."""
    try:
        record = load(flash)
        return record.active ^ record.trial
    except OSError:
        return 0


def expect_restart(flash: Flash) -> None:
    """The program is about to start the unit anew: that is no crash."""
    try:
        record = load(flash)
        record.restarting = 1
        record.store(flash)
    except OSError as error:
        print("sigap_boot: %s" % error, file=sys.stderr)  # at worst it counts as one


def crashes(flash: Flash) -> "tuple[int, bool]":
    """(crashes in a row before this start, whether it is one in safe mode)."""
    try:
        record = load(flash)
        return record.crashes, in_safe_mode(record)
    except OSError:
        return 0, False


def forget_crashes(flash: Flash) -> None:
    """The next start is an ordinary one again."""
    try:
        record = load(flash)
        record.crashes = 0
        record.store(flash)
    except OSError as error:
        print("sigap_boot: %s" % error, file=sys.stderr)


def in_maintenance(flash: Flash) -> bool:
    """Whether a technician was at work on the unit before this start, and is still."""
    try:
        return bool(load(flash).maintenance)
    except OSError:
        return False


def maintain(flash: Flash, begins: bool) -> None:
    """A technician's work on the unit begins, or is over; a power cut does not end it."""
    try:
        record = load(flash)
        record.maintenance = MAINTENANCE_STARTS if begins else 0
        record.store(flash)
    except OSError as error:
        print("sigap_boot: %s" % error, file=sys.stderr)
