"""Changes, new starts, successes and failures in any order, the power cut anywhere: settings stay whole."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_tracker import configuration
from sigap_tracker.changes import SETTLED
from sigap_wire.result import APPLIED, PENDING, REFUSED, ROLLED_BACK
from tests.portable.nor_flash import NorFlash, PowerCutError
from tests.portable.test_configuration import Unit

CHANGE, START, CONNECTED, REVERT = range(4)

steps = st.lists(st.tuples(st.sampled_from([CHANGE, CHANGE, START, CONNECTED, REVERT]), st.none() | st.integers(0, 5)))


def distance_and_host(unit: Unit) -> tuple[int, str]:
    found = unit.present()
    return found.policy_distance_m, found.mqtt_host


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 1000))
def test_settings_stay_whole(history: list[tuple[int, int | None]], seed: int) -> None:
    unit = Unit()
    unit.flash = NorFlash(16, seed)
    possible = {(50, "127.0.0.1")}
    for number, (step, cut_at) in enumerate(history, 1):
        before = distance_and_host(unit)
        pair = (50 + number, f"host-{number}")
        unit.flash.power_on(cut_at)
        try:
            if step == CHANGE:
                outcome = unit.change(number, {"policy.distance_m": pair[0], "mqtt.host": pair[1]})[1]
                assert outcome == PENDING
            elif step == START:
                unit.start()
            elif step == CONNECTED:
                configuration.connected(unit.flash)
            else:
                configuration.revert(unit.flash)
        except PowerCutError:
            unit.flash.power_on()
        unit.flash.power_on()
        now = distance_and_host(unit)
        if step == CHANGE:
            assert now in (before, pair)
            possible.add(pair)
        elif step == CONNECTED:
            assert now == before
        assert now in possible
    # Once it got through, nothing takes that way from it any more.
    configuration.connected(unit.flash)
    settled = distance_and_host(unit)
    configuration.revert(unit.flash)
    assert [unit.start()[1] for _ in range(8)] == [SETTLED] * 8
    assert distance_and_host(unit) == settled


@settings(deadline=None)
@given(
    st.integers(1, 2**32 - 1),
    st.dictionaries(
        st.sampled_from(
            ["policy.distance_m", "policy.angle_deg", "language", "unit_id", "colour", "mqtt.port", "watchdog_s"]
        ),
        st.integers(-5, 200000) | st.text(max_size=3),
        max_size=4,
    ),
)
def test_any_change_is_answered_and_leaves_settings(revision: int, changes: dict[str, int | str]) -> None:
    unit = Unit()
    answered, outcome, detail, _, _ = unit.change(revision, changes)
    assert answered == revision
    assert outcome in (APPLIED, PENDING, REFUSED)
    assert bool(detail) == (outcome == REFUSED)
    unit.start()
    if outcome == REFUSED:
        assert unit.present().policy_distance_m == 50
    assert unit.change(revision, changes)[1] in (outcome, APPLIED, ROLLED_BACK)


numbers = st.none() | st.integers(-1, 3)
records = st.fixed_dictionaries(
    {},
    optional={
        "file": numbers,
        "revision": numbers,
        "outcome": numbers,
        "say": numbers,
        "starts": numbers,
        "settings": st.none() | st.dictionaries(st.sampled_from(["unit_id", "language"]), numbers),
        "before": st.none() | st.dictionaries(st.sampled_from(["unit_id", "language"]), numbers),
    },
)


@settings(deadline=None)
@given(st.binary(max_size=200) | records.map(lambda record: json.dumps(record).encode()))
def test_any_bytes_in_the_slots_are_survived(document: bytes) -> None:
    unit = Unit()
    configuration.Slots(unit.flash, configuration.SETTINGS_FIRST).store(document)
    assert unit.start()[0].policy_distance_m == 50
    assert unit.change(1, {"policy.distance_m": 60})[1] == APPLIED
