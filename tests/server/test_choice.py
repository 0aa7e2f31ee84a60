"""Who is the right unit, from a weighing: the rules one by one, and all of them against a plain search."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch.choice import EXCLUDED_MAX, RANKED_MAX, Choice, choose
from sigap_server.dispatch.events import Excluded
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import ChoiceRules, Policy, QueueRules
from sigap_server.dispatch.weighing import Weighed, Weighing
from tests.server.weighing_world import (
    NEED,
    NOW_MS,
    STRICT,
    a_unit,
    a_weighing,
    choose_plainly,
    needs,
    policies,
    weighings,
)


def ranked(choice: Choice) -> list[str]:
    return [candidate.unit_id for candidate in choice.ranked]


def chosen_of(*units: Weighed, need: Need = NEED, policy: Policy = STRICT) -> list[str]:
    return ranked(choose(need, a_weighing(*units), policy))


def reason(unit: Weighed, need: Need = NEED, policy: Policy = STRICT) -> Excluded | None:
    """Why this unit alone is not chosen."""
    choice = choose(need, a_weighing(unit), policy)
    assert choice.excluded_counts == {candidate.excluded: 1 for candidate in choice.excluded}
    return choice.excluded[0].excluded if choice.excluded else None


@given(needs(), weighings(), policies())
def test_it_is_that_of_a_plain_search(need: Need, weighing: Weighing, policy: Policy) -> None:
    choice, plain = choose(need, weighing, policy), choose_plainly(need, weighing, policy)
    assert ranked(choice) == plain.ranked
    assert {candidate.unit_id: candidate.excluded for candidate in choice.excluded} == plain.excluded
    assert choice.asked_again is plain.asked_again
    assert [candidate.unit_id for candidate in choice.ranked if candidate.takes_from] == plain.takes
    assert choice.eligible_count == len(plain.ranked)
    assert sum(choice.excluded_counts.values()) == len(plain.excluded)
    assert all(candidate.excluded is None for candidate in choice.ranked)


class TestFirstThereWins:
    def test_by_travel_time_not_by_distance(self) -> None:
        assert chosen_of(a_unit("a", 300, line_m=100), a_unit("b", 200, line_m=900)) == ["b", "a"]

    def test_exact_ties_are_decided_by_unit_id(self) -> None:
        assert chosen_of(a_unit("c"), a_unit("a"), a_unit("b")) == ["a", "b", "c"]

    def test_what_is_said_of_each(self) -> None:
        unit = a_unit("a", 123.4, way_m=900, line_m=700, age_ds=55, speed_cmps=900, turn_ds=20, worked_s=60, orders=2)
        (found,) = choose(NEED, a_weighing(unit), STRICT).ranked
        assert (found.eta_s, found.early_s, found.late_s) == (123.4, 117.9, 130.9)
        assert (found.distance_m, found.line_m, found.age_s, found.method) == (900, 700, 5.5, "road")
        assert (found.worked_s, found.orders, found.takes_from) == (60, 2, None)

    def test_of_a_big_fleet_the_best_are_told_and_all_are_counted(self) -> None:
        units = [a_unit(f"u-{i:03}", 1000 - i) for i in range(200)]
        units += [a_unit(f"x-{i:03}", 2000 - i, unfit="off_duty") for i in range(100)]
        choice = choose(NEED, a_weighing(*units), STRICT)
        assert ranked(choice) == [f"u-{i:03}" for i in range(199, 199 - RANKED_MAX, -1)]
        assert [c.unit_id for c in choice.excluded] == [f"x-{i:03}" for i in range(99, 99 - EXCLUDED_MAX, -1)]
        assert (choice.eligible_count, choice.excluded_counts) == (200, {"off_duty": 100})

    def test_nobody(self) -> None:
        choice = choose(NEED, a_weighing(), STRICT)
        assert (choice.first, choice.nearest, choice.excluded_counts) == (None, None, {})


class TestStalePositions:
    """A position t s old is a travel time give or take t s; the later end counts."""

    def test_a_car_that_drove_may_have_driven_away_and_must_turn_round(self) -> None:
        unit = a_unit("a", 100, age_ds=300, speed_cmps=1400, turn_ds=200)
        (found,) = choose(NEED, a_weighing(unit), STRICT).ranked
        assert (found.early_s, found.eta_s, found.late_s) == (70, 100, 150)

    def test_turning_counts_for_no_more_than_the_time_in_which_it_may_have_left_the_way(self) -> None:
        unit = a_unit("a", 100, age_ds=10, speed_cmps=1400, turn_ds=200)
        (found,) = choose(NEED, a_weighing(unit), STRICT).ranked
        assert (found.early_s, found.late_s) == (99, 102)

    def test_a_car_that_stood_would_have_reported_that_it_drives(self) -> None:
        unit = a_unit("a", 100, age_ds=300, speed_cmps=199, turn_ds=200)
        (found,) = choose(NEED, a_weighing(unit), STRICT).ranked
        assert (found.early_s, found.late_s) == (90, 110)

    def test_nobody_is_there_before_now(self) -> None:
        unit = a_unit("a", 10, age_ds=300, speed_cmps=1400)
        assert choose(NEED, a_weighing(unit), STRICT).ranked[0].early_s == 0

    def test_who_is_surely_there_goes_before_who_may_be_gone(self) -> None:
        fresh, stale = a_unit("b", 130), a_unit("a", 100, age_ds=200, speed_cmps=1400, turn_ds=150)
        assert chosen_of(fresh, stale) == ["b", "a"]
        assert chosen_of(fresh, replace(stale, speed_cmps=0)) == ["a", "b"]

    def test_beyond_the_limit_it_is_no_candidate(self) -> None:
        assert reason(a_unit("a", age_ds=600)) is None
        assert reason(a_unit("a", age_ds=601)) is Excluded.POSITION_OLD


class TestWhoCannotGo:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({"unfit": "off_duty"}, Excluded.OFF_DUTY),
            ({"unfit": "off_duty", "held_id": 5, "held_priority": 1, "phase": "assigned"}, Excluded.OFF_DUTY),
            ({"unfit": "emergency", "held_id": 5, "held_priority": 1, "phase": "assigned"}, Excluded.EMERGENCY),
            ({"held_id": 5, "held_priority": 1, "phase": "offered"}, Excluded.BUSY),
            ({"unfit": "link_lost", "held_id": 5, "held_priority": 1, "phase": "assigned"}, Excluded.BUSY),
            ({"unfit": "link_stale", "age_ds": 900}, Excluded.LINK_STALE),
            ({"problem": "off_map", "eta_ds": -1}, Excluded.OFF_MAP),
            ({"problem": "no_way", "eta_ds": -1}, Excluded.UNREACHABLE),
            ({"eta_ds": 72_000}, None),
            ({"eta_ds": 72_001}, Excluded.TOO_FAR),
        ],
    )
    def test_for_anybody(self, facts: dict[str, object], expected: Excluded | None) -> None:
        assert reason(a_unit("a", **facts)) is expected  # type: ignore[arg-type]

    def test_for_this_incident(self) -> None:
        unit = a_unit("a", kind="motorcycle", skills="first_aid k9")
        assert reason(unit, replace(NEED, unit_kinds=frozenset({"car"}))) is Excluded.WRONG_KIND
        assert reason(unit, replace(NEED, unit_kinds=frozenset({"car", "motorcycle"}))) is None
        assert reason(unit, replace(NEED, skills=frozenset({"k9", "water"}))) is Excluded.LACKS_SKILL
        assert reason(unit, replace(NEED, skills=frozenset({"k9", "first_aid"}))) is None
        assert reason(unit, replace(NEED, not_units=frozenset({"a", "not in the fleet"}))) is Excluded.RULED_OUT

    def test_a_skill_is_a_word_of_its_own(self) -> None:
        assert reason(a_unit("a", skills="first_aid"), replace(NEED, skills=frozenset({"aid"}))) is Excluded.LACKS_SKILL

    @pytest.mark.parametrize(("priority", "after_s"), [(1, 0), (3, 120), (5, 600)])
    def test_another_sector_goes_when_the_incident_has_waited(self, priority: int, after_s: float) -> None:
        need = replace(NEED, priority=priority, sector="north", waited_s=after_s)
        for sector in ("", "north", "south"):
            assert reason(a_unit("a", sector=sector), need) is None
        if after_s:
            early = replace(need, waited_s=after_s - 0.1)
            assert reason(a_unit("a", sector="south"), early) is Excluded.OTHER_SECTOR
            assert reason(a_unit("a", sector=""), early) is None
            assert reason(a_unit("a", sector="south"), replace(early, sector="")) is None

    def test_another_agency_likewise(self) -> None:
        need = replace(NEED, priority=2, agency="polri", waited_s=59)
        assert reason(a_unit("a", agency="satpol_pp"), need) is Excluded.OTHER_AGENCY
        assert reason(a_unit("a", agency="satpol_pp"), replace(need, waited_s=60)) is None
        assert reason(a_unit("a", agency="satpol_pp"), replace(need, priority=1)) is None

    def test_who_goes_elsewhere_by_the_same_decision(self) -> None:
        choice = choose(NEED, a_weighing(a_unit("a", 1), a_unit("b", 2)), STRICT, taken={"a"})
        assert (ranked(choice), choice.excluded[0].excluded) == (["b"], Excluded.NEEDED_ELSEWHERE)


class TestAsked:
    def test_who_was_asked_is_asked_again_only_when_nobody_else_is_left(self) -> None:
        need = replace(NEED, asked={"a": NOW_MS})
        assert chosen_of(a_unit("a", 1), a_unit("b", 2), need=need) == ["b"]
        choice = choose(need, a_weighing(a_unit("a", 1), a_unit("b", 2, unfit="off_duty")), STRICT)
        assert (ranked(choice), choice.asked_again) == (["a"], True)

    def test_and_not_too_soon(self) -> None:
        choice = choose(replace(NEED, asked={"a": NOW_MS + 1}), a_weighing(a_unit("a")), STRICT)
        assert (ranked(choice), choice.asked_again) == ([], False)
        assert choice.excluded[0].excluded is Excluded.ALREADY_ASKED


class TestFairness:
    """Within the band of equals who worked less goes; outside it nothing but time counts."""

    POLICY = Policy(choice=ChoiceRules(tie_s=10))

    def test_within_the_band(self) -> None:
        tired, rested = a_unit("a", 100, worked_s=3600), a_unit("b", 110, worked_s=1800)
        assert chosen_of(tired, rested, policy=self.POLICY) == ["b", "a"]
        assert chosen_of(tired, replace(rested, eta_ds=1101), policy=self.POLICY) == ["a", "b"]

    def test_less_than_a_minute_is_no_difference_then_the_number_of_orders_counts(self) -> None:
        often, seldom = a_unit("a", 100, worked_s=61, orders=3), a_unit("b", 105, worked_s=119, orders=2)
        assert chosen_of(often, seldom, policy=self.POLICY) == ["b", "a"]

    def test_equally_tired_units_go_by_time(self) -> None:
        assert chosen_of(a_unit("b", 100), a_unit("a", 105), policy=self.POLICY) == ["b", "a"]

    def test_bands_do_not_chain(self) -> None:
        """c is an equal of b and b of a, but c is none of a: with a there, c is not the first."""
        units = [a_unit("a", 100, orders=2), a_unit("b", 108, orders=1), a_unit("c", 116)]
        assert chosen_of(*units, policy=self.POLICY) == ["b", "a", "c"]
        assert chosen_of(*units[1:], policy=self.POLICY) == ["c", "b"]


class TestPreemption:
    """P1 may take a unit that is on its way to P4 or P5, if that saves two minutes."""

    TAKEN = a_unit("taken", 60, held_id=7, held_priority=4, phase="en_route")

    def test_it_must_save_enough(self) -> None:
        choice = choose(NEED, a_weighing(self.TAKEN, a_unit("free", 180)), STRICT)
        assert [(c.unit_id, c.takes_from) for c in choice.ranked] == [("taken", 7), ("free", None)]
        assert (choice.eligible_count, choice.excluded_counts) == (2, {})
        choice = choose(NEED, a_weighing(self.TAKEN, a_unit("free", 179.9)), STRICT)
        assert [(c.unit_id, c.takes_from) for c in choice.ranked] == [("free", None)]
        assert choice.excluded_counts == {"busy": 1}

    def test_when_nobody_is_free_any_will_do(self) -> None:
        assert chosen_of(replace(self.TAKEN, eta_ds=60_000)) == ["taken"]

    def test_not_more_than_are_wanted(self) -> None:
        units = [self.TAKEN, replace(self.TAKEN, unit_id="taken-2", eta_ds=700), a_unit("free", 300)]
        assert chosen_of(*units) == ["taken", "free"]
        assert chosen_of(*units, need=replace(NEED, wanted=2)) == ["taken", "taken-2", "free"]

    @pytest.mark.parametrize(
        "changes",
        [{"phase": "on_scene"}, {"held_priority": 3}, {"unfit": "link_stale"}, {"age_ds": 700}, {"held_id": 1}],
    )
    def test_who_is_not_taken(self, changes: dict[str, object]) -> None:
        assert chosen_of(replace(self.TAKEN, **changes)) == []  # type: ignore[arg-type]

    def test_who_declined_is_not_taken(self) -> None:
        assert chosen_of(self.TAKEN, need=replace(NEED, asked={"taken": NOW_MS - 1})) == []

    def test_nor_who_is_ruled_out_or_needed_elsewhere(self) -> None:
        assert chosen_of(self.TAKEN, need=replace(NEED, not_units=frozenset({"taken"}))) == []
        assert choose(NEED, a_weighing(self.TAKEN), STRICT, taken=["taken"]).ranked == ()

    def test_the_matrix_says_from_whom(self) -> None:
        nobody = replace(STRICT, queue=QueueRules(preempts=((False,) * 5,) * 5))
        assert chosen_of(self.TAKEN, policy=nobody) == []
        assert chosen_of(self.TAKEN, need=replace(NEED, priority=2)) == []
        assert chosen_of(replace(self.TAKEN, held_priority=2), need=replace(NEED, kind="officer")) == ["taken"]


class TestCover:
    """Off by default; where it is asked for it costs this caller no more than the policy says."""

    POLICY = Policy(choice=ChoiceRules(cover_extra_s=(60, 60, 60, 60, 60)))

    def test_the_unit_that_is_missed_least_within_the_bound(self) -> None:
        units = [a_unit("a", 100, cover_ppm=30_000), a_unit("b", 160, cover_ppm=10_000), a_unit("c", 160.1)]
        assert chosen_of(*units, policy=self.POLICY)[0] == "b"
        assert chosen_of(*units, policy=Policy())[0] == "a"

    @given(weighings(), st.sampled_from([0, 15, 45, 90]))
    def test_the_caller_never_waits_longer_than_the_bound(self, weighing: Weighing, extra_s: float) -> None:
        policy = Policy(choice=ChoiceRules(tie_s=0, cover_extra_s=(extra_s,) * 5))
        first, first_there = choose(NEED, weighing, policy).first, choose(NEED, weighing, STRICT).first
        assert (first is None) is (first_there is None)
        if first and first_there and first.takes_from is None:
            assert first.late_s is not None
            assert first_there.late_s is not None
            assert first.late_s <= first_there.late_s + extra_s
