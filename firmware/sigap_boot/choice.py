"""Which application runs at this start, and what becomes of an update: changes of the boot record, without a flash."""

from sigap_boot.record import CONFIRMED, CRASHED, NO_OUTCOME, NO_REASON, NOT_CONFIRMED, ROLLED_BACK, BootRecord

TRIES_MAX = 3  # starts that a new application, or interpreter, has to prove itself in
SAFE_MODE_CRASHES = 5  # in a row: then only what a technician needs is started
MAINTENANCE_STARTS = 7  # it outlives as many power cuts less one, unless it is ended or lasts too long before
LAST_RESORT_CRASHES = 8  # and if that does not last either, the other slot's application


def begin(record: BootRecord, crashed: bool) -> "tuple[int, bool]":
    """A start: (slot to run, whether in safe mode).

    crashed   the start before did not end by itself or by the power: a watchdog, or a fault. A restart that the
              program asked for is none, whatever the chip calls it.
    """
    record.boot_id += 1
    if crashed and not record.restarting:
        record.crashes += 1
    record.restarting = 0
    record.maintenance -= record.maintenance > 0
    if record.trial:
        if record.tries >= TRIES_MAX:
            give_up(record, NOT_CONFIRMED)
        else:
            record.tries += 1
    elif record.crashes >= LAST_RESORT_CRASHES and _version(record, 1 - record.active):
        record.active = 1 - record.active
        record.crashes = 0
        _end(record, ROLLED_BACK, CRASHED)
    return record.active ^ record.trial, in_safe_mode(record)


def in_safe_mode(record: BootRecord) -> bool:
    return record.crashes >= SAFE_MODE_CRASHES


def put_on_trial(record: BootRecord, update_id: int, version: int, needs_fix: bool) -> None:
    """The other slot holds a whole, verified application: it runs from the next start on, at first on trial."""
    record.trial, record.tries, record.crashes = 1, 0, 0
    record.needs_fix = int(needs_fix)
    record.update_id = update_id
    record.outcome, record.reason, record.told = NO_OUTCOME, NO_REASON, 0
    record.image_before = 0
    _set_version(record, 1 - record.active, version)


def put_image_on_trial(record: BootRecord, update_id: int, needs_fix: bool, image: int, before: int) -> None:
    """Partition `image` holds a whole, verified interpreter: it runs from the next start on, at first on trial. The
    application stays what it is."""
    record.image, record.image_before = image, before
    record.tries = record.switched = 1
    record.crashes = 0
    record.needs_fix = int(needs_fix)
    record.update_id = update_id
    record.outcome, record.reason, record.told = NO_OUTCOME, NO_REASON, 0


def image_to_run(record: BootRecord, running: int) -> int:
    """A start with an image on trial: the partition that is to run. Any but `running` needs a switch and a reset.

    The record was written before the chip was told, and the chip may have gone back by itself, so either may run. After
    as many starts again, an image that the chip does not leave is let be, rather than starting for ever.
    """
    if running == record.image:
        if not record.switched:
            record.tries = min(record.tries + 1, 255)
        record.switched = 0
        left = TRIES_MAX < record.tries <= 2 * TRIES_MAX
        return record.image_before if left else running
    if record.tries < TRIES_MAX:
        record.tries += 1
        record.switched = 1
        return record.image
    give_up_image(record)
    return running


def leave_image(record: BootRecord, reason: int) -> None:
    """The image on trial, which runs, is not healthy: from the next start on, the one before runs again."""
    record.tries, record.switched, record.reason = TRIES_MAX, 0, reason


def give_up_image(record: BootRecord) -> None:
    """The one before runs again."""
    record.image = record.crashes = 0
    _end(record, ROLLED_BACK, record.reason or NOT_CONFIRMED)


def withdraw(record: BootRecord) -> None:
    """The other slot is about to be overwritten: nothing may start from it."""
    record.trial = 0
    _set_version(record, 1 - record.active, 0)


def confirm(record: BootRecord) -> None:
    """What is on trial is healthy: it is the one from now on."""
    record.active ^= record.trial
    record.trial = record.image = 0
    record.floor = max(record.floor, _version(record, record.active))
    _end(record, CONFIRMED, NO_REASON)


def give_up(record: BootRecord, reason: int) -> None:
    """The application on trial is not healthy: from the next start on, the one before runs again."""
    record.trial = record.crashes = 0
    _set_version(record, 1 - record.active, 0)
    _end(record, ROLLED_BACK, reason)


def _end(record: BootRecord, outcome: int, reason: int) -> None:
    record.outcome, record.reason, record.told = outcome, reason, 0


def _version(record: BootRecord, slot: int) -> int:
    return record.version_b if slot else record.version_a


def _set_version(record: BootRecord, slot: int, version: int) -> None:
    if slot:
        record.version_b = version
    else:
        record.version_a = version
