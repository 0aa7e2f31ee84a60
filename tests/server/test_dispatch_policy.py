"""The policy as a file: what is read is what was written, and what makes no sense is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch.policy import (
    OFFICER,
    Mode,
    OfferRules,
    Policy,
    QueueRules,
    Tier,
    TrustRules,
    policy_from_toml,
    policy_to_toml,
)
from sigap_server.errors import PolicyError

seconds = st.floats(0.1, 10_000)
fives = lambda values: st.tuples(*[values] * 5)  # noqa: E731
POLICIES = st.builds(
    Policy,
    st.builds(
        OfferRules,
        receipt_deadline_s=seconds,
        at_once=fives(st.integers(1, 10)),
        broadcast_after=fives(st.integers(0, 100)),
        broadcast_units=st.integers(1, 99),
    ),
    st.builds(
        TrustRules, low=fives(st.sampled_from(Mode)), goes_by_itself=fives(st.booleans()), act_within_s=fives(seconds)
    ),
    st.builds(QueueRules, preempts=fives(fives(st.booleans())), hold_s=fives(seconds)),
)


@given(POLICIES)
def test_what_was_written_is_what_is_read(policy: Policy) -> None:
    assert policy_from_toml(policy_to_toml(policy)) == policy


def test_what_is_not_said_is_as_by_default() -> None:
    assert policy_from_toml("") == Policy()
    changed = policy_from_toml("[offer]\nat_once = [2, 1, 1, 1, 1]\naccept_deadline_s = 20")
    assert changed == Policy(OfferRules(at_once=(2, 1, 1, 1, 1), accept_deadline_s=20))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[offer", "the policy is no TOML"),
        ("[mood]\ngood = true", "mood is unknown, expected one of: offer, trust"),
        ("[offer]\nfavourite = 1", "offer.favourite is unknown, expected one of: receipt_deadline_s"),
        ("[offer]\nretry_after_s = 'soon'", "offer.retry_after_s is 'soon', expected a number"),
        ("[offer]\nretry_after_s = 0", "retry_after_s is 0.0, expected more than 0"),
        ("[offer]\nretry_after_s = nan", "offer.retry_after_s is nan, expected a number"),
        ("[offer]\nat_once_within_s = -1", "at_once_within_s is -1.0, expected 0 or more"),
        ("[offer]\nat_once = [1, 1]", r"at_once is \[1, 1\], expected five values, for P1 to P5, of: 1 to 10"),
        ("[offer]\nat_once = [0, 1, 1, 1, 1]", "at_once is .*, of: 1 to 10"),
        ("[offer]\nat_once = [1.5, 1, 1, 1, 1]", r"offer.at_once\[0\] is 1.5, expected int"),
        (
            "[trust]\nlow = ['auto', 'auto', 'auto', 'auto', 'later']",
            r"trust.low\[4\] is 'later', expected one of: auto",
        ),
        ("[trust]\nlow = ['auto']", "low is .*, expected five values, for P1 to P5, of: auto, auto_offer, recommend"),
        ("[trust]\ngoes_by_itself = [1, 1, 1, 1, 1]", r"trust.goes_by_itself\[0\] is 1, expected bool"),
        ("[trust]\nact_within_s = [1, 1, 1, 1, 0]", "act_within_s is .*, expected five values more than 0"),
        ("[queue]\npreempts = [[true]]", "preempts is .*, expected five lists of five"),
        ("[choice]\nmax_fix_age_s = -3", "max_fix_age_s is -3.0, expected more than 0"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        policy_from_toml(text)


@pytest.mark.parametrize("name", ["receipt_deadline_s", "accept_deadline_s", "retry_after_s", "broadcast_within_s"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_an_offer_has_an_end(name: str, value: Any) -> None:
    with pytest.raises(PolicyError, match=name):
        OfferRules(**{name: value})


def test_a_citizens_emergency_is_offered_at_once_by_default() -> None:
    rules = TrustRules()
    assert rules.mode(Tier.MEDIUM, 1) is Mode.AUTO_OFFER
    assert rules.mode(Tier.HIGH, 1) is Mode.AUTO
    assert rules.mode(Tier.LOW, 1) is Mode.RECOMMEND
    assert {rules.mode(tier, 5) for tier in Tier} == {Mode.AUTO}, "a drill needs no operator"


def test_by_default_only_what_can_wait_gives_way_and_an_officer_comes_before_all_but_emergencies() -> None:
    rules = QueueRules()
    taken = {(of, by) for of in range(1, 6) for by in range(1, 6) if rules.may_take("emergency", by, of)}
    assert taken == {(4, 1), (5, 1), (5, 2)}
    assert [of for of in range(1, 6) if rules.may_take(OFFICER, 1, of)] == [2, 3, 4, 5]
