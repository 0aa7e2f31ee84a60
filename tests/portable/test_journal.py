"""The journal: what it was given is there after a power cut at any moment."""

from sigap_tracker.storage.journal import Journal
from tests.portable.checks import error_of
from tests.portable.nor_flash import SECTOR_BYTES, NorFlash, PowerCutError

FIRST, SECTORS = 1, 3


def opened(flash):
    return Journal(flash, FIRST, SECTORS)


def content(journal):
    keys = journal.keys()
    return {key: journal.get(key) for key in keys}


def test_empty():
    journal = opened(NorFlash(5))
    assert journal.keys() == []
    assert journal.get(7) is None
    journal.remove(7)


def test_the_latest_value_counts_and_outlives_a_restart():
    flash = NorFlash(5)
    journal = opened(flash)
    journal.put(7, b"first")
    journal.put(0, b"x" * 512)
    journal.put(254, b"\xff\xff")
    journal.put(7, b"second")
    for each in (journal, opened(flash)):
        assert each.get(7) == b"second"
        assert each.get(0) == b"x" * 512
        assert each.get(254) == b"\xff\xff"
        # In the order of writing.
        assert each.keys() == [0, 254, 7]
    journal.remove(0)
    for each in (journal, opened(flash)):
        assert each.get(0) is None
        assert each.keys() == [254, 7]


def test_keys_and_values_have_their_limits():
    journal = opened(NorFlash(5))
    for key, value in ((-1, b"x"), (255, b"x"), (0, b""), (0, b"x" * 513)):
        assert "expected 0 to 254 with 1 to 512" in error_of(ValueError, journal.put, key, value)
    assert journal.keys() == []


def test_more_than_a_sector_holds_is_refused_and_what_was_there_stays():
    flash = NorFlash(5)
    journal = opened(flash)
    for key in range(7):
        journal.put(key, bytes([key]) * 512)
    assert "in all" in error_of(OSError, journal.put, 7, b"x" * 512)
    for each in (journal, opened(flash)):
        assert content(each) == {key: bytes([key]) * 512 for key in range(7)}
    journal.put(3, b"short")
    journal.put(7, b"x" * 400)
    assert opened(flash).get(7) == b"x" * 400


def test_the_ring_is_worn_evenly_and_other_sectors_are_left_alone():
    flash = NorFlash(5)
    journal = opened(flash)
    for number in range(3000):
        journal.put(number % 5, b"%d" % number)
    assert flash.erases[0] == flash.erases[4] == 0
    assert max(flash.erases[1:4]) - min(flash.erases[1:4]) <= 1
    assert sum(flash.erases) < 3000 / 200
    assert content(opened(flash)) == {number % 5: b"%d" % number for number in range(2995, 3000)}


def test_a_damaged_record_costs_no_other():
    flash = NorFlash(5)
    journal = opened(flash)
    for key in range(3):
        journal.put(key, b"old%d" % key)
    journal.put(1, b"new1")
    at = FIRST * SECTOR_BYTES
    place = bytes(flash.content).find(b"new1")
    assert place > at
    flash.damage(place, 0x02)
    again = opened(flash)
    assert content(again) == {0: b"old0", 1: b"old1", 2: b"old2"}
    again.put(1, b"newer")
    assert opened(flash).get(1) == b"newer"


def test_a_write_that_fails_harms_nothing_written():
    flash = FailingFlash(5)
    journal = opened(flash)
    journal.put(1, b"one")
    flash.fails = True
    assert "no" in error_of(OSError, journal.put, 2, b"two")
    assert journal.get(1) == b"one"
    flash.fails = False
    journal.put(2, b"2")
    assert content(opened(flash)) == content(journal) == {1: b"one", 2: b"2"}


class FailingFlash(NorFlash):
    fails = False

    def write(self, at, data):
        if self.fails:
            NorFlash.write(self, at, data[: len(data) // 2])
            raise OSError("no")
        NorFlash.write(self, at, data)


def steps():
    """What a unit does with it, enough to use every sector twice."""
    for number in range(160):
        yield (number % 4, b"%d" % number * (number % 7 * 20 + 1))
        if number % 3 == 2:
            yield (number % 4 - 1 & 3, b"")


def test_power_cut_at_every_operation():
    """The value being written is the old or the new one, all others are as they were."""
    flash = NorFlash(5)
    run(flash, {})
    assert min(flash.erases[1:4]) >= 2
    for seed in range(2):
        for cut_at in range(flash.operations):
            torn = NorFlash(5, seed * 1000 + cut_at, cut_at)
            torn.content[:] = bytes(len(torn.content))  # what a factory left there
            expected = {}
            try:
                run(torn, expected)
                raise AssertionError("not cut")
            except PowerCutError:
                pass
            key, value = expected.pop("doing")
            torn.power_on()
            again = opened(torn)
            found = content(again)
            changed = with_value(expected, key, value)
            assert found in (expected, changed), (seed, cut_at)
            # And it goes on from there.
            again.put(9, b"on")
            assert content(opened(torn)) == with_value(found, 9, b"on"), (seed, cut_at)


def run(flash, expected):
    """All steps; `expected` is what is safe, and under "doing" what is being done."""
    journal = opened(flash)
    for key, value in steps():
        expected["doing"] = key, value
        if value:
            journal.put(key, value)
        else:
            journal.remove(key)
        done = with_value(expected, key, value)
        expected.clear()
        expected.update(done)


def with_value(values, key, value):
    changed = dict(values)
    changed.pop("doing", None)
    changed.pop(key, None)
    if value:
        changed[key] = value
    return changed
