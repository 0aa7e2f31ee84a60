"""The reasons for a choice, as data and in words."""

from dataclasses import replace
from string import Formatter

import pytest
from hypothesis import given

from sigap_server.dispatch.choice import choose
from sigap_server.dispatch.events import About, Excluded
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import ChoiceRules, Policy
from sigap_server.dispatch.remarks import remarks_on
from sigap_server.dispatch.weighing import Weighed, Weighing
from sigap_server.dispatch.wording import LANGUAGES, sentence
from tests.server.weighing_world import NEED, NOW_MS, STRICT, a_unit, a_weighing, needs, policies, weighings


def said(*units: Weighed, need: Need = NEED, policy: Policy = STRICT, language: str = "en") -> str:
    return sentence(remarks_on(choose(need, a_weighing(*units), policy)), language)


def test_the_nearest_by_straight_line_is_told_why_it_is_not_the_first() -> None:
    units = [
        a_unit("unit-7", 192, line_m=1400),
        a_unit("unit-4", 366, line_m=1000),
        a_unit("unit-9", 200, line_m=2000),
        a_unit("unit-1", 50, held_id=3, held_priority=1, phase="assigned"),
        a_unit("unit-2", 500, unfit="off_duty"),
    ]
    assert said(*units) == (
        "unit-7, the first there of 3 available: 3.2 min by road; "
        "unit-4 is nearer by 400 m (straight line) but needs 6.1 min; "
        "unit-9 would need 3.3 min; unit-1 would need 50 s but is busy; 2 not considered: 1 busy, 1 off duty"
    )
    assert said(*units, language="id") == (
        "unit-7, yang pertama tiba dari 3 yang siap: 3,2 menit lewat jalan; "
        "unit-4 lebih dekat 400 m (garis lurus) tetapi perlu 6,1 menit; "
        "unit-9 perlu 3,3 menit; unit-1 perlu 50 detik tetapi sibuk; 2 tidak dipertimbangkan: 1 sibuk, 1 tidak bertugas"
    )


def test_the_nearest_is_found_among_all_not_among_the_first_few() -> None:
    units = [a_unit(f"u-{i:03}", 100 + i, line_m=3000) for i in range(100)] + [a_unit("x", 900, line_m=100)]
    assert "x is nearer by 2.9 km (straight line) but needs 15.0 min" in said(*units)


def test_the_nearest_may_have_no_way_there() -> None:
    assert said(a_unit("a", 60, line_m=900), a_unit("b", None, line_m=100, problem="no_way")) == (
        "a, the only one available: 60 s by road; b is nearer by 800 m (straight line) but without a way there; "
        "1 not considered: 1 without a way there"
    )


def test_a_few_metres_are_no_difference() -> None:
    assert "nearer" not in said(a_unit("a", 60, line_m=149), a_unit("b", 70, line_m=100))
    assert "nearer" in said(a_unit("a", 60, line_m=150), a_unit("b", 70, line_m=100))


def test_nobody_is_named_twice() -> None:
    assert said(a_unit("a", 60, line_m=900), a_unit("b", 89.9, line_m=100)) == (
        "a, the first there of 2 available: 60 s by road; b is nearer by 800 m (straight line) but needs 90 s"
    )


def test_the_only_one() -> None:
    assert said(a_unit("a", 90)) == "a, the only one available: 1.5 min by road"


def test_nobody() -> None:
    assert said() == "there are no units"
    assert said(a_unit("a", unfit="off_duty")) == "none of 1 units can be asked: 1 off duty"
    assert said(language="id") == "tidak ada unit"


def test_an_old_position_is_told() -> None:
    drove = {"age_ds": 200, "speed_cmps": 1400, "turn_ds": 150}
    assert said(a_unit("a", 100, **drove), a_unit("b", 300)) == (
        "a, the first there of 2 available: 1.7 min by road, 2.2 min at the latest; b would need 5.0 min"
    )
    assert said(a_unit("a", 130), a_unit("b", 100, **drove)) == (
        "a, the first there of 2 available: 2.2 min by road; "
        "b needed 1.7 min from where it was 20 s ago, 2.2 min if it drove away"
    )


def test_who_is_asked_again() -> None:
    need = replace(NEED, asked={"a": NOW_MS})
    assert said(a_unit("a", 60), need=need) == (
        "a, the only one available: 60 s by road; asked again as nobody else is left"
    )


def test_who_is_taken_from_what() -> None:
    taken = a_unit("a", 60, held_id=7, held_priority=5, phase="assigned")
    assert said(taken, a_unit("b", 300)) == (
        "a, the first there of 2 available: 60 s by road; taken from incident 7, as b would need 5.0 min"
    )
    assert said(taken) == "a, the only one available: 60 s by road; taken from incident 7, as nobody is free"


def test_fairness_is_told() -> None:
    units = [a_unit("a", 100, worked_s=600), a_unit("b", 105)]
    assert said(*units, policy=Policy()) == (
        "b, the first there of 2 available: 1.8 min by road; a would need 1.7 min but has worked more today"
    )


def test_cover_is_told() -> None:
    units = [a_unit("a", 100, cover_ppm=9), a_unit("b", 130)]
    policy = Policy(choice=ChoiceRules(cover_extra_s=(60,) * 5))
    assert "a would need 1.7 min but is needed more where it is" in said(*units, policy=policy)


def test_a_place_that_is_off_the_map_is_told() -> None:
    unit = a_unit("a", 60, method="straight_line", problem="place_off_map")
    assert said(unit) == (
        "a, the only one available: 60 s by straight line; no road that is known leads near the place"
    )


@given(needs(), weighings(), policies())
def test_what_is_said_is_true(need: Need, weighing: Weighing, policy: Policy) -> None:
    choice = choose(need, weighing, policy)
    remarks = remarks_on(choice)
    units = {unit.unit_id: unit for unit in weighing.units()}
    first = choice.first
    named = [remark.unit_id for remark in remarks if remark.unit_id]
    assert len(named) == len(set(named))
    for remark in remarks:
        if remark.about is About.NOBODY:
            assert first is None
            assert remark.count == len(units)
            continue
        assert first is not None
        if remark.about is About.FIRST:
            assert remark.unit_id == first.unit_id
        elif remark.about is About.NEARER:
            assert units[remark.unit_id].line_m + remark.distance_m == units[first.unit_id].line_m
            assert remark.reason or (remark.late_s or 0) >= (first.late_s or 0)
        elif remark.about is About.SOONER_BUT:
            assert (remark.eta_s or 0) < (first.eta_s or 0)
            assert remark.reason
        elif remark.about in (About.NEXT, About.MAY_BE_GONE):
            assert (remark.late_s or 0) >= (first.late_s or 0)
        elif remark.about in (About.COVER_SPARED, About.WORKED_MORE):
            assert (remark.late_s or 0) < (first.late_s or 0)
    assert all(sentence(remarks, language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    words, english = LANGUAGES[language], LANGUAGES["en"]
    assert set(words.remarks) == set(About)
    assert set(words.excluded) == set(Excluded)
    assert set(words.methods) == set(english.methods)
    for about, template in words.remarks.items():
        fields = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert fields == {name for _, name, _, _ in Formatter().parse(english.remarks[about]) if name}
