"""Several incidents at once, against every way to share the units out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch.choice import Choice, choose
from sigap_server.dispatch.decision_record import pack, rechoose_jointly
from sigap_server.dispatch.events import Candidate, Excluded
from sigap_server.dispatch.joint import choose_jointly
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.remarks import remarks_on
from sigap_server.dispatch.weighing import Weighed, Weighing
from sigap_server.dispatch.wording import sentence
from tests.server.weighing_world import NEED, NOW_MS, STRICT, a_unit, a_weighing, needs, policies, weighed_units

UNITS = ("a", "b", "c", "d", "e")


def need(incident_id: int, priority: int = 1, wanted: int = 1) -> Need:
    return replace(NEED, incident_id=incident_id, priority=priority, wanted=wanted)


def times(**etas_s: float) -> Weighing:
    return a_weighing(*(a_unit(unit_id, eta_s) for unit_id, eta_s in etas_s.items()))


def firsts(choices: dict[int, Choice]) -> dict[int, str | None]:
    return {incident_id: choice.first and choice.first.unit_id for incident_id, choice in choices.items()}


def best_way(lates_ds: Sequence[dict[str, int]]) -> tuple[int, list[bool], int]:
    """(how many are left without a unit, who is, the sum of the others' arrival) of the best way to share units out."""

    def ways() -> Iterator[tuple[int, list[bool], int]]:
        seats = [*UNITS, *[None] * len(lates_ds)]
        for row in set(permutations(seats, len(lates_ds))):
            if all(unit is None or unit in late for unit, late in zip(row, lates_ds, strict=True)):
                sums = [late[unit] for unit, late in zip(row, lates_ds, strict=True) if unit is not None]
                yield row.count(None), [unit is None for unit in row], sum(sums)

    return min(ways())


def found_way(firsts: Sequence[Candidate | None]) -> tuple[int, list[bool], int]:
    lates = [round((first.late_s or 0) * 10) for first in firsts if first]
    return firsts.count(None), [first is None for first in firsts], sum(lates)


MATRICES = st.lists(st.lists(st.integers(0, 60), min_size=5, max_size=5), min_size=2, max_size=3)
BUSY = st.lists(st.booleans(), min_size=5, max_size=5)


class TestTheBestForAllTogether:
    def test_who_has_no_other_choice_gets_the_unit(self) -> None:
        choices = choose_jointly([need(1), need(2)], [times(a=100, b=110), times(a=120, b=900)], STRICT)
        assert firsts(choices) == {1: "b", 2: "a"}
        assert choices[1].excluded[0].excluded is Excluded.NEEDED_ELSEWHERE
        assert sentence(remarks_on(choices[1])) == (
            "b, the only one available: 1.8 min by road; a would need 1.7 min but is needed elsewhere; "
            "1 not considered: 1 needed elsewhere"
        )

    @given(MATRICES, BUSY)
    def test_no_other_way_is_better(self, etas_s: list[list[int]], busy: list[bool]) -> None:
        held = {"held_id": 99, "held_priority": 1, "phase": "assigned"}
        weighings = [
            a_weighing(*(a_unit(u, s, **held if b else {}) for u, s, b in zip(UNITS, row, busy, strict=True)))
            for row in etas_s
        ]
        choices = choose_jointly([need(k) for k in range(len(etas_s))], weighings, STRICT)
        found = [choices[k].first for k in range(len(etas_s))]
        free = [u for u, b in zip(UNITS, busy, strict=True) if not b]
        lates = [{u: row[UNITS.index(u)] * 10 for u in free} for row in etas_s]
        taken = [first.unit_id for first in found if first]
        assert len(taken) == len(set(taken))
        assert found_way(found) == best_way(lates)

    def test_of_equal_ways_who_worked_less_goes(self) -> None:
        tired = [a_weighing(a_unit("a", 60, worked_s=600), a_unit("b", 60, orders=1), a_unit("c", 60))] * 2
        assert sorted(str(first) for first in firsts(choose_jointly([need(1), need(2)], tired, STRICT)).values()) == [
            "b",
            "c",
        ]


class TestUrgency:
    @given(MATRICES, st.lists(st.integers(1, 3), min_size=3, max_size=3))
    def test_the_lesser_cost_the_urgent_nothing(self, etas_s: list[list[int]], priorities: list[int]) -> None:
        """What each priority gets is the best of what those above it have left."""
        weighings = [times(**dict(zip(UNITS, row, strict=True))) for row in etas_s]
        wanted = [need(k, priorities[k]) for k in range(len(etas_s))]
        choices = choose_jointly(wanted, weighings, STRICT)
        gone: set[str] = set()
        for priority in (1, 2, 3):
            group = [k for k in range(len(etas_s)) if priorities[k] == priority]
            lates = [
                {u: s * 10 for u, s in zip(UNITS, etas_s[k], strict=True) if u not in gone} for k in group
            ]  # fmt: skip
            found = [choices[k].first for k in group]
            assert found_way(found) == best_way(lates)
            gone |= {first.unit_id for first in found if first}

    def test_of_equals_the_oldest_is_served_however_near_the_unit_is_to_another(self) -> None:
        assert firsts(choose_jointly([need(2), need(1)], [times(a=10), times(a=900)], STRICT)) == {1: "a", 2: None}

    def test_an_officer_in_distress_comes_before_all(self) -> None:
        officer = replace(need(2), kind="officer")
        assert firsts(choose_jointly([need(1), officer], [times(a=10)] * 2, STRICT)) == {1: None, 2: "a"}

    def test_a_second_unit_only_when_every_equal_has_a_first(self) -> None:
        choices = choose_jointly(
            [need(1, wanted=2), need(2)], [times(a=10, b=20, c=90), times(a=50, b=60, c=70)], STRICT
        )
        assert [c.unit_id for c in choices[1].ranked] == ["a", "c"]
        assert [c.unit_id for c in choices[2].ranked] == ["b"]

    def test_but_before_a_lesser_one_has_any(self) -> None:
        choices = choose_jointly([need(1, priority=2), need(2, wanted=2)], [times(a=10, b=20)] * 2, STRICT)
        assert firsts(choices) == {1: None, 2: "a"}


class TestTaking:
    """Units on lesser incidents, when several incidents need one."""

    def busy(self, unit_id: str, eta_s: float) -> Weighed:
        return a_unit(unit_id, eta_s, held_id=9, held_priority=5, phase="en_route")

    def test_what_one_takes_leaves_the_free_unit_to_the_other(self) -> None:
        weighings = [
            a_weighing(self.busy("x", 10), a_unit("a", 200)),
            a_weighing(self.busy("x", 900), a_unit("a", 300)),
        ]
        choices = choose_jointly([need(1), need(2, priority=2)], weighings, STRICT)
        assert firsts(choices) == {1: "x", 2: "a"}
        assert (choices[1].ranked[0].takes_from, choices[2].ranked[0].takes_from) == (9, None)

    def test_nobody_is_taken_twice(self) -> None:
        weighings = [a_weighing(self.busy("x", 10), self.busy("y", 20))] * 3
        choices = choose_jointly([need(1), need(2), need(3)], weighings, STRICT)
        assert firsts(choices) == {1: "x", 2: "y", 3: None}


def test_who_declined_is_asked_again_when_the_others_have_gone_elsewhere() -> None:
    declined = replace(need(2), asked={"a": NOW_MS})
    choices = choose_jointly([need(1), declined], [times(a=90, b=10)] * 2, STRICT)
    assert firsts(choices) == {1: "a", 2: "b"}
    choices = choose_jointly([need(1), replace(declined, asked={"a": 0, "b": 0})], [times(a=90, b=10)] * 2, STRICT)
    assert firsts(choices) == {1: "b", 2: "a"}
    assert choices[2].asked_again


@given(needs(units=5), st.data(), policies())
def test_one_alone_gets_what_choose_says(wanted: Need, data: st.DataObject, policy: Policy) -> None:
    weighing = a_weighing(*(data.draw(weighed_units(f"u-{number:02}")) for number in range(5)))
    assert choose_jointly([wanted], [weighing], policy) == {1: choose(wanted, weighing, policy)}


@given(st.lists(needs(units=6), min_size=2, max_size=4), st.data(), policies())
def test_whatever_is_wanted(wanted: list[Need], data: st.DataObject, policy: Policy) -> None:
    """No unit goes to two incidents, nobody goes who may not, and what can be said can be said in words."""
    wanted = [replace(one, incident_id=k + 1) for k, one in enumerate(wanted)]
    units = [data.draw(weighed_units(f"u-{number:02}")) for number in range(6)]
    moved = [[replace(u, eta_ds=data.draw(st.integers(0, 900))) if u.eta_ds >= 0 else u for u in units] for _ in wanted]
    weighings = [a_weighing(*row) for row in moved]
    choices = choose_jointly(wanted, weighings, policy)
    assert list(choices) == [one.incident_id for one in wanted]
    assert choose_jointly(wanted, weighings, policy) == choices
    assert rechoose_jointly(map(pack, wanted, weighings), policy) == choices
    given_away = [c.unit_id for one in wanted for c in choices[one.incident_id].ranked[: one.wanted]]
    assert len(given_away) == len(set(given_away))
    for one, weighing in zip(wanted, weighings, strict=True):
        alone, together = choose(one, weighing, policy), choices[one.incident_id]
        able = {c.unit_id for c in alone.ranked} | set(one.asked)
        assert {c.unit_id for c in together.ranked if c.takes_from is None} <= able
        assert together.eligible_count + sum(together.excluded_counts.values()) == len(weighing)
        assert sentence(remarks_on(together))
    most_urgent = min(wanted, key=lambda one: (one.kind != "officer", one.priority, one.incident_id))
    alone = choose(most_urgent, weighings[most_urgent.incident_id - 1], policy)
    assert (choices[most_urgent.incident_id].first is None) is (alone.first is None)


def test_nothing_wanted() -> None:
    assert choose_jointly([], [], STRICT) == {}


def test_weighings_of_different_fleets_are_refused() -> None:
    with pytest.raises(ValueError, match="different fleets"):
        choose_jointly([need(1), need(2)], [times(a=1), times(b=1)], STRICT)
