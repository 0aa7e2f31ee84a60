"""The flash's part of the self-test, which needs no unit."""

from sigap_tracker.storage.flash_test import keeps
from sigap_tracker.storage.journal import Journal
from tests.portable.nor_flash import NorFlash


class Deaf(NorFlash):
    """Takes everything and keeps nothing."""

    def write(self, at, data):
        pass


class Broken(NorFlash):
    def write(self, at, data):
        raise OSError("flash")


def test_a_flash_that_keeps():
    journal = Journal(NorFlash(8), 0, 8)
    journal.put(3, b"something else")
    for _ in range(400):  # over several sectors
        assert keeps(journal)
    assert journal.get(3) == b"something else"
    assert journal.keys() == [3]


def test_a_flash_that_does_not():
    assert not keeps(Journal(Deaf(8), 0, 8))
    assert not keeps(Journal(Broken(8), 0, 8))
