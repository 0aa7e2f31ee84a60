"""The rules that whoever runs Sigap may set: plain data, read from TOML and written back.

Where a rule differs by priority it is a list of five, for P1 to P5.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from math import inf
from typing import Any, TypeVar

import tomli_w

from sigap_server.errors import PolicyError
from sigap_server.plain import PlainError, from_plain, to_plain

URGENT, DRILL_PRIORITY = 1, 5
PRIORITIES_COUNT = 5
# The kind of incident that an officer's own emergency is; it outranks every other of the same priority.
OFFICER = "officer"
PRIORITIES = {"emergency": URGENT, "drill": DRILL_PRIORITY, OFFICER: URGENT}

T = TypeVar("T")


class Tier(StrEnum):
    """How far an alert is trusted. It never decides whether somebody is sent, only who says so."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Mode(StrEnum):
    """AUTO: offered at once. AUTO_OFFER: offered at once while an operator verifies. RECOMMEND: an operator sends."""

    AUTO = "auto"
    AUTO_OFFER = "auto_offer"
    RECOMMEND = "recommend"


def by_priority(values: tuple[T, ...], priority: int) -> T:
    """The value for a priority of 1 to 5 from one of the lists of five."""
    return values[priority - 1]


@dataclass(frozen=True, slots=True)
class OfferRules:
    """How units are asked.

    receipt_deadline_s       the unit must acknowledge an offer within this
    accept_deadline_s        its officer must accept within this; both count from the offer
    retry_after_s            who declined or did not answer is not asked again before, and only when nobody else is left
    at_once                  so many units are asked at a time for each that is wanted; the first to accept goes
    at_once_within_s         a second is asked at the same time only if it is there at most so much later than the first
    broadcast_after          after so many offers that nobody took, all within reach are asked at once; 0 is never
    broadcast_within_s       who would need longer is not asked by that
    broadcast_units          nor more than so many at a time
    """

    receipt_deadline_s: float = 5
    accept_deadline_s: float = 15
    retry_after_s: float = 30
    at_once: tuple[int, ...] = (1, 1, 1, 1, 1)
    at_once_within_s: float = 30
    broadcast_after: tuple[int, ...] = (3, 5, 0, 0, 0)
    broadcast_within_s: float = 1200
    broadcast_units: int = 10

    def __post_init__(self) -> None:
        _positive(self, "receipt_deadline_s", "accept_deadline_s", "retry_after_s", "broadcast_within_s")
        _positive(self, "broadcast_units")
        _not_negative(self, "at_once_within_s")
        _five(self, "at_once", range(1, 11))
        _five(self, "broadcast_after", range(101))


