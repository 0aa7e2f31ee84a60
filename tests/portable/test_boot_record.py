"""The boot record in flash: the newest whole one counts, whatever a power cut left behind it."""

from sigap_boot import record as boot_record
from sigap_boot import start
from sigap_boot.record import AS_DELIVERED, BootRecord, load
from tests.portable.nor_flash import NorFlash, PowerCutError


def values(record):
    """Everything a record says."""
    return {name: value for name, value in record.__dict__.items() if name[0] != "_"}


def filled(boot_id):
    record = BootRecord()
    record.active, record.trial, record.tries, record.crashes = 1, 1, 2, 255
    record.restarting = record.needs_fix = record.told = record.switched = 1
    record.maintenance = 7
    record.image, record.image_before = 255, 0xFFFFFFFD
    record.outcome, record.reason = boot_record.ROLLED_BACK, boot_record.CRASHED
    record.boot_id, record.floor, record.update_id = boot_id, 0xFFFFFFFF, 77
    record.version_a, record.version_b = 1000, 0xFFFFFFFE
    return record


def test_new_flash_is_as_delivered():
    record = load(NorFlash(4))
    assert (record.boot_id, record.active, record.trial, record.version_a) == (0, 0, 0, AS_DELIVERED)


def test_everything_is_found_again():
    flash = NorFlash(4)
    record = filled(3)
    record.store(flash)
    assert values(load(flash)) == values(record)


def test_each_flag_stands_for_itself():
    for name in ("trial", "restarting", "needs_fix", "maintenance", "told", "switched"):
        flash = NorFlash(4)
        record = BootRecord()
        setattr(record, name, 1)
        record.store(flash)
        assert values(load(flash)) == values(record), name


def test_starts_in_maintenance_are_counted():
    for starts in range(8):
        flash = NorFlash(4)
        record = BootRecord()
        record.maintenance = starts
        record.store(flash)
        assert values(load(flash)) == values(record), starts


def test_a_power_cut_while_maintenance_begins_or_ends_does_no_harm():
    for begins in (True, False):
        for seed in range(20):
            flash = NorFlash(4, seed)
            record = load(flash)
            record.boot_id = 5
            record.store(flash)
            start.maintain(flash, not begins)
            flash.power_on(cut_at=0)
            try:
                start.maintain(flash, begins)
                cut = False
            except PowerCutError:
                cut = True
            assert cut
            flash.power_on()
            assert load(flash).boot_id == 5
            start.maintain(flash, begins)
            assert start.in_maintenance(flash) == begins


def test_the_newest_counts_all_round_the_ring():
    flash = NorFlash(4)
    record = load(flash)
    for boot_id in range(1, 1000):
        record.boot_id = boot_id
        record.store(flash)
        if boot_id % 30 == 0:
            record = load(flash)
            assert record.boot_id == boot_id
    assert max(flash.erases) <= 3  # of 102 records each


def test_storing_twice_without_loading():
    flash = NorFlash(4)
    record = load(flash)
    for boot_id in range(1, 250):
        record.boot_id = boot_id
        record.store(flash)
    assert load(flash).boot_id == 249


def test_damaged_flash_never_counts_from_the_beginning():
    flash = NorFlash(4)
    filled(5).store(flash)
    flash.damage(0, 0xFF)
    record = load(flash)
    assert record.boot_id > 1 << 30
    record.boot_id += 1
    record.store(flash)
    assert load(flash).boot_id == record.boot_id


def test_bits_that_fell_over_are_noticed():
    for place in range(40):
        flash = NorFlash(4)
        filled(5).store(flash)
        filled(6)
        second = load(flash)
        second.boot_id = 6
        second.store(flash)
        flash.content[40 + place] ^= 1
        assert load(flash).boot_id == 5, place


def test_power_may_be_cut_at_every_operation():
    """In the middle of each write and erase around the four places where a sector is full."""
    full = NorFlash(4)
    record = load(full)
    contents = []
    for boot_id in range(1, 4 * 102 + 1):
        record.boot_id = boot_id
        record.store(full)
        if boot_id % 102 == 100:
            contents.append(bytes(full.content))
    for kept in range(4):
        for stop in range(6):
            for seed in range(5):
                flash = NorFlash(4, seed)
                flash.content[:] = contents[kept]
                cut_while_counting(flash, stop, 100 + 102 * kept)


def test_power_may_be_cut_at_the_first_operations():
    for stop in range(4):
        for seed in range(20):
            cut_while_counting(NorFlash(4, seed), stop, 0)


def cut_while_counting(flash, stop, boot_id):
    flash.power_on(stop)
    try:
        record = load(flash)
        while True:
            record.boot_id = boot_id + 1
            record.store(flash)
            boot_id += 1
    except PowerCutError:
        flash.power_on()
    found = load(flash)
    # The first of all has nothing before it: it may be taken for damage, but never for an earlier start.
    assert found.boot_id in (boot_id, boot_id + 1) or (boot_id == 0 and found.boot_id > 1 << 30), (stop, found.boot_id)
    later = found.boot_id + 1
    found.boot_id = later
    found.store(flash)
    assert load(flash).boot_id == later


def test_a_flash_that_keeps_nothing_is_an_error():
    class Worn(NorFlash):
        def write(self, at, data):
            pass

    try:
        BootRecord().store(Worn(4))
    except OSError as error:
        assert "boot record cannot be written" in str(error)
    else:
        raise AssertionError("no OSError")
