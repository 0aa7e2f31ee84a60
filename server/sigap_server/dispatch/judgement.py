"""The policy applied to a weighing: when each unit is there at the latest, and who cannot go why."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from sigap_server.dispatch.events import Excluded
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import ChoiceRules, Policy, by_priority
from sigap_server.dispatch.state import Phase
from sigap_server.dispatch.weighing import UNKNOWN, Ints, Weighing
from sigap_server.eta import Problem

Mask = NDArray[np.bool_]

# What is more urgent may take a unit from what is less so, but not once it is on scene.
_TAKEABLE = (Phase.OFFERED, Phase.ASSIGNED, Phase.EN_ROUTE)
# Said rather than that the unit is busy.
_PLAINER_THAN_BUSY = (Excluded.OFF_DUTY, Excluded.OUT_OF_SERVICE, Excluded.EMERGENCY)
_FITS = 0
_CODES: dict[str, int] = {reason: code for code, reason in enumerate(Excluded, start=1)}
_REASONS: tuple[Excluded | None, ...] = (None, *Excluded)


def arrival_range_ds(weighing: Weighing, rules: ChoiceRules) -> tuple[Ints, Ints]:
    """(there at the earliest, at the latest) for each unit, in tenths of a second from now; UNKNOWN without a way.

    A car that was driving when it was seen t s ago is up to t s nearer, or drove away: then it has t s more to drive
    and must turn round. That it has left the way by now grows likelier with t, so turning counts for at most t.
    A car that stood and is connected has hardly moved, or it would have reported.
    """
    numbers = weighing.numbers
    eta_ds, age_ds = numbers["eta_ds"], numbers["age_ds"]
    known = (eta_ds != UNKNOWN) & (age_ds != UNKNOWN)
    moving = numbers["speed_cmps"] >= rules.moving_min_mps * 100
    slack_ds = np.where(moving, age_ds, np.minimum(age_ds, round(rules.stood_slack_s * 10)))
    turn_ds = np.where(moving, np.clip(numbers["turn_ds"], 0, np.maximum(age_ds, 0)), 0)
    early_ds = np.where(known, np.maximum(0, eta_ds - slack_ds), UNKNOWN)
    return early_ds, np.where(known, eta_ds + slack_ds + turn_ds, UNKNOWN)


class Judgement:
    """One need's view of its weighing.

    early_ds late_ds   as `arrival_range_ds`
    takes              units that are eligible but for being on something less urgent
    asked_again        everybody who is eligible declined or did not answer before
    """

    def __init__(self, need: Need, weighing: Weighing, policy: Policy, taken: Collection[str] = ()) -> None:
        self.need, self.weighing, self.policy = need, weighing, policy
        self.early_ds, self.late_ds = arrival_range_ds(weighing, policy.choice)
        self._reason = np.zeros(len(weighing), dtype=np.int64)
        self._exclude_the_unfit()
        self._say(Excluded.RULED_OUT, self._named(need.not_units))
        self._say(Excluded.NEEDED_ELSEWHERE, self._named(taken))
        self.takes = self._takeable()
        self._say(Excluded.BUSY, weighing.numbers["held_id"] > 0)
        self._say_unfit(_PLAINER_THAN_BUSY)
        self.asked_again = self._exclude_asked()

    @property
    def fits(self) -> Mask:
        """Who is eligible."""
        fits: Mask = self._reason == _FITS
        return fits

    def reason(self, i: int) -> Excluded | None:
        """Why this unit is not eligible, None if it is."""
        return _REASONS[int(self._reason[i])]

    def is_excluded(self, reason: Excluded) -> Mask:
        """Who is not eligible for this reason."""
        where: Mask = self._reason == _CODES[reason]
        return where

    def reasons(self) -> list[Excluded]:
        """Every excluded unit's reason."""
        return [reason for reason in map(_REASONS.__getitem__, self._reason.tolist()) if reason]

    def _exclude_the_unfit(self) -> None:
        """From the least telling reason to the plainest: what is said later stands."""
        need, weighing, rules = self.need, self.weighing, self.policy.choice
        self._say(Excluded.TOO_FAR, self.late_ds > rules.eta_max_s * 10)
        self._say(Excluded.UNREACHABLE, weighing.numbers["eta_ds"] == UNKNOWN)
        self._say(Excluded.OFF_MAP, weighing.has("problem", (Problem.OFF_MAP,)))
        if need.sector and need.waited_s < by_priority(rules.cross_sector_after_s, need.priority):
            self._say(Excluded.OTHER_SECTOR, ~weighing.has("sector", ("", need.sector)))
        if need.agency and need.waited_s < by_priority(rules.cross_agency_after_s, need.priority):
            self._say(Excluded.OTHER_AGENCY, ~weighing.has("agency", ("", need.agency)))
        if need.skills:
            able = [skills for skills in weighing.tables["skills"] if need.skills.issubset(skills.split())]
            self._say(Excluded.LACKS_SKILL, ~weighing.has("skills", able))
        if need.unit_kinds:
            self._say(Excluded.WRONG_KIND, ~weighing.has("kind", need.unit_kinds))
        self._say(Excluded.POSITION_OLD, weighing.numbers["age_ds"] > rules.max_fix_age_s * 10)
        self._say_unfit(filter(None, weighing.tables["unfit"]))

    def _say_unfit(self, words: Iterable[str]) -> None:
        for word in words:
            self._say(Excluded(word), self.weighing.has("unfit", (word,)))

    def _takeable(self) -> Mask:
        need, weighing = self.need, self.weighing
        lesser = [
            priority
            for priority in set(weighing.numbers["held_priority"].tolist())
            if priority and self.policy.queue.may_take(need.kind, need.priority, priority)
        ]
        takeable: Mask = (
            self.fits
            & ~self._named(need.asked)
            & weighing.has("phase", _TAKEABLE)
            & np.isin(weighing.numbers["held_priority"], lesser)
            & (weighing.numbers["held_id"] != need.incident_id)
        )
        return takeable

    def _exclude_asked(self) -> bool:
        asked = self._named(self.need.asked) & self.fits
        if not asked.any():
            return False
        if (self.fits & ~asked).any():
            self._say(Excluded.ALREADY_ASKED, asked)
            return False
        again = [unit_id for unit_id, again_ms in self.need.asked.items() if again_ms <= self.weighing.time_ms]
        self._say(Excluded.ALREADY_ASKED, asked & ~self._named(again))
        return bool(self.fits.any())

    def _say(self, reason: Excluded, where: Mask) -> None:
        self._reason[where] = _CODES[reason]

    def _named(self, unit_ids: Iterable[str]) -> Mask:
        named = np.zeros(len(self.weighing), dtype=bool)
        named[[i for i in map(self.weighing.index, unit_ids) if i is not None]] = True
        return named