@dataclass(frozen=True, slots=True)
class TrustRules:
    """How far alerts are trusted, and what follows from it.

    low medium high     the mode by priority for each tier
    real_min            a caller with so many real alerts, and more real than false ones, is trusted highly
    false_min           a caller with so many false alerts, and more false than real ones, is trusted little
    presses_min         who pressed so often is trusted one tier more, as is a place that several callers report
    act_within_s        an operator who does not act on a recommendation within this gets an alarm
    goes_by_itself      and then it is sent without an operator
    """

    low: tuple[Mode, ...] = (Mode.RECOMMEND, Mode.RECOMMEND, Mode.RECOMMEND, Mode.RECOMMEND, Mode.AUTO)
    medium: tuple[Mode, ...] = (Mode.AUTO_OFFER, Mode.AUTO_OFFER, Mode.AUTO_OFFER, Mode.AUTO_OFFER, Mode.AUTO)
    high: tuple[Mode, ...] = (Mode.AUTO,) * 5
    real_min: int = 1
    false_min: int = 2
    presses_min: int = 3
    act_within_s: tuple[float, ...] = (20, 60, 180, 600, 600)
    goes_by_itself: tuple[bool, ...] = (True, True, False, False, False)

    def __post_init__(self) -> None:
        for name in ("low", "medium", "high"):
            _five(self, name, tuple(Mode))
        _positive(self, "real_min", "false_min", "presses_min")
        _five_positive(self, "act_within_s")
        _five(self, "goes_by_itself", (False, True))

    def mode(self, tier: Tier, priority: int) -> Mode:
        """What is done with an alert of this tier and priority."""
        modes = {Tier.LOW: self.low, Tier.MEDIUM: self.medium, Tier.HIGH: self.high}[tier]
        return by_priority(modes, priority)


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What waits, what belongs together, and who gives way.

    hold_s                    an incident that waits longer for a unit is an operator's alarm
    duplicate_within_m        an alert of the same kind so near to an open incident, or nearer than both locations are
                              known, …
    duplicate_within_s        … and so soon after its latest alert is the same case; 0 links nothing
    preempts                  by the priority of who needs a unit: may it be taken from an incident of P1 … P5?
    officer_preempts          the same for an officer's own emergency
    clear_before_arrival      an incident is over when its last unit is clear without having arrived; if not, it waits
                              for another unit and an operator
    officer_moved_m           an officer's emergency follows the car in steps of so much
    """

    hold_s: tuple[float, ...] = (30, 120, 300, 900, 900)
    duplicate_within_m: float = 100
    duplicate_within_s: float = 300
    preempts: tuple[tuple[bool, ...], ...] = (
        (False, False, False, True, True),
        (False, False, False, False, True),
        (False,) * 5,
        (False,) * 5,
        (False,) * 5,
    )
    officer_preempts: tuple[bool, ...] = (False, True, True, True, True)
    clear_before_arrival: tuple[bool, ...] = (False, True, True, True, True)
    officer_moved_m: float = 50

    def __post_init__(self) -> None:
        _five_positive(self, "hold_s")
        _not_negative(self, "duplicate_within_m", "duplicate_within_s")
        _positive(self, "officer_moved_m")
        if len(self.preempts) != PRIORITIES_COUNT or any(len(row) != PRIORITIES_COUNT for row in self.preempts):
            raise PolicyError(f"preempts is {self.preempts!r}, expected five lists of five")
        _five(self, "officer_preempts", (False, True))
        _five(self, "clear_before_arrival", (False, True))

    def may_take(self, kind: str, priority: int, of_priority: int) -> bool:
        """Whether an incident of this kind and priority may take a unit on its way to one of `of_priority`."""
        row = self.officer_preempts if kind == OFFICER else by_priority(self.preempts, priority)
        return by_priority(row, of_priority)


@dataclass(frozen=True, slots=True)
class CoverPoint:
    """A place from whose surroundings so many calls come, in any unit of time that all points share."""

    lat_e7: int
    lon_e7: int
    calls: float

    def __post_init__(self) -> None:
        _positive(self, "calls")
        for name, most in (("lat_e7", 900_000_000), ("lon_e7", 1_800_000_000)):
            if not -most <= getattr(self, name) <= most:
                raise PolicyError(f"{name} is {getattr(self, name)!r}, expected -{most} to {most}")


@dataclass(frozen=True, slots=True)
class ChoiceRules:
    """Who is the right unit: the one that is there first, counted from where it may be by now.

    max_fix_age_s         an older position is not used for a choice
    eta_max_s             who would need longer is no candidate
    moving_min_mps        a car that was seen slower than this stood; as slow as that, a receiver's speed is noise
    stood_slack_s         a connected car that stood is at most so far from where it was seen: it would have reported
    tie_s                 units that are there within so much of the first are equals: who worked less today goes
    work_window_s         how far back "today" reaches
    cross_sector_after_s  a unit of another sector may go when the incident has waited so long
    cross_agency_after_s  likewise a unit of another agency
    preempt_saves_s       a unit is taken from a lesser incident only if that saves so much over the first free one
    cover_extra_s         a unit that is there so much later than the first may go if the city is then covered better;
                          0 is never
    cover_points          where calls come from; without them the city's cover is not known
    cover_within_m        a unit covers a point that it is so near to, by straight line
    cover_busy_share      for how much of the time a unit is busy
    """

    max_fix_age_s: float = 60
    eta_max_s: float = 7200
    moving_min_mps: float = 2
    stood_slack_s: float = 10
    tie_s: float = 10
    work_window_s: float = 43_200
    cross_sector_after_s: tuple[float, ...] = (0, 0, 120, 300, 600)
    cross_agency_after_s: tuple[float, ...] = (0, 60, 300, 1200, 3600)
    preempt_saves_s: float = 120
    cover_extra_s: tuple[float, ...] = (0, 0, 0, 0, 0)
    cover_points: tuple[CoverPoint, ...] = ()
    cover_within_m: float = 2000
    cover_busy_share: float = 0.3

    def __post_init__(self) -> None:
        _positive(self, "max_fix_age_s", "eta_max_s", "work_window_s")
        _not_negative(self, "moving_min_mps", "stood_slack_s", "tie_s", "preempt_saves_s")
        _five_not_negative(self, "cross_sector_after_s")
        _five_not_negative(self, "cross_agency_after_s")
        _five_not_negative(self, "cover_extra_s")
        _positive(self, "cover_within_m")
        if not 0 < self.cover_busy_share < 1:
            raise PolicyError(f"cover_busy_share is {self.cover_busy_share!r}, expected more than 0 and less than 1")


@dataclass(frozen=True, slots=True)
class WatchRules:
    """Whether an assigned unit still is the right one. A warning ends at half of what began it, so that it does not
    come and go.

    turnout_s         a unit that still stands where it was so long after it accepted
    moved_s           its travel time must have changed by so much to have moved
    away_s away_m     a unit whose travel time has grown by so much, and its straight-line distance too
    away_far_s        or whose travel time alone has grown by so much
    slip_s            a unit that will be so much later than was promised …
    slip_share        … and by so large a share of the time that was promised
    lost_after_s      a unit on its way that was not heard of for so long, or is without a new position
    max_fix_age_s     of an older position nothing else is said
    arrived_m         a unit that is slow within so much of the place, and the radius in which the place is known to be
    accuracy_max_m    but no larger a radius than this
    arrived_s         or within so much of travel time
    better_by_s       another unit is proposed if it is there so much sooner
    """

    turnout_s: float = 60
    moved_s: float = 20
    away_s: float = 60
    away_m: float = 100
    away_far_s: float = 180
    slip_s: float = 120
    slip_share: float = 0.3
    lost_after_s: float = 60
    max_fix_age_s: float = 30
    arrived_m: float = 50
    accuracy_max_m: float = 150
    arrived_s: float = 5
    better_by_s: float = 60

    def __post_init__(self) -> None:
        _positive(self, "turnout_s", "moved_s", "away_s", "away_m", "away_far_s", "slip_s", "lost_after_s")
        _positive(self, "max_fix_age_s", "arrived_m", "better_by_s")
        _not_negative(self, "slip_share", "accuracy_max_m", "arrived_s")
        if self.max_fix_age_s > self.lost_after_s:
            raise PolicyError(
                f"max_fix_age_s is {self.max_fix_age_s!r}, expected no more than lost_after_s, {self.lost_after_s!r}"
            )


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules. A value that makes no sense raises PolicyError naming it."""

    offer: OfferRules = field(default_factory=OfferRules)
    trust: TrustRules = field(default_factory=TrustRules)
    queue: QueueRules = field(default_factory=QueueRules)
    choice: ChoiceRules = field(default_factory=ChoiceRules)
    watch: WatchRules = field(default_factory=WatchRules)


