"""Whether a unit that has accepted is on its way: a pure function of what its order says and how the car is seen now.

Nothing is remembered between two looks but what events keep: the warnings that last, and now and then how near the unit
has come (`Progress`). So a look at any moment, after a restart too, finds the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sigap_server.dispatch.choice import Choice
from sigap_server.dispatch.events import Candidate
from sigap_server.dispatch.incident import Progress
from sigap_server.dispatch.policy import Policy

# How near a unit has come is kept in steps: at least so much, and so large a share of what was left. A drive of half
# an hour is about fifteen events.
_STEP_S = 20
_STEP_SHARE = 0.2
# A car that is no further from the place may be off the map: in a yard, on a field.
_NEAR_M = 200


class Finding(StrEnum):
    """What is wrong with a unit on its way."""

    NOT_MOVING = "not_moving"
    MOVING_AWAY = "moving_away"
    ETA_SLIPPING = "eta_slipping"
    NO_WAY = "no_way"
    LINK_LOST = "link_lost"
    NO_POSITION = "no_position"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the order says.

    promised_s   travel time at the offer, None if it was not known
    accuracy_m   the error radius of the place, None if not known
    first        how near the unit was when it was looked at first, None before
    nearest      how near it has come
    warnings     that last
    has_arrived  by its position
    """

    offered_ms: int
    assigned_ms: int
    promised_s: float | None
    accuracy_m: int | None = None
    first: Progress | None = None
    nearest: Progress | None = None
    warnings: frozenset[Finding] = frozenset()
    has_arrived: bool = False

    def after(self, news: "News") -> "Watched":
        """With what a look found."""
        return replace(
            self,
            first=self.first or news.progress,
            nearest=news.progress or self.nearest,
            warnings=self.warnings - set(news.ended) | set(news.begun),
            has_arrived=self.has_arrived or news.has_arrived,
        )


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The unit as it is seen now.

    eta_s       travel time from its latest position, None without a way or a position
    distance_m  straight-line distance from there to the place, None without a position
    age_s       of that position, None without one or if it came as backlog
    silent_s    since it was last heard of; None if it was not since the server began, which says nothing
    is_lost     the fleet knows that the link is lost
    """

    now_ms: int
    eta_s: float | None
    distance_m: float | None
    age_s: float | None
    speed_mps: float
    silent_s: float | None
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told and kept; empty if nothing has changed.

    begun ended   warnings, in the order of Finding
    has_arrived   it stands at the place, for the first time
    progress      it came nearer
    """

    begun: tuple[Finding, ...] = ()
    ended: tuple[Finding, ...] = ()
    has_arrived: bool = False
    progress: Progress | None = None

    def __bool__(self) -> bool:
        return self != _NO_NEWS


_NO_NEWS = News()


def watch(watched: Watched, glimpse: Glimpse, policy: Policy) -> News:
    """Look at a unit that has accepted and has not said that it is on scene. After its arrival nothing is warned of."""
    if watched.has_arrived:
        return _NO_NEWS
    has_arrived = _has_arrived(watched, glimpse, policy)
    progress = _progress(watched, glimpse, policy)
    watched = watched.after(News(progress=progress))
    lasting = set() if has_arrived else set(_lasting(watched, glimpse, policy))
    return News(
        begun=tuple(finding for finding in Finding if finding in lasting - watched.warnings),
        ended=tuple(finding for finding in Finding if finding in watched.warnings - lasting),
        has_arrived=has_arrived,
        progress=progress,
    )


def better_unit(choice: Choice, present_late_s: float | None, policy: Policy) -> Candidate | None:
    """The unit to propose instead of one that is there in `present_late_s` at the latest, None being never.

    The choice is made without the present one. Who would have to be taken from another incident is not proposed.
    """
    free = next((unit for unit in choice.ranked if unit.takes_from is None), None)
    if free is None or free.late_s is None:
        return None
    if present_late_s is not None and free.late_s + policy.watch.better_by_s > present_late_s:
        return None
    return free


def _is_fresh(glimpse: Glimpse, policy: Policy) -> bool:
    return glimpse.age_s is not None and glimpse.age_s <= policy.watch.max_fix_age_s


