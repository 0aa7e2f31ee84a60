"""Fleet state: positions and links in the order the unit made them, however they arrive."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.fleet import (
    LINK_SETTLES_MS,
    Distress,
    Duty,
    Fleet,
    LinkEffect,
    LinkState,
    NoFix,
    UnknownUnitError,
)
from sigap_wire.ack import EMERGENCY, EMERGENCY_OVER, Ack
from sigap_wire.link import Link
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, REASON_NO_FIX, Fix, Report

NOW_MS = 1_790_000_000_000
UNIT = "unit-01"


def a_fleet() -> Fleet:
    fleet = Fleet(stale_after_s=60, lost_after_s=300)
    fleet.register(UNIT, "Elang 1")
    return fleet


def report(seq: int, boot_id: int = 1, count: int = 1, quality: int = 1) -> Report:
    fixes = [Fix(NOW_MS // 1000 + seq + i, -69_000_000 - seq - i, 1_076_000_000, quality=quality) for i in range(count)]
    return Report(boot_id, seq, fixes)


def link(connection: int, online: bool, boot_id: int = 1) -> Link:
    return Link(boot_id, connection, online, "0.1.0")


def test_a_registered_unit_starts_lost_and_without_a_position() -> None:
    unit = a_fleet().unit(UNIT)
    assert (unit.callsign, unit.duty, unit.link, unit.position) == ("Elang 1", Duty.AVAILABLE, LinkState.LOST, None)
    assert not unit.is_lost  # nothing was heard of it since the start: that proves nothing


@pytest.mark.parametrize(
    "ask",
    [
        lambda fleet: fleet.unit("unit-99"),
        lambda fleet: fleet.set_duty("unit-99", Duty.OFF_DUTY),
        lambda fleet: fleet.apply_report("unit-99", report(0), NOW_MS, live=True),
        lambda fleet: fleet.apply_link("unit-99", link(1, True), NOW_MS),
    ],
)
def test_an_unknown_unit_is_named(ask: object) -> None:
    with pytest.raises(UnknownUnitError, match="unit-99") as caught:
        ask(a_fleet())  # type: ignore[operator]
    assert caught.value.unit_id == "unit-99"


def test_the_last_fix_of_a_report_is_the_position() -> None:
    fleet = a_fleet()
    assert fleet.apply_report(UNIT, report(4, count=3), NOW_MS, live=True)
    position = fleet.unit(UNIT).position
    assert position is not None
    assert (position.seq, position.lat_e7, position.fix_time_s) == (6, -69_000_006, NOW_MS // 1000 + 6)
    assert (position.course_cdeg, position.hdop_centi) == (None, None)
    assert (COURSE_UNKNOWN, HDOP_UNKNOWN) == (36000, 9999)


@given(st.permutations([(boot_id, seq) for boot_id in (1, 2) for seq in (0, 1, 5, 9)]), st.randoms())
def test_arrival_order_and_repetition_do_not_matter(order: list[tuple[int, int]], rng: random.Random) -> None:
    fleet = a_fleet()
    best = (-1, -1)
    for boot_id, seq in order + order[:3]:
        newer = (boot_id, seq) > best
        best = max(best, (boot_id, seq))
        assert fleet.apply_report(UNIT, report(seq, boot_id), NOW_MS, live=rng.random() < 0.5) is newer
        position = fleet.unit(UNIT).position
        assert position is not None
        assert (position.boot_id, position.seq) == best


def test_a_later_clock_does_not_make_a_fix_newer() -> None:
    fleet = a_fleet()
    fleet.apply_report(UNIT, report(7), NOW_MS, live=True)
    in_the_future = Report(1, 3, [Fix(NOW_MS // 1000 + 99_999, 0, 0)])
    assert not fleet.apply_report(UNIT, in_the_future, NOW_MS + 5000, live=False)


def test_backlog_is_no_recent_position_even_where_it_is_the_latest() -> None:
    fleet = a_fleet()
    fleet.apply_report(UNIT, report(3), NOW_MS, live=False)
    position = fleet.unit(UNIT).position
    assert position is not None
    assert not position.live


def test_a_fix_without_a_solution_is_a_sign_of_life_only() -> None:
    fleet = a_fleet()
    assert not fleet.apply_report(UNIT, report(3, quality=0), NOW_MS, live=True)
    assert (fleet.unit(UNIT).position, fleet.unit(UNIT).link) == (None, LinkState.FRESH)


def no_fix(seq: int, last_s: int = 0, boot_id: int = 1) -> Report:
    """The word that there is no fix, and when and where the last one was."""
    place = (-69_100_000, 1_076_100_000) if last_s else (0, 0)
    return Report(boot_id, seq, [Fix(last_s, *place, quality=0, reason=REASON_NO_FIX)])


def test_a_unit_without_a_fix_keeps_its_last_position_and_says_since_when() -> None:
    fleet = a_fleet()
    fleet.apply_report(UNIT, report(0), NOW_MS, live=True)
    last_s = NOW_MS // 1000
    for seq in (1, 2):
        assert not fleet.apply_report(UNIT, no_fix(seq, last_s), NOW_MS + seq * 50_000, live=True)
        unit = fleet.unit(UNIT)
        assert unit.no_fix == NoFix(1, seq, last_s * 1000)
        assert unit.position is not None
        assert (unit.position.seq, unit.position.received_ms) == (0, NOW_MS)
        assert (unit.heard_ms, unit.link) == (NOW_MS + seq * 50_000, LinkState.FRESH)
    assert fleet.apply_report(UNIT, report(3), NOW_MS + 150_000, live=True)
    assert fleet.unit(UNIT).no_fix is None


def test_a_unit_that_never_had_a_fix_counts_from_its_first_word() -> None:
    fleet = a_fleet()
    for seq in (0, 1):
        fleet.apply_report(UNIT, no_fix(seq), NOW_MS + seq * 30_000, live=True)
    unit = fleet.unit(UNIT)
    assert (unit.position, unit.no_fix) == (None, NoFix(1, 1, NOW_MS))


def test_where_a_unit_was_last_is_told_by_itself_if_nobody_else_knows() -> None:
    fleet = a_fleet()
    last_s = NOW_MS // 1000 - 3600
    fleet.apply_report(UNIT, no_fix(0, last_s), NOW_MS, live=True)
    position = fleet.unit(UNIT).position
    assert position is not None
    assert (position.lat_e7, position.fix_time_s, position.quality, position.live) == (-69_100_000, last_s, 0, False)


@given(st.permutations([report(0), no_fix(1, 7), report(2), no_fix(3, 9), no_fix(4, 9)]), st.randoms())
def test_having_no_fix_does_not_depend_on_the_order_of_arrival(reports: list[Report], rng: random.Random) -> None:
    fleet = a_fleet()
    for each in [*reports, rng.choice(reports)]:
        fleet.apply_report(UNIT, each, NOW_MS, live=True)
    unit = fleet.unit(UNIT)
    assert unit.no_fix == NoFix(1, 4, 9000)
    assert unit.position is not None
    assert (unit.position.seq, unit.position.quality) == (2, 1)


@given(st.permutations([(1, 0, True), (1, 1, False), (1, 2, True), (2, 0, True), (2, 1, False)]), st.randoms())
def test_the_latest_word_on_an_emergency_counts(told: list[tuple[int, int, bool]], rng: random.Random) -> None:
    fleet = a_fleet()
    for boot_id, seq, lasts in [*told, rng.choice(told)]:
        fleet.apply_distress(UNIT, Ack(boot_id, seq, 0, 0, EMERGENCY if lasts else EMERGENCY_OVER, 0), NOW_MS)
    distress = fleet.unit(UNIT).distress
    assert distress is not None
    assert (distress.boot_id, distress.seq, fleet.unit(UNIT).in_emergency) == (2, 1, False)


def test_an_emergency_begins_when_the_button_was_held_and_lasts_over_a_restart() -> None:
    fleet = a_fleet()
    assert fleet.apply_distress(UNIT, Ack(1, 0, 0, 0, EMERGENCY, NOW_MS // 1000 - 40), NOW_MS)
    assert not fleet.apply_distress(UNIT, Ack(1, 0, 0, 0, EMERGENCY, NOW_MS // 1000 - 40), NOW_MS + 1000)
    assert fleet.apply_distress(UNIT, Ack(2, 0, 0, 0, EMERGENCY, 0), NOW_MS + 90_000)
    assert fleet.unit(UNIT).distress == Distress(2, 0, True, NOW_MS - 40_000)
    assert fleet.apply_distress(UNIT, Ack(2, 1, 0, 0, EMERGENCY_OVER, 0), NOW_MS + 100_000)
    assert not fleet.unit(UNIT).in_emergency
    assert fleet.apply_distress(UNIT, Ack(2, 2, 0, 0, EMERGENCY, 0), NOW_MS + 200_000)
    assert fleet.unit(UNIT).distress == Distress(2, 2, True, NOW_MS + 200_000)


def test_a_silent_unit_becomes_stale_and_then_lost_and_is_named_each_time() -> None:
    fleet = a_fleet()
    fleet.apply_report(UNIT, report(0), NOW_MS, live=True)
    assert fleet.age(NOW_MS + 59_999) == []
    assert fleet.age(NOW_MS + 60_000) == [UNIT]
    assert fleet.unit(UNIT).link is LinkState.STALE
    assert fleet.age(NOW_MS + 61_000) == []
    assert fleet.age(NOW_MS + 300_000) == [UNIT]
    assert fleet.unit(UNIT).link is LinkState.LOST
    assert fleet.unit(UNIT).is_lost
    fleet.apply_report(UNIT, report(1), NOW_MS + 301_000, live=True)
    assert fleet.unit(UNIT).link is LinkState.FRESH


def test_the_last_will_makes_a_unit_lost_at_once() -> None:
    fleet = a_fleet()
    assert fleet.apply_link(UNIT, link(1, online=True), NOW_MS) is LinkEffect.ONLINE
    assert fleet.apply_link(UNIT, link(1, online=False), NOW_MS + 1) is LinkEffect.OFFLINE
    assert fleet.unit(UNIT).link is LinkState.LOST
    assert fleet.unit(UNIT).is_lost


def test_the_will_of_an_earlier_connection_changes_nothing() -> None:
    fleet = a_fleet()
    fleet.apply_link(UNIT, link(2, online=True), NOW_MS)
    assert fleet.apply_link(UNIT, link(1, online=False), NOW_MS + 1) is LinkEffect.IGNORED
    assert fleet.unit(UNIT).link is LinkState.FRESH


def test_a_beginning_that_arrives_behind_its_end_changes_nothing() -> None:
    fleet = a_fleet()
    fleet.apply_link(UNIT, link(3, online=False), NOW_MS)
    assert fleet.apply_link(UNIT, link(3, online=True), NOW_MS + 1) is LinkEffect.IGNORED
    assert fleet.unit(UNIT).link is LinkState.LOST


def test_a_repeated_retained_message_is_no_sign_of_life() -> None:
    fleet = a_fleet()
    fleet.apply_link(UNIT, link(1, online=True), NOW_MS)
    assert fleet.apply_link(UNIT, link(1, online=True), NOW_MS + 50_000) is LinkEffect.IGNORED
    assert fleet.age(NOW_MS + 60_000) == [UNIT]


@given(st.permutations([(b, c, o) for b in (1, 2) for c in (1, 2) for o in (True, False)]))
def test_links_end_the_same_in_any_order(messages: list[tuple[int, int, bool]]) -> None:
    fleet = a_fleet()
    for boot_id, connection, online in messages:
        fleet.apply_link(UNIT, link(connection, online, boot_id), NOW_MS)
    unit = fleet.unit(UNIT)
    assert (unit.boot_id, unit.connection, unit.online) == (2, 2, False)


def test_a_report_of_a_later_start_outweighs_the_will_of_before() -> None:
    fleet = a_fleet()
    fleet.apply_link(UNIT, link(4, online=False), NOW_MS)
    fleet.apply_report(UNIT, report(0, boot_id=2), NOW_MS + 1, live=True)
    assert fleet.unit(UNIT).link is LinkState.FRESH
    assert fleet.apply_link(UNIT, link(4, online=False), NOW_MS + 2) is LinkEffect.IGNORED
    assert fleet.apply_link(UNIT, link(1, online=True, boot_id=2), NOW_MS + 3) is LinkEffect.ONLINE


def test_reports_that_keep_coming_outweigh_a_will_that_came_too_late() -> None:
    fleet = a_fleet()
    fleet.apply_link(UNIT, link(1, online=False), NOW_MS)
    fleet.apply_report(UNIT, report(0), NOW_MS + LINK_SETTLES_MS - 1, live=True)
    assert fleet.unit(UNIT).link is LinkState.LOST  # may have been on its way when the connection ended
    fleet.apply_report(UNIT, report(1), NOW_MS + LINK_SETTLES_MS, live=True)
    assert fleet.unit(UNIT).link is LinkState.FRESH
    assert fleet.apply_link(UNIT, link(1, online=False), NOW_MS + LINK_SETTLES_MS + 1) is LinkEffect.IGNORED
    assert fleet.apply_link(UNIT, link(2, online=False), NOW_MS + LINK_SETTLES_MS + 2) is LinkEffect.OFFLINE


def test_duty_is_kept_and_its_change_is_told() -> None:
    fleet = a_fleet()
    assert fleet.set_duty(UNIT, Duty.OFF_DUTY)
    assert not fleet.set_duty(UNIT, Duty.OFF_DUTY)
    fleet.apply_report(UNIT, report(0), NOW_MS, live=True)
    assert fleet.unit(UNIT).duty is Duty.OFF_DUTY


def test_registering_again_begins_anew() -> None:
    """A new board counts its starts from the beginning; the old board's numbers must not hide it."""
    fleet = a_fleet()
    fleet.apply_report(UNIT, report(50, boot_id=9), NOW_MS, live=True)
    fleet.register(UNIT, "Elang 1b")
    assert fleet.apply_report(UNIT, report(0, boot_id=1), NOW_MS, live=True)
