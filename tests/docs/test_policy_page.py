"""docs/policy.md and the figures in docs/dispatch.md are those of the rules."""

import pytest

from sigap_server.dispatch.policy import Policy, policy_from_toml
from tests.docs import markdown, policy_page
from tests.support.tools import REPOSITORY

OFFER, TRUST, QUEUE = Policy().offer, Policy().trust, Policy().queue
CHOICE, WATCH = Policy().choice, Policy().watch
DISPATCH = " ".join((REPOSITORY / "docs" / "dispatch.md").read_text(encoding="utf-8").split())
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def word(number: float) -> str:
    return _NUMBERS[round(number)]


def minutes(seconds: float) -> str:
    return f"{seconds / 60:g} min"


def after(seconds: float) -> str:
    """As in the table of sectors and agencies."""
    if not seconds:
        return "at once"
    return minutes(seconds) if seconds < 3600 else f"{seconds / 3600:g} h"


def test_the_page() -> None:
    text = policy_page.PAGE.read_text(encoding="utf-8")
    assert text == policy_page.render(), "out of date; .venv/bin/python -m tests.docs.policy_page writes it anew"


def test_its_example_is_a_policy() -> None:
    (example,) = (block for language, block in markdown.blocks(policy_page.INTRODUCTION) if language == "toml")
    policy = policy_from_toml(example)
    assert (policy.offer.accept_deadline_s, policy.queue.hold_s[1], len(policy.choice.cover_points)) == (20, 60, 1)


@pytest.mark.parametrize(
    "words",
    [
        f"with {word(TRUST.false_min)} false alarms",
        f"after {TRUST.act_within_s[0]} s at P1 there is an alarm",
        f"Pressing {word(TRUST.presses_min)} times",
        f"within {QUEUE.duplicate_within_m} m and {word(QUEUE.duplicate_within_s / 60)} minutes",
        f"confirm receipt within {OFFER.receipt_deadline_s} s",
        f"its officer must accept within {OFFER.accept_deadline_s} s",
        f"After {word(OFFER.broadcast_after[0])} who did not take a P1 ({word(OFFER.broadcast_after[1])} of a P2)",
        f"all within {OFFER.broadcast_within_s // 60} minutes",
        f"{word(OFFER.broadcast_units)} at a time",
        f"in steps of {QUEUE.officer_moved_m} m",
        f"{QUEUE.hold_s[0]} s at P1, {minutes(QUEUE.hold_s[1])} at P2, {minutes(QUEUE.hold_s[2])} at P3, "
        f"{minutes(QUEUE.hold_s[3])} below",
        f"more than {word(CHOICE.eta_max_s / 3600)} hours away",
        f"| a unit of another sector | {' | '.join(map(after, CHOICE.cross_sector_after_s))} |",
        f"| a unit of another agency | {' | '.join(map(after, CHOICE.cross_agency_after_s))} |",
        f"within {word(CHOICE.tie_s)} seconds of each other",
        f"in the last {word(CHOICE.work_window_s / 3600)} hours",
        f"saves at least {word(CHOICE.preempt_saves_s / 60)} minutes",
        f"drove (≥ {CHOICE.moving_min_mps} m/s)",
        f"min(age, {CHOICE.stood_slack_s} s)",
        f"later than promised by {word(WATCH.slip_s / 60)} minutes, or by {word(WATCH.slip_share * 10)} tenths",
        f"within {WATCH.arrived_m} m of the place",
    ],
)
def test_what_the_page_for_people_says(words: str) -> None:
    assert words in DISPATCH


def test_what_it_says_in_words_alone() -> None:
    """Each sentence stands in docs/dispatch.md as long as the rule is what it says."""
    said = {
        "A position older than a minute is not used at all": CHOICE.max_fix_age_s == 60,
        "it has not moved a minute after it accepted": WATCH.turnout_s == 60,
        "a minute farther than it was, and a hundred metres": (WATCH.away_s, WATCH.away_m) == (60, 100),
        "it has not been heard of, or has told no position, for a minute": WATCH.lost_after_s == 60,
        "One car is asked at a time by default": set(OFFER.at_once) == {1},
        "Then nobody is sent without an operator for 20 s": not QUEUE.clear_before_arrival[0]
        and TRUST.act_within_s[0] == 20,
        "P1 may have a unit that is on its way to P4 or P5, and P2 one on its way to a drill": QUEUE.preempts
        == ((False, False, False, True, True), (False,) * 4 + (True,), *[(False,) * 5] * 3),
        "outranks everything but another one": QUEUE.officer_preempts == (False, True, True, True, True),
        "can be weighed, and is not by default": set(CHOICE.cover_extra_s) == {0},
        "| known, and proved right | a car goes | a car goes |": set(TRUST.high) == {"auto"},
        "| unknown | a car is asked at once, an operator checks meanwhile | a car goes |": TRUST.medium
        == ("auto_offer",) * 4 + ("auto",),
        "| was wrong before | an operator decides | a car goes |": TRUST.low == ("recommend",) * 4 + ("auto",),
    }
    assert [sentence for sentence, is_so in said.items() if not is_so or sentence not in DISPATCH] == []
