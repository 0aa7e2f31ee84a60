"""The spool: what it kept is handed out until the broker has it, across restarts, and never damaged."""

import struct
from binascii import crc32

from sigap_tracker.storage.spool import FIXES_PER_SECTOR, PLACE_BYTES, PLACES, Spool
from sigap_wire.errors import WireError
from sigap_wire.report import Fix
from tests.portable.checks import error_of
from tests.portable.nor_flash import SECTOR_BYTES, NorFlash, PowerCutError

FIRST, SECTORS = 1, 3
BOOT = 3
FULL = SECTORS * FIXES_PER_SECTOR


def fix(number):
    return Fix(
        1789882530 + number,
        -69147440 + 900 * number,
        1076098110 - 700 * number,
        1000 + number % 90,
        100 * number % 36000,
        1 + number % 4,
        number % 99,
        90 + number % 9,
        number % 5,
    )


def opened(flash, sectors=SECTORS):
    return Spool(flash, FIRST, sectors)


def kept(spool, numbers, boot_id=BOOT):
    return [spool.keep(boot_id, number, fix(number)) for number in numbers]


def taken(spool, most=32, passed_over=()):
    """(boot_id, numbers) of the oldest batch, checked to be the fixes they should be; then the broker has it."""
    found = spool.batch(passed_over, most)
    if found is None:
        return None
    place, boot_id, seq, fixes = found
    assert fixes == [fix(seq + i) for i in range(len(fixes))], (boot_id, seq)
    assert len(fixes) <= most
    spool.done(place, len(fixes))
    return boot_id, list(range(seq, seq + len(fixes)))


def drained(spool):
    """(boot_id, number) of everything that waits, in the order of handing out."""
    found = []
    while True:
        batch = taken(spool)
        if batch is None:
            assert spool.queued == 0
            return found
        found += [(batch[0], number) for number in batch[1]]


def test_empty():
    spool = opened(NorFlash(5))
    assert (spool.queued, spool.dropped, spool.corrupt, spool.erases) == (0, 0, 0, 0)
    assert spool.batch((), 32) is None
    spool.done(0, 1)
    spool.done(-1, 1)


def test_what_was_kept_is_handed_out_oldest_first_across_restarts():
    flash = NorFlash(5)
    spool = opened(flash)
    kept(spool, range(40))
    spool = opened(flash)
    kept(spool, range(30), boot_id=BOOT + 1)
    spool = opened(flash)
    assert spool.queued == 70
    # A batch never mixes starts.
    assert taken(spool) == (BOOT, list(range(32)))
    assert taken(spool) == (BOOT, list(range(32, 40)))
    assert taken(spool, 10) == (BOOT + 1, list(range(10)))
    spool = opened(flash)
    assert spool.queued == 20
    assert drained(spool) == [(BOOT + 1, number) for number in range(10, 30)]
    assert opened(flash).queued == 0
    assert drained(opened(flash)) == []


def test_every_value_survives():
    fixes = [
        Fix(0xFFFFFFFF, 900000000, 1800000000, 50000, 36000, 8, 99, 9999, 4),
        Fix(0, -900000000, -1800000000, 0, 0, 0, 0, 0, 0),
        Fix(1 << 31, -1, 1, 1, 35999, 1, 1, 1, 1),
    ]
    flash = NorFlash(5)
    for seq, one in enumerate(fixes):
        opened(flash).keep(0xFFFFFFFF, 0xFFFFFFFD + seq, one)
    assert opened(flash).batch((), 32)[1:] == (0xFFFFFFFF, 0xFFFFFFFD, fixes)


def test_a_value_out_of_range_is_refused_and_takes_no_place():
    spool = opened(NorFlash(5))
    bad = fix(0)
    bad.speed_cmps = 70000
    assert "speed_cmps" in error_of(WireError, spool.keep, BOOT, 0, bad)
    assert spool.queued == 0


def test_what_is_done_out_of_turn_is_left_out():
    flash = NorFlash(5)
    spool = opened(flash)
    places = kept(spool, range(20))
    for number in (3, 4, 19):
        spool.done(places[number], 1)
        spool.done(places[number], 1)
    for each in (opened(flash), spool):
        assert each.queued == 17
        assert each.batch((), 32)[2:] == (0, [fix(0), fix(1), fix(2)])
    assert taken(spool, 32, [places[0], places[6]]) == (BOOT, [1, 2])
    assert taken(spool, 32, [places[0], places[6]]) == (BOOT, [5])
    assert taken(spool, 32, [places[0], places[6]]) == (BOOT, list(range(7, 19)))
    assert taken(spool, 32, [places[0], places[6]]) is None
    assert taken(spool) == (BOOT, [0])
    assert drained(opened(flash)) == [(BOOT, 6)]


