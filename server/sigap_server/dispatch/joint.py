"""Several incidents at once: who goes where, so that together they are reached soonest.

The most urgent first: what a lesser incident needs never makes one that outranks it wait longer, and nobody gets a
second unit while another of the same urgency has none. Among equals as many as can be get a unit, the oldest first
where there are too few, and then the sum of the arrival times is the least (the assignment problem; solved exactly by
scipy.optimize.linear_sum_assignment, after Crouse 2016, "On implementing 2D rectangular assignment algorithms").
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from scipy.optimize import linear_sum_assignment

from sigap_server.dispatch.choice import Choice, choose, in_order, put_in_order, saves_enough
from sigap_server.dispatch.judgement import Judgement, Mask
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import OFFICER, Policy
from sigap_server.dispatch.weighing import Weighing


def choose_jointly(needs: Sequence[Need], weighings: Sequence[Weighing], policy: Policy) -> dict[int, Choice]:
    """The choice for each incident, by incident_id; the first `wanted` of `ranked` go to no other one.

    The weighings are those of the needs, of one survey. One need alone gets what `choose` says. Raises ValueError if
    the weighings are of different fleets.
    """
    if any(weighing.unit_ids != weighings[0].unit_ids for weighing in weighings):
        raise ValueError("the weighings are of different fleets, expected those of one survey")
    if len(needs) == 1:
        return {needs[0].incident_id: choose(needs[0], weighings[0], policy)}
    sharing = _Sharing(needs, weighings, policy)
    for _, equals in groupby(
        sorted(range(len(needs)), key=lambda k: _urgency(needs[k])), lambda k: _urgency(needs[k])[:2]
    ):
        sharing.serve(list(equals))
    return {need.incident_id: sharing.choice(k) for k, need in enumerate(needs)}


def _urgency(need: Need) -> tuple[bool, int, int]:
    return need.kind != OFFICER, need.priority, need.incident_id


class _Sharing:
    """Who got whom so far. Needs are named by their place in the list, units by theirs in the weighings."""

    def __init__(self, needs: Sequence[Need], weighings: Sequence[Weighing], policy: Policy) -> None:
        self._needs, self._weighings, self._policy = needs, weighings, policy
        self._judged = [Judgement(need, weighing, policy) for need, weighing in zip(needs, weighings, strict=True)]
        self._chosen: list[list[int]] = [[] for _ in needs]

    def serve(self, equals: Sequence[int]) -> None:
        """Needs of one urgency: a first unit for each, then a second one for those that want it …"""
        for nth in range(max(self._needs[k].wanted for k in equals)):
            self._share([k for k in equals if self._needs[k].wanted > nth == len(self._chosen[k])])

    def choice(self, k: int) -> Choice:
        """What one need gets, with all that is left to it."""
        return put_in_order(self._judge(k), self._chosen[k])

    def _share(self, wanting: list[int]) -> None:
        while wanting:
            pairs = self._pairs(wanting)
            found = next((k for k in wanting if self._take(k, pairs.get(k))), None)
            if found is None:
                break
            wanting = [k for k in wanting if k != found]  # the unit that it would have had is free for the others
        else:
            return
        for k, unit in pairs.items():
            self._chosen[k].append(unit)
        for k in wanting:
            if k not in pairs:
                # Who declined is asked again where all others have gone to somebody else.
                judged = self._judge(k)
                fits = judged.fits
                fits[self._chosen[k]] = False
                self._chosen[k] += in_order(judged, np.flatnonzero(fits), 1)

    def _take(self, k: int, unit: int | None) -> bool:
        """Order a unit off something less urgent, if that is worth it compared with the free one."""
        judged = self._judged[k]
        takes = judged.takes.copy()
        takes[list(self._given())] = False
        if unit is not None:
            takes &= saves_enough(judged, int(judged.late_ds[unit]))
        taken = in_order(judged, np.flatnonzero(takes), 1)
        self._chosen[k] += taken
        return bool(taken)

    def _pairs(self, wanting: Sequence[int]) -> dict[int, int]:
        """need → unit: what `choose` says where nobody competes, else the best for all together."""
        fits = [self._judged[k].fits for k in wanting]
        for free in fits:
            free[list(self._given())] = False
        firsts = {k: in_order(self._judged[k], np.flatnonzero(free), 1) for k, free in zip(wanting, fits, strict=True)}
        pairs = {k: first[0] for k, first in firsts.items() if first}
        if len(set(pairs.values())) == len(pairs):
            return pairs
        return self._assign([k for k in wanting if k in pairs], [free for free in fits if free.any()])

    def _assign(self, wanting: Sequence[int], fits: Sequence[Mask]) -> dict[int, int]:
        """Whole numbers that a float64 holds exactly: arrival first, then who worked less, then the unit_id."""
        numbers = self._weighings[0].numbers
        units = len(self._weighings[0])
        rested = np.empty(units, dtype=np.int64)
        rested[np.lexsort((np.arange(units), numbers["orders"], numbers["worked_s"] // 60))] = np.arange(units)
        late_ds = np.stack([self._judged[k].late_ds for k in wanting])
        cost = (late_ds * (units * len(wanting)) + rested).astype(np.float64)
        able = np.stack(fits)
        # Leaving one without a unit costs more than all ways together, and leaving an older one more than a younger.
        without = (cost[able].max() + 1) * len(wanting) * np.arange(2 * len(wanting), len(wanting), -1)
        nobody = np.tile(without[:, None], len(wanting))
        rows, columns = linear_sum_assignment(np.hstack([np.where(able, cost, np.inf), nobody]))
        assigned = zip(rows.tolist(), columns.tolist(), strict=True)
        return {wanting[row]: unit for row, unit in assigned if unit < units}

    def _judge(self, k: int) -> Judgement:
        """With what others have got excluded."""
        given = self._given(but=k)
        if not given:
            return self._judged[k]
        unit_ids = self._weighings[k].unit_ids
        return Judgement(self._needs[k], self._weighings[k], self._policy, [unit_ids[unit] for unit in given])

    def _given(self, but: int | None = None) -> set[int]:
        others: Iterable[list[int]] = (units for k, units in enumerate(self._chosen) if k != but)
        return {unit for units in others for unit in units}
