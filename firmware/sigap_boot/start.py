"""A start of the unit, before its application: count it, and say which slot to run."""

from sigap_boot.choice import begin
from sigap_boot.interfaces import Flash
from sigap_boot.record import load


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
        print("sigap_boot: %s" % error)
    return slot, safe_mode