def test_full_the_oldest_sector_gives_way_and_is_counted():
    flash = NorFlash(5)
    spool = opened(flash)
    first = kept(spool, range(FULL))[0]
    assert (spool.queued, spool.dropped) == (FULL, 0)
    kept(spool, [FULL])
    assert (spool.queued, spool.dropped) == (FULL - FIXES_PER_SECTOR + 1, FIXES_PER_SECTOR)
    spool.done(first, 20)  # in flight when its place was taken
    for each in (opened(flash), spool):
        assert each.queued == FULL - FIXES_PER_SECTOR + 1
        assert drained(opened(copied(flash))) == [(BOOT, n) for n in range(FIXES_PER_SECTOR, FULL + 1)]
    assert flash.erases == [0, 2, 1, 1, 0]


def test_places_are_used_again_for_years_and_wear_evenly():
    flash = NorFlash(5)
    spool = opened(flash)
    for number in range(6000):
        kept(spool, [number])
        if number % 100 == 99:
            assert drained(spool) == [(BOOT, n) for n in range(number - 99, number + 1)]
        if number % 1000 == 512:
            spool = opened(flash)
    assert (spool.queued, spool.dropped, spool.corrupt) == (0, 0, 0)
    assert spool.erases == sum(flash.erases) == 6000 // FIXES_PER_SECTOR + 1
    assert max(flash.erases[1:4]) - min(flash.erases[1:4]) <= 1
    assert sum(flash.erases) <= 0.008 * 6000
    assert flash.erases[0] == flash.erases[4] == 0


def test_a_damaged_fix_is_skipped_and_counted_and_costs_no_other():
    flash = NorFlash(5)
    spool = opened(flash)
    places = kept(spool, range(50))
    for number in (0, 7, 8, 49):
        flash.content[FIRST * SECTOR_BYTES + places[number] * PLACE_BYTES + number % 32] ^= 0x10
    for each in (opened(copied(flash)), spool):
        assert drained(each) == [(BOOT, n) for n in range(50) if n not in (0, 7, 8, 49)]
        assert each.corrupt == 4
    assert opened(flash).batch((), 32) is None


