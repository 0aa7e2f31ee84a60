"""The two slots: the old document or the new one, whenever the power goes."""

from sigap_tracker.storage.slots import DOCUMENT_MAX_BYTES, Slots
from tests.portable.checks import error_of
from tests.portable.nor_flash import SECTOR_BYTES, NorFlash, PowerCutError

FIRST = 1


def opened(flash):
    return Slots(flash, FIRST)


def test_empty():
    assert opened(NorFlash(6)).load() is None


def test_the_latest_counts():
    flash = NorFlash(6)
    for number in range(20):
        document = bytes([number]) * (number * 400)
        opened(flash).store(document)
        assert opened(flash).load() == document
    assert flash.erases == [0, 10, 10, 10, 10, 0]


def test_the_longest_document():
    flash = NorFlash(6)
    opened(flash).store(b"\xa5" * DOCUMENT_MAX_BYTES)
    assert opened(flash).load() == b"\xa5" * 8000
    assert "8001 bytes" in error_of(ValueError, opened(flash).store, b"x" * 8001)
    assert opened(flash).load() == b"\xa5" * 8000


def test_a_damaged_document_leaves_the_one_before():
    flash = NorFlash(6)
    opened(flash).store(b"old")
    opened(flash).store(b"new")
    place = bytes(flash.content).find(b"new")
    flash.damage(place, 0x04)
    assert opened(flash).load() == b"old"
    opened(flash).store(b"newer")
    assert opened(flash).load() == b"newer"


def test_power_cut_at_every_operation():
    documents = [None, b"a" * 3000, b"b" * 5000, b"c", b"d" * 8000]
    for seed in range(10):
        for number in range(1, len(documents)):
            for cut_at in range(4):  # two erases, the document, its head
                flash = NorFlash(6, seed * 20 + number * 4 + cut_at)
                flash.content[FIRST * SECTOR_BYTES : 5 * SECTOR_BYTES] = bytes(4 * SECTOR_BYTES)
                for document in documents[1:number]:
                    opened(flash).store(document)
                flash.power_on(cut_at)
                try:
                    opened(flash).store(documents[number])
                    raise AssertionError("not cut")
                except PowerCutError:
                    pass
                flash.power_on()
                assert opened(flash).load() in documents[number - 1 : number + 1], (seed, number, cut_at)
                opened(flash).store(b"on")
                assert opened(flash).load() == b"on"
