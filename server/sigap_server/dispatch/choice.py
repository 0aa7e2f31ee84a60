"""Which unit is the first there: a pure function of the need, the weighing and the policy.

First there wins, counted to when a unit is there at the latest. Everything else, fairness, cover of the city, a unit
that is busy with something less urgent, only decides within the bounds that the policy sets.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from sigap_server.dispatch.events import Candidate, Excluded
from sigap_server.dispatch.judgement import Judgement, Mask
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy, by_priority
from sigap_server.dispatch.weighing import UNKNOWN, Ints, Weighing
from sigap_server.eta import Problem

RANKED_MAX = 32  # candidates in order; the weighing has all units
EXCLUDED_MAX = 16
RECORDED_MAX = 16  # candidates in an event; a city's whole fleet in each would make every timeline megabytes
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
