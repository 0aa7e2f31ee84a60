"""Which unit is the first there: a pure function of the need, the weighing and the policy.

First there wins, counted to when a unit is there at the latest. Everything else, fairness, cover of the city, a unit
that is busy with something less urgent, only decides within the bounds that the policy sets.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np

from sigap_server.dispatch.events import Candidate, Excluded
from sigap_server.dispatch.judgement import Judgement, Mask
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy, by_priority
from sigap_server.dispatch.state import DispatchState, Incident
from sigap_server.dispatch.weighing import UNKNOWN, Ints, Weighing
from sigap_server.eta import Eta, EtaMethod, Problem
from sigap_server.fleet import Duty, Fleet, LinkState, Unit

RANKED_MAX = 32  # candidates in order; the weighing has all units
EXCLUDED_MAX = 16
RECORDED_MAX = 16  # candidates in an event; a city's whole fleet in each would make every timeline megabytes
_DUTY = {Duty.OFF_DUTY: Excluded.OFF_DUTY, Duty.OUT_OF_SERVICE: Excluded.OUT_OF_SERVICE}
_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Choice:
    """All units for one incident.

    ranked            eligible units, whom to ask first; at most RANKED_MAX. Those with `takes_from` come first, at most
                      as many as are wanted: they must be ordered off another incident
    excluded          the nearest of the others by travel time; at most EXCLUDED_MAX
    nearest           the nearest by straight line of the eligible units and of those without a way there
    eligible_count    all eligible units
    excluded_counts   all others by Excluded value, the most frequent first
    asked_again       every eligible unit declined or did not answer before
    place_off_map     no road leads near the place: travel times are the straight line's

    Why the first of `ranked` is the first: `remarks.remarks_on`, in words `wording.sentence`.
    """

    incident_id: int
    ranked: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]
    nearest: Candidate | None
    eligible_count: int
    excluded_counts: dict[str, int]
    asked_again: bool
    place_off_map: bool

    @property
    def first(self) -> Candidate | None:
        """Whom to ask; None if nobody can be."""
        return self.ranked[0] if self.ranked else None


def choose(need: Need, weighing: Weighing, policy: Policy, taken: Collection[str] = ()) -> Choice:
    """The units for this incident, in the order in which to ask them.

    `taken`: unit_ids that go to other incidents by the same decision.
    """
    judged = Judgement(need, weighing, policy, taken)
    return put_in_order(judged, worth_taking(judged))


def put_in_order(judged: Judgement, chosen: Sequence[int]) -> Choice:
    """The choice that has these units first, then all others that are eligible."""
    numbers = judged.weighing.numbers
    takes = [i for i in chosen if judged.takes[i]]
    fits = judged.fits
    others = fits.copy()
    others[list(chosen)] = False
    ranked = [*chosen, *in_order(judged, np.flatnonzero(others), RANKED_MAX - len(chosen))]
    left = ~fits
    left[takes] = False
    nearest_left = np.flatnonzero(left)
    nearest_left = nearest_left[np.argsort(_unknown_last(numbers["eta_ds"][nearest_left]), kind="stable")]
    counts = Counter(judged.reasons())
    counts[Excluded.BUSY] -= len(takes)
    near = np.flatnonzero(fits | judged.is_excluded(Excluded.UNREACHABLE))
    nearest = [int(near[np.argmin(_unknown_last(numbers["line_m"][near]))])] if len(near) else []
    return Choice(
        incident_id=judged.need.incident_id,
        ranked=_candidates(judged, ranked, takes),
        excluded=_candidates(judged, nearest_left[:EXCLUDED_MAX].tolist()),
        nearest=next(iter(_candidates(judged, nearest)), None),
        eligible_count=int(fits.sum()) + len(takes),
        excluded_counts={reason.value: n for reason, n in sorted(counts.items(), key=lambda c: (-c[1], c[0])) if n},
        asked_again=judged.asked_again,
        place_off_map=bool(judged.weighing.has("problem", (Problem.PLACE_OFF_MAP,)).any()),
    )


def in_order(judged: Judgement, indices: Ints, most: int) -> list[int]:
    """The best of these units, the best first; each one is who would be chosen if those before it were not there.

    That is the first there or, of those within the band of equals that begins with it, the one to be preferred: whose
    leaving hurts the city's cover least (where that is asked for), who worked less today, was sent less often, is
    there first, has the lower unit_id.
    """
    rules, numbers, late_ds = judged.policy.choice, judged.weighing.numbers, judged.late_ds
    cover_extra_s = by_priority(rules.cover_extra_s, judged.need.priority)
    band_ds = round(max(cover_extra_s, rules.tie_s) * 10)

    def preference(i: int) -> tuple[int, ...]:
        cover_ppm = int(numbers["cover_ppm"][i]) if cover_extra_s else 0
        return cover_ppm, int(numbers["worked_s"][i]) // 60, int(numbers["orders"][i]), int(late_ds[i]), i

    if most < len(indices):
        # Whoever is chosen is an equal of somebody who is among the first `most`.
        reach_ds = np.partition(late_ds[indices], most - 1)[most - 1] + band_ds
        indices = indices[late_ds[indices] <= reach_ds]
    by_late = indices[np.argsort(late_ds[indices], kind="stable")].tolist()
    ordered: list[int] = []
    done: set[int] = set()
    equals: list[tuple[int, ...]] = []
    first = end = 0
    while len(ordered) < min(most, len(by_late)):
        while by_late[first] in done:
            first += 1
        limit_ds = late_ds[by_late[first]] + band_ds
        while end < len(by_late) and late_ds[by_late[end]] <= limit_ds:
            heappush(equals, preference(by_late[end]))
            end += 1
        ordered.append(heappop(equals)[-1])
        done.add(ordered[-1])
    return ordered


def worth_taking(judged: Judgement) -> list[int]:
    """Units to order off something less urgent: where nobody is free, or where that saves enough."""
    takes = judged.takes
    if judged.fits.any():
        takes = takes & saves_enough(judged, int(judged.late_ds[judged.fits].min()))
    return in_order(judged, np.flatnonzero(takes), judged.need.wanted)


def saves_enough(judged: Judgement, than_ds: int) -> Mask:
    """Which units are there so much sooner than this that another incident may lose them."""
    enough: Mask = judged.late_ds + round(judged.policy.choice.preempt_saves_s * 10) <= than_ds
    return enough


def _candidates(judged: Judgement, indices: Sequence[int], takes: Collection[int] = ()) -> tuple[Candidate, ...]:
    weighing, places = judged.weighing, np.array(indices, dtype=np.int64)

    def column(name: str) -> list[int]:
        numbers: list[int] = weighing.numbers[name][places].tolist()
        return numbers

    rows = zip(
        indices,
        _seconds(column("eta_ds")),
        _known(column("way_m")),
        _seconds(judged.early_ds[places].tolist()),
        _seconds(judged.late_ds[places].tolist()),
        _known(column("line_m")),
        _seconds(column("age_ds")),
        column("worked_s"),
        column("orders"),
        column("cover_ppm"),
        column("held_id"),
        strict=True,
    )
    return tuple(
        Candidate(
            unit_id=weighing.unit_ids[i],
            eta_s=eta_s,
            distance_m=way_m,
            method=weighing.word("method", i),
            excluded=None if i in takes else judged.reason(i),
            early_s=early_s,
            late_s=late_s,
            line_m=line_m,
            age_s=age_s,
            worked_s=worked_s,
            orders=orders,
            cover_ppm=cover_ppm,
            takes_from=held_id if i in takes else None,
        )
        for i, eta_s, way_m, early_s, late_s, line_m, age_s, worked_s, orders, cover_ppm, held_id in rows
    )


def _unknown_last(values: Ints) -> Ints:
    return np.where(values == UNKNOWN, _LAST, values)


def _known(values: Iterable[int]) -> list[int | None]:
    return [None if value == UNKNOWN else value for value in values]


def _seconds(values_ds: Iterable[int]) -> list[float | None]:
    return [None if value == UNKNOWN else value / 10 for value in values_ds]


class Survey:
    """The fleet as it is for one decision: who can be asked at all, and why the others cannot."""

    def __init__(self, state: DispatchState, fleet: Fleet, now_ms: int, policy: Policy) -> None:
        self.ready: dict[str, Unit] = {}
        self.excluded: dict[str, tuple[Unit, Excluded]] = {}
        oldest_ms = now_ms - round(policy.choice.max_fix_age_s * 1000)
        for unit in fleet.units():
            reason = _unfit(unit, unit.unit_id in state.by_unit, oldest_ms)
            if reason is None:
                self.ready[unit.unit_id] = unit
            else:
                self.excluded[unit.unit_id] = unit, reason

    def take(self, unit_id: str) -> None:
        """The unit has just got an order."""
        self.excluded[unit_id] = self.ready.pop(unit_id), Excluded.BUSY


@dataclass(frozen=True, slots=True)
class Ranking:
    """All units for one incident.

    eligible     by ETA and unit_id; the first is to be asked
    excluded     likewise, those without a position last
    asked_again  every eligible unit declined or did not answer before
    """

    eligible: list[Candidate]
    excluded: list[Candidate]
    asked_again: bool

    def excluded_counts(self) -> dict[str, int]:
        """Number of excluded units by reason, the most frequent first."""
        counts = Counter(candidate.excluded for candidate in self.excluded if candidate.excluded)
        return {reason.value: n for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}


def is_ready(unit: Unit, state: DispatchState, now_ms: int, policy: Policy) -> bool:
    """Whether this unit can be asked at all."""
    return _unfit(unit, unit.unit_id in state.by_unit, now_ms - round(policy.choice.max_fix_age_s * 1000)) is None


def may_ask(incident: Incident, survey: Survey, now_ms: int) -> bool:
    """Whether weighing the fleet can find anyone: cheap, for incidents that wait."""
    return any(incident.asked.get(unit_id, now_ms) <= now_ms for unit_id in survey.ready)


def rank(incident: Incident, survey: Survey, now_ms: int, eta: EtaMethod) -> Ranking:
    """Weigh every unit of the fleet for the incident."""
    units: list[tuple[Unit, Excluded | None]] = [(unit, None) for unit in survey.ready.values()]
    units += survey.excluded.values()
    placed = [(unit, reason, unit.position) for unit, reason in units if unit.position]
    etas = eta.eta(incident.facts.lat_e7, incident.facts.lon_e7, [position for _, _, position in placed])
    weighed = [_candidate(unit.unit_id, reason, found) for (unit, reason, _), found in zip(placed, etas, strict=True)]
    weighed += [Candidate(unit.unit_id, None, None, "", reason) for unit, reason in units if unit.position is None]
    weighed.sort(key=_by_eta)
    able = [candidate for candidate in weighed if candidate.excluded is None]
    eligible = [candidate for candidate in able if candidate.unit_id not in incident.asked]
    asked_again = False
    if not eligible:
        eligible = [candidate for candidate in able if incident.asked[candidate.unit_id] <= now_ms]
        asked_again = bool(eligible)
    chosen_from = {candidate.unit_id for candidate in eligible}
    return Ranking(
        eligible,
        [
            candidate if candidate.excluded else replace(candidate, excluded=Excluded.ALREADY_ASKED)
            for candidate in weighed
            if candidate.unit_id not in chosen_from
        ],
        asked_again,
    )


def candidates(
    incident: Incident, state: DispatchState, fleet: Fleet, now_ms: int, eta: EtaMethod, policy: Policy
) -> list[Candidate]:
    """All units: the eligible ones by ETA and unit_id, then the others by the same order with `excluded` set."""
    ranking = rank(incident, Survey(state, fleet, now_ms, policy), now_ms, eta)
    return ranking.eligible + ranking.excluded


def _unfit(unit: Unit, busy: bool, oldest_ms: int) -> Excluded | None:
    """Why this unit cannot be asked by anyone, the plainest reason first."""
    if unit.duty is not Duty.AVAILABLE:
        return _DUTY[unit.duty]
    if unit.in_emergency:
        return Excluded.EMERGENCY
    if busy:
        return Excluded.BUSY
    if unit.link is not LinkState.FRESH:
        return Excluded.LINK_LOST if unit.link is LinkState.LOST else Excluded.LINK_STALE
    if unit.position is None:
        return Excluded.NO_POSITION
    if unit.position.received_ms < oldest_ms or not unit.position.live:
        return Excluded.POSITION_OLD
    return None


def _candidate(unit_id: str, reason: Excluded | None, eta: Eta) -> Candidate:
    if eta.eta_s is None or eta.distance_m is None:
        return Candidate(unit_id, None, None, eta.method, reason or Excluded.UNREACHABLE)
    # Rounded before ranking, so that the record alone shows why the first is the first.
    return Candidate(unit_id, round(eta.eta_s, 1), round(eta.distance_m), eta.method, reason)


def _by_eta(candidate: Candidate) -> tuple[float, str]:
    return (float("inf") if candidate.eta_s is None else candidate.eta_s), candidate.unit_id
