"""Whether the flash still keeps what is written to it; a part of the self-test."""

from sigap_tracker.storage.flash_map import TEST_KEY
from sigap_tracker.storage.journal import Journal


def keeps(journal: Journal) -> bool:
    """A value that was written is read again, and another one after it."""
    try:
        for value in (b"\xa5", b"\x5a"):
            journal.put(TEST_KEY, value)
            if journal.get(TEST_KEY) != value:
                return False
        journal.remove(TEST_KEY)
        return journal.get(TEST_KEY) is None
    except OSError:
        return False