def _has_arrived(watched: Watched, glimpse: Glimpse, policy: Policy) -> bool:
    if (
        glimpse.distance_m is None
        or not _is_fresh(glimpse, policy)
        or glimpse.speed_mps >= policy.choice.moving_min_mps
    ):
        return False
    radius_m = policy.watch.arrived_m + min(watched.accuracy_m or 0, policy.watch.accuracy_max_m)
    return glimpse.distance_m <= radius_m or (glimpse.eta_s is not None and glimpse.eta_s <= policy.watch.arrived_s)


def _progress(watched: Watched, glimpse: Glimpse, policy: Policy) -> Progress | None:
    if glimpse.eta_s is None or glimpse.distance_m is None or not _is_fresh(glimpse, policy):
        return None
    if watched.nearest is not None:
        left_s = watched.nearest.eta_s
        if glimpse.eta_s > left_s - max(_STEP_S, _STEP_SHARE * left_s):
            return None
    return Progress(glimpse.now_ms, round(glimpse.eta_s, 1), round(glimpse.distance_m, 1))


def _lasting(watched: Watched, glimpse: Glimpse, policy: Policy) -> Iterator[Finding]:
    """The warnings that hold now."""
    rules = policy.watch
    if glimpse.is_lost or _is_over(glimpse.silent_s or 0, Finding.LINK_LOST, watched, policy):
        yield Finding.LINK_LOST
    elif glimpse.age_s is None or _is_over(glimpse.age_s, Finding.NO_POSITION, watched, policy):
        yield Finding.NO_POSITION
    if not _is_fresh(glimpse, policy):
        yield from watched.warnings - {Finding.LINK_LOST, Finding.NO_POSITION}  # nobody knows
        return
    if glimpse.eta_s is None:
        if glimpse.distance_m is not None and glimpse.distance_m > _NEAR_M:
            yield Finding.NO_WAY
        return
    if _stands(watched, glimpse, glimpse.eta_s, policy):
        yield Finding.NOT_MOVING
    if _goes_away(watched, glimpse, glimpse.eta_s, policy):
        yield Finding.MOVING_AWAY
    if watched.promised_s is not None:
        late_s = (glimpse.now_ms - watched.offered_ms) / 1000 + glimpse.eta_s - watched.promised_s
        limit_s = max(rules.slip_s, rules.slip_share * watched.promised_s)
        if late_s > _eased(limit_s, Finding.ETA_SLIPPING in watched.warnings):
            yield Finding.ETA_SLIPPING


def _is_over(since_s: float, finding: Finding, watched: Watched, policy: Policy) -> bool:
    return since_s > (policy.watch.max_fix_age_s if finding in watched.warnings else policy.watch.lost_after_s)


def _stands(watched: Watched, glimpse: Glimpse, eta_s: float, policy: Policy) -> bool:
    """It is about as near as at first. Once warned of, it must have moved: its speed alone may be noise."""
    if watched.first is None or watched.nearest is None:
        return False
    if glimpse.now_ms - max(watched.assigned_ms, watched.first.time_ms) < policy.watch.turnout_s * 1000:
        return False
    if watched.nearest != watched.first or abs(eta_s - watched.first.eta_s) >= policy.watch.moved_s:
        return False
    return Finding.NOT_MOVING in watched.warnings or glimpse.speed_mps < policy.choice.moving_min_mps


def _goes_away(watched: Watched, glimpse: Glimpse, eta_s: float, policy: Policy) -> bool:
    """Further than it was, by time and by straight line: a position that snaps to the wrong side of the street changes
    the time alone."""
    if watched.nearest is None or glimpse.distance_m is None:
        return False
    rules, lasts = policy.watch, Finding.MOVING_AWAY in watched.warnings
    more_s, more_m = eta_s - watched.nearest.eta_s, glimpse.distance_m - watched.nearest.distance_m
    is_further = more_s > _eased(rules.away_s, lasts) and more_m > _eased(rules.away_m, lasts)
    return is_further or more_s > _eased(rules.away_far_s, lasts)


def _eased(limit: float, lasts: bool) -> float:
    return limit / 2 if lasts else limit
