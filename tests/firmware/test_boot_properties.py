"""The loader over any life: random starts, crashes, updates and power cuts."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigap_boot import choice
from sigap_boot.record import CRASHED, ROLLED_BACK, TOO_LATE, BootRecord, load
from tests.portable.nor_flash import NorFlash, PowerCutError

EVENTS = st.lists(
    st.sampled_from(["power", "crash", "restart", "update", "confirm", "give up", "well", "install"]), max_size=60
)


def versions(record: BootRecord) -> tuple[int, int]:
    return record.version_a, record.version_b


@settings(max_examples=300, deadline=None)
@given(EVENTS)
@example(["update", "power", "power", "power", "confirm", "update", "power", "power", "power"])
def test_what_starts_is_whole_and_what_was_confirmed_stays(events: list[str]) -> None:
    record = BootRecord()
    slot, _ = choice.begin(record, False)
    version = 10
    trial_starts = 0
    for event in events:
        before = (record.boot_id, record.floor, record.active)
        on_trial = record.trial == 1 and slot != record.active
        if event in ("power", "crash", "restart"):
            record.restarting = int(event == "restart")
            slot, safe_mode = choice.begin(record, event != "power")
            assert record.boot_id == before[0] + 1
            assert versions(record)[slot] > 0, "a slot with nothing whole in it starts"
            trial_starts = trial_starts + 1 if slot != record.active else 0
            assert trial_starts <= choice.TRIES_MAX
            assert record.active == before[2] or (event == "crash" and record.reason == CRASHED)
            assert safe_mode == (record.crashes >= choice.SAFE_MODE_CRASHES)
            assert record.crashes < choice.LAST_RESORT_CRASHES or not versions(record)[1 - record.active]
        elif event == "update" and not record.trial and slot == record.active:
            choice.withdraw(record)
            version += 1
            choice.put_on_trial(record, version, version, True)
            trial_starts = 0
        elif event == "install" and not record.trial and slot == record.active:
            choice.withdraw(record)
            assert versions(record)[slot] > 0
        elif event == "confirm" and on_trial:
            choice.confirm(record)
            assert (record.active, record.floor) == (slot, version)
        elif event == "give up" and on_trial:
            choice.give_up(record, TOO_LATE)
            assert record.outcome == ROLLED_BACK
        elif event == "well":
            record.crashes = 0
        assert record.floor >= before[1]
        assert record.outcome != ROLLED_BACK or record.reason


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(0, 2**16))
def test_starts_are_counted_over_any_power_cuts(cuts: list[int], seed: int) -> None:
    """Each start writes one record, and the power may go in the middle of it."""
    flash = NorFlash(4, seed)
    highest = 0
    for cut in cuts:
        flash.power_on(cut if cut < 2 else None)
        record = load(flash)
        assert record.boot_id >= highest or record.boot_id > 1 << 30
        choice.begin(record, False)
        try:
            record.store(flash)
        except PowerCutError:
            continue
        assert record.boot_id > highest
        highest = record.boot_id
    flash.power_on()
    assert load(flash).boot_id >= highest


def test_the_last_resort_is_named() -> None:
    record = BootRecord()
    choice.withdraw(record)
    choice.put_on_trial(record, 1, 5, False)
    choice.begin(record, False)
    choice.confirm(record)
    for _ in range(choice.LAST_RESORT_CRASHES):
        choice.begin(record, True)
    assert (record.active, record.reason) == (0, CRASHED)
