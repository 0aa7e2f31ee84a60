"""Which application starts, over the lives that a unit may have."""

from sigap_boot import choice
from sigap_boot.record import (
    AS_DELIVERED,
    CONFIRMED,
    CRASHED,
    NO_OUTCOME,
    NOT_CONFIRMED,
    ROLLED_BACK,
    TOO_LATE,
    BootRecord,
)

A, B = 0, 1


def on_trial():
    """A unit as delivered that has got version 2000."""
    record = BootRecord()
    choice.withdraw(record)
    choice.put_on_trial(record, 7, 2000, True)
    record.restarting = 1
    return record


def test_a_new_unit_runs_what_it_was_delivered_with():
    record = BootRecord()
    assert choice.begin(record, False) == (A, False)
    assert record.boot_id == 1


def test_starts_are_counted():
    record = BootRecord()
    for boot_id in range(1, 20):
        choice.begin(record, boot_id % 7 == 0)
        assert record.boot_id == boot_id


def test_maintenance_lasts_for_some_starts():
    record = BootRecord()
    record.maintenance = choice.MAINTENANCE_STARTS
    lasted = 0
    for _ in range(20):
        choice.begin(record, False)
        lasted += record.maintenance > 0
    assert (lasted, record.maintenance) == (choice.MAINTENANCE_STARTS - 1, 0)


def test_an_update_is_tried_and_confirmed():
    record = on_trial()
    assert choice.begin(record, True) == (B, False)  # the chip calls it a crash; it was asked for
    assert (record.crashes, record.tries, record.outcome) == (0, 1, NO_OUTCOME)
    choice.confirm(record)
    assert (record.outcome, record.told, record.floor, record.trial) == (CONFIRMED, 0, 2000, 0)
    for _ in range(5):
        assert choice.begin(record, False) == (B, False)


def test_three_starts_without_confirmation_bring_the_old_one_back():
    record = on_trial()
    for _ in range(choice.TRIES_MAX):
        assert choice.begin(record, False) == (B, False)
    assert choice.begin(record, False) == (A, False)
    assert (record.outcome, record.reason, record.told, record.update_id) == (ROLLED_BACK, NOT_CONFIRMED, 0, 7)
    assert (record.floor, record.version_b) == (0, 0)
    assert choice.begin(record, False) == (A, False)


def test_a_new_application_that_crashes_leaves_no_crashes_behind():
    record = on_trial()
    for _ in range(choice.TRIES_MAX + 1):
        slot, safe_mode = choice.begin(record, True)
        assert not safe_mode
    assert (slot, record.crashes) == (A, 0)


def test_the_application_itself_may_give_up():
    record = on_trial()
    choice.begin(record, False)
    choice.give_up(record, TOO_LATE)
    assert choice.begin(record, False) == (A, False)
    assert (record.outcome, record.reason) == (ROLLED_BACK, TOO_LATE)


def test_the_floor_never_sinks():
    record = on_trial()
    choice.begin(record, False)
    choice.confirm(record)
    choice.withdraw(record)
    choice.put_on_trial(record, 8, 1500, False)
    assert choice.begin(record, False) == (A, False)
    choice.confirm(record)
    assert (record.active, record.floor, record.version_a) == (A, 2000, 1500)


def test_repeated_crashes_lead_to_safe_mode_and_a_healthy_run_out_of_it():
    record = BootRecord()
    modes = [choice.begin(record, True)[1] for _ in range(choice.SAFE_MODE_CRASHES)]
    assert modes == [False] * (choice.SAFE_MODE_CRASHES - 1) + [True]
    assert choice.begin(record, False)[1], "the power's going is no healthy run"
    record.crashes = 0
    assert not choice.begin(record, False)[1]


def test_power_cuts_are_no_crashes():
    record = BootRecord()
    for _ in range(100):
        assert choice.begin(record, False) == (A, False)


def test_without_another_application_safe_mode_stays():
    record = BootRecord()
    for _ in range(choice.LAST_RESORT_CRASHES * 2):
        slot, _ = choice.begin(record, True)
        assert slot == A


def test_an_application_that_crashes_even_in_safe_mode_gives_way_to_the_one_before():
    record = on_trial()
    choice.begin(record, False)
    choice.confirm(record)
    slots = [choice.begin(record, True)[0] for _ in range(choice.LAST_RESORT_CRASHES)]
    assert slots == [B] * (choice.LAST_RESORT_CRASHES - 1) + [A]
    assert (record.crashes, record.outcome, record.reason) == (0, ROLLED_BACK, CRASHED)
    assert record.version_a == AS_DELIVERED
    assert record.floor == 2000, "nothing older is installed for it"


def test_a_slot_that_is_being_written_is_no_way_out():
    record = on_trial()
    choice.begin(record, False)
    choice.confirm(record)
    choice.withdraw(record)  # of what was delivered, in A
    for _ in range(choice.LAST_RESORT_CRASHES * 2):
        assert choice.begin(record, True)[0] == B
