"""Which unit is the first there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigap_server.dispatch.events import Candidate, Excluded
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.state import DispatchState, Incident, Phase
from sigap_server.eta import Eta, EtaMethod
from sigap_server.fleet import Duty, Fleet, LinkState, Unit, UnitPosition

RECORDED_MAX = 16  # candidates in an event; a city's whole fleet in each would make every timeline megabytes
_DUTY = {Duty.OFF_DUTY: Excluded.OFF_DUTY, Duty.OUT_OF_SERVICE: Excluded.OUT_OF_SERVICE}


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
    etas = eta.eta(incident.alert.lat_e7, incident.alert.lon_e7, [position for _, _, position in placed])
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


def eta_now(incident: Incident, unit: Unit, eta: EtaMethod) -> Eta | None:
    """How long the incident's unit needs from its latest position: 0 s on scene, None without a position."""
    if unit.position is None:
        return None
    positions: Sequence[UnitPosition] = [unit.position]
    found = eta.eta(incident.alert.lat_e7, incident.alert.lon_e7, positions)[0]
    return replace(found, eta_s=0.0, distance_m=0.0) if incident.phase is Phase.ON_SCENE else found


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