def test_every_single_bit_of_a_fix_is_looked_at():
    flash = NorFlash(5)
    place = kept(opened(flash), [1])[0]
    at = FIRST * SECTOR_BYTES + place * PLACE_BYTES
    for bit in range(PLACE_BYTES * 8):
        torn = copied(flash)
        torn.content[at + bit // 8] ^= 1 << bit % 8
        assert opened(torn).batch((), 1) is None


def test_a_damaged_sector_head_costs_its_sector_and_is_counted():
    flash = NorFlash(5)
    kept(opened(flash), range(2 * FIXES_PER_SECTOR + 5))
    flash.damage((FIRST + 1) * SECTOR_BYTES + 5, 0xFF)
    flash.damage((FIRST + 1) * SECTOR_BYTES + 4, 0xFF)
    spool = opened(flash)
    assert spool.corrupt == FIXES_PER_SECTOR
    numbers = [number for _, number in drained(spool)]
    assert numbers == [n for n in range(2 * FIXES_PER_SECTOR + 5) if n // FIXES_PER_SECTOR != 1]


def test_a_sector_head_that_is_only_likely_is_none():
    flash = NorFlash(5)
    kept(opened(flash), range(5))
    flash.content[FIRST * SECTOR_BYTES + 4] = SECTORS  # a sequence that belongs there, without its CRC
    spool = opened(flash)
    assert (spool.queued, spool.erases) == (0, 0)


def test_a_place_that_a_failed_write_left_blank_is_no_end():
    flash = ForgetfulFlash(5)
    spool = opened(flash)
    for number in range(20):
        if number == 15:  # where the search for the end looks
            flash.fails = True
            assert "no" in error_of(OSError, spool.keep, BOOT, number, fix(number))
            flash.fails = False
        else:
            kept(spool, [number])
    spool = opened(flash)
    kept(spool, range(20, 40))
    for each in (opened(copied(flash)), spool):
        assert sorted(n for _, n in drained(each)) == [n for n in range(40) if n != 15]


class ForgetfulFlash(NorFlash):
    fails = False

    def write(self, at, data):
        if self.fails:
            raise OSError("no")
        NorFlash.write(self, at, data)


def test_a_fix_that_another_firmware_kept_is_skipped():
    flash = NorFlash(5)
    spool = opened(flash)
    kept(spool, [0])
    strange = fix(1)
    strange.reason = 4
    place = spool.keep(BOOT, 1, strange)
    kept(spool, [2])
    at = FIRST * SECTOR_BYTES + place * PLACE_BYTES
    again = Spool(flash, FIRST, SECTORS)
    record = bytes(flash.content[at : at + PLACE_BYTES])
    flash.content[at : at + PLACE_BYTES] = with_reason(record, 15)
    assert drained(again) == [(BOOT, 0), (BOOT, 2)]
    assert again.corrupt == 1


def with_reason(record, reason):
    changed = bytearray(record)
    changed[27] = changed[27] & 15 | reason << 4
    struct.pack_into("<I", changed, 28, crc32(bytes(changed[:28])))
    return changed


def test_worn_cells_are_passed_over():
    flash = WornFlash(5)
    spool = opened(flash)
    places = kept(spool, range(200))
    assert len(set(places)) == 200
    assert all(place % PLACES not in (5, 6, 100) for place in places)
    for each in (opened(copied(flash)), spool):
        assert drained(each) == [(BOOT, n) for n in range(200)]
        assert each.corrupt == 5


class WornFlash(NorFlash):
    """Places 5, 6 and 100 of each sector keep nothing."""

    def write(self, at, data):
        if at % SECTOR_BYTES // PLACE_BYTES not in (5, 6, 100):
            NorFlash.write(self, at, data)


def test_a_flash_that_keeps_nothing_is_an_error_and_ends():
    class Dead(NorFlash):
        def write(self, at, data):
            pass

    spool = opened(Dead(5))
    assert "keeps nothing" in error_of(OSError, spool.keep, BOOT, 0, fix(0))


def test_a_sector_that_cannot_be_erased_is_passed_over():
    flash = StubbornFlash(5)
    spool = opened(flash)
    kept(spool, range(FIXES_PER_SECTOR))
    assert "no" in error_of(OSError, spool.keep, BOOT, FIXES_PER_SECTOR, fix(FIXES_PER_SECTOR))
    kept(spool, range(200, 210))
    for each in (opened(copied(flash)), spool):
        assert [n for _, n in drained(each)] == list(range(FIXES_PER_SECTOR)) + list(range(200, 210))


class StubbornFlash(NorFlash):
    def erase(self, sector):
        if sector == FIRST + 1:
            raise OSError("no")
        NorFlash.erase(self, sector)


def copied(flash, seed=0, cut_at=None):
    copy = NorFlash(flash.sector_count, seed, cut_at)
    copy.content[:] = flash.content
    return copy


def test_power_cut_at_every_operation():
    """All that keep() and done() answered for is right afterwards, whatever they were in the middle of."""
    begun = NorFlash(4)
    kept(Spool(begun, FIRST, 2), range(2 * FIXES_PER_SECTOR - 8))
    whole = copied(begun)
    drive(whole, [], [])
    assert sum(whole.erases) == 1
    for seed in range(4):
        for cut_at in range(whole.operations):
            flash = copied(begun, 1000 * seed + cut_at, cut_at)
            safe, done = [], []
            try:
                drive(flash, safe, done)
                raise AssertionError("not cut")
            except PowerCutError:
                pass
            flash.power_on()
            spool = Spool(flash, FIRST, 2)
            kept(spool, [999])
            gave_way = FIXES_PER_SECTOR * (spool.erases - 2)
            found = [number for _, number in drained(spool)]
            context = seed, cut_at
            assert found[-1] == 999, context
            assert sorted(set(found)) == found, context
            sent = [number for part in done for number in part]
            assert not [n for n in safe if n not in found and n not in sent and n >= gave_way], context
            assert not [n for n in found[:-1] if n not in safe and n != (safe[-1] + 1 if safe else START)], context
            # What is done does not come again, unless the power went while it was being marked.
            assert not [n for part in done[:-1] for n in part if n in found], context


START = 2 * FIXES_PER_SECTOR - 8


def drive(flash, safe, done):
    """Fixes kept, each third delivered at once and some batches of the backlog, over the beginning of a sector."""
    spool = Spool(flash, FIRST, 2)
    safe.extend(range(START))
    for number in range(START, START + 40):
        place = spool.keep(BOOT, number, fix(number))
        safe.append(number)
        if number % 3 == 0:
            done.append([number])
            spool.done(place, 1)
        if number % 10 == 0:
            place, _, seq, fixes = spool.batch((), 32)
            done.append(range(seq, seq + len(fixes)))
            spool.done(place, len(fixes))