def policy_from_toml(text: str) -> Policy:
    """The policy of a TOML document with a table for each group of rules; what it does not name is as by default.

    Raises PolicyError naming what is unknown or makes no sense, and what was expected.
    """
    try:
        return from_plain(Policy, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy is no TOML: {error}") from error
    except PlainError as error:
        raise PolicyError(str(error)) from error


def policy_to_toml(policy: Policy) -> str:
    """The whole policy as `policy_from_toml` reads it."""
    return tomli_w.dumps(to_plain(policy))


def policy_hash(policy: Policy) -> str:
    """Names these rules: the SHA-256 of their TOML."""
    return sha256(policy_to_toml(policy).encode()).hexdigest()


def _positive(rules: object, *names: str) -> None:
    for name in names:
        if not 0 < getattr(rules, name) < inf:
            raise PolicyError(f"{name} is {getattr(rules, name)!r}, expected more than 0")


def _not_negative(rules: object, *names: str) -> None:
    for name in names:
        if not 0 <= getattr(rules, name) < inf:
            raise PolicyError(f"{name} is {getattr(rules, name)!r}, expected 0 or more")


def _five(rules: object, name: str, allowed: Iterable[Any]) -> None:
    values, allowed = getattr(rules, name), list(allowed)
    if len(values) != PRIORITIES_COUNT or any(value not in allowed for value in values):
        expected = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed[0], int) else ", ".join(allowed)
        raise PolicyError(f"{name} is {list(values)!r}, expected five values, for P1 to P5, of: {expected}")


def _five_positive(rules: object, name: str) -> None:
    values = getattr(rules, name)
    if len(values) != PRIORITIES_COUNT or not all(0 < value < inf for value in values):
        raise PolicyError(f"{name} is {list(values)!r}, expected five values more than 0, for P1 to P5")


def _five_not_negative(rules: object, name: str) -> None:
    values = getattr(rules, name)
    if len(values) != PRIORITIES_COUNT or not all(0 <= value < inf for value in values):
        raise PolicyError(f"{name} is {list(values)!r}, expected five values of 0 or more, for P1 to P5")
