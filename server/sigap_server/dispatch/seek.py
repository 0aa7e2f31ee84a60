"""Whom to ask: every incident that needs a unit and may ask one, the most urgent first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from sigap_server.dispatch import events
from sigap_server.dispatch.choice import RECORDED_MAX, Choice, choose
from sigap_server.dispatch.ends import end_order, places
from sigap_server.dispatch.events import Candidate, Withdrawal
from sigap_server.dispatch.incident import Incident, Phase
from sigap_server.dispatch.joint import choose_jointly
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy, by_priority
from sigap_server.dispatch.refusals import Refusal, Refused
from sigap_server.dispatch.remarks import remarks_on
from sigap_server.dispatch.state import urgency
from sigap_server.dispatch.turn import Turn
from sigap_server.dispatch.weighing import Survey, Weighing, unfit, weigh_on
from sigap_server.dispatch.wording import sentence
from sigap_server.fleet import Duty, Unit

# Who lost a unit to a more urgent incident asks for another at once, and may take one in turn: five priorities.
_PASSES = 5
# So many incidents are weighed beside those for which there are free units: some may want another kind.
_MORE_THAN_FREE = 8


@dataclass(frozen=True, slots=True)
class _Case:
    """One incident's choice."""

    need: Need
    weighing: Weighing
    choice: Choice
    together: tuple[int, ...]


def offer_unfilled(turn: Turn) -> None:
    """Ask units for every incident that has fewer than it wants: one for each empty place first, decided on together,
    then more where the policy asks several at once."""
    for _ in range(_PASSES):
        took = False
        seekers = _seekers(turn, [one for one in _unfilled(turn) if not one.held and _empty(one)])
        while seekers:
            # Who waits behind as many more urgent ones as could be served is not weighed in vain.
            most = len(_can_be_asked(turn)[0]) + _MORE_THAN_FREE
            rest = [one.incident_id for one in seekers[most:]]
            took |= _seek(turn, seekers[:most])
            seekers = _seekers(turn, [one for one in map(turn.incident, rest) if _empty(one)])
        if not took:
            break
    for incident in _seekers(turn, [one for one in _unfilled(turn) if one.offers and _room(turn, one) > 0]):
        _ask_more(turn, incident)


def may_help(turn: Turn, unit_id: str) -> bool:
    """Whether this unit, which reports, is worth weighing the fleet at once; what it cannot know of, the tick finds."""
    if not turn.state.unfilled or unit_id not in turn.fleet or unit_id in turn.state.by_unit:
        return False
    unit = turn.fleet.unit(unit_id)
    return _is_fit(turn, unit) and any(_may_go(turn, unit, one) for one in _unfilled(turn))


def need_of(incident: Incident, now_ms: int) -> Need:
    """What the incident needs of the fleet now."""
    return Need(
        incident_id=incident.incident_id,
        priority=incident.priority,
        kind=incident.facts.kind,
        lat_e7=incident.facts.lat_e7,
        lon_e7=incident.facts.lon_e7,
        unit_kinds=incident.unit_kinds,
        skills=incident.skills,
        agency=incident.agency,
        sector=incident.sector,
        wanted=max(1, _empty(incident)),
        asked=incident.asked,
        not_units=incident.barred | {incident.officer} if incident.officer else incident.barred,
        waited_s=0.0 if incident.unowned_ms is None else (now_ms - incident.unowned_ms) / 1000,
    )


def why_not_ready(turn: Turn, incident: Incident, unit_id: str) -> Refused | None:
    """Why an operator cannot send this unit, or None. Whom the ranking would not choose may be sent all the same."""
    if unit_id not in turn.fleet:
        return Refused(Refusal.UNKNOWN_UNIT, f"there is no unit {unit_id}")
    unit = turn.fleet.unit(unit_id)
    held = turn.state.incident_of(unit_id)
    if held is not None:
        return Refused(Refusal.UNIT_BUSY, f"{unit_id} is on incident {held.incident_id}: recall it first")
    if unit.in_emergency or incident.officer == unit_id:
        return Refused(Refusal.UNIT_NOT_READY, f"{unit_id} is in an emergency of its own")
    if unit.duty is not Duty.AVAILABLE:
        return Refused(Refusal.UNIT_NOT_READY, f"{unit_id} is {unit.duty.value.replace('_', ' ')}")
    if unit.is_lost:
        return Refused(Refusal.UNIT_NOT_READY, f"{unit_id} is not connected")
    return None


def offer_to(turn: Turn, incident_id: int, unit_id: str, actor: str, reason: str, replaces: int | None = None) -> None:
    """Ask the unit that an operator names."""
    need = need_of(turn.incident(incident_id), turn.now_ms)
    weighing = weigh_on(need, Survey(turn.state, turn.fleet, turn.now_ms, turn.policy), turn.eta)
    choice = choose(need, weighing, turn.policy)
    known = [candidate for candidate in (*choice.ranked, *choice.excluded) if candidate.unit_id == unit_id]
    chosen = known[0] if known else Candidate(unit_id, None, None, "")
    _offer(turn, _Case(need, weighing, choice, ()), chosen, actor, reason, replaces)


def _unfilled(turn: Turn) -> list[Incident]:
    return [turn.incident(incident_id) for incident_id in turn.state.unfilled]


def _empty(incident: Incident) -> int:
    """Places for which nobody is asked."""
    return max(0, incident.missing - len(incident.offers))


def _room(turn: Turn, incident: Incident) -> int:
    """How many more units may be asked now."""
    return 0 if incident.held else places(incident, turn.policy) - len(incident.offers)


def _seekers(turn: Turn, incidents: Sequence[Incident]) -> list[Incident]:
    """Those for which weighing the fleet may find somebody, or must say why not, the most urgent first."""
    if any(incident.no_unit or incident.offers for incident in incidents):
        free, busy = _can_be_asked(turn)
        incidents = [one for one in incidents if not (one.no_unit or one.offers) or _somebody(turn, one, free, busy)]
    return sorted(incidents, key=urgency)


def _seek(turn: Turn, seekers: Sequence[Incident]) -> bool:
    """A unit for each empty place; True if that took one from another incident."""
    survey = Survey(turn.state, turn.fleet, turn.now_ms, turn.policy)
    needs = [need_of(incident, turn.now_ms) for incident in seekers]
    weighings = [weigh_on(need, survey, turn.eta) for need in needs]
    choices = choose_jointly(needs, weighings, turn.policy)
    together = tuple(need.incident_id for need in needs) if len(needs) > 1 else ()
    took = False
    for need, weighing in zip(needs, weighings, strict=True):
        case = _Case(need, weighing, choices[need.incident_id], together)
        _begin_broadcast(turn, turn.incident(need.incident_id), case.choice)
        for candidate in case.choice.ranked[: _empty(turn.incident(need.incident_id))]:
            took |= candidate.takes_from is not None
            _take(turn, candidate)
            _offer(turn, case, candidate)
        if not case.choice.ranked:
            _say_nobody(turn, case)
    return took


def _ask_more(turn: Turn, incident: Incident) -> None:
    """Several are asked at once: all within reach where nobody answered, else those who are there hardly later than
    the first. Nobody is taken from another incident for that."""
    rules = turn.policy.offer
    limit_s = rules.broadcast_within_s
    if not incident.broadcast:
        limit_s = rules.at_once_within_s + min(
            (order.eta_s for order in incident.offers if order.eta_s is not None), default=-inf
        )
    need = need_of(incident, turn.now_ms)
    weighing = weigh_on(need, Survey(turn.state, turn.fleet, turn.now_ms, turn.policy), turn.eta)
    case = _Case(need, weighing, choose(need, weighing, turn.policy), ())
    free = [one for one in case.choice.ranked if one.takes_from is None]
    for candidate in free[: _room(turn, incident)]:
        if candidate.late_s is not None and candidate.late_s <= limit_s:
            _offer(turn, case, candidate)


def _take(turn: Turn, candidate: Candidate) -> None:
    """Order the unit off what it is on, if it is on anything."""
    held = turn.state.open_order(candidate.unit_id)
    if held is not None:
        turn.add(end_order(held, Withdrawal.PREEMPTED, turn.now_ms))


def _say_nobody(turn: Turn, case: _Case) -> None:
    """Once, until somebody was asked."""
    if turn.incident(case.need.incident_id).no_unit:
        return
    remarks = remarks_on(case.choice)
    turn.chose(
        case.need,
        case.weighing,
        events.NoUnit(
            incident_id=case.need.incident_id,
            time_ms=turn.now_ms,
            why=sentence(remarks),
            excluded_counts=case.choice.excluded_counts,
            remarks=remarks,
            together=case.together,
        ),
    )


def _begin_broadcast(turn: Turn, incident: Incident, choice: Choice) -> None:
    after = by_priority(turn.policy.offer.broadcast_after, incident.priority)
    if not after or incident.broadcast or not choice.ranked:
        return
    if incident.tries >= after or choice.asked_again:
        why = "everybody was asked once" if choice.asked_again else f"{incident.tries} units did not take it"
        turn.add(events.Broadcast(incident_id=incident.incident_id, time_ms=turn.now_ms, why=why))


def _offer(
    turn: Turn,
    case: _Case,
    chosen: Candidate,
    actor: str = events.SYSTEM,
    override: str = "",
    replaces: int | None = None,
) -> None:
    choice, rules = case.choice, turn.policy.offer
    remarks = () if override else remarks_on(choice)
    accept_deadline_ms = turn.after_ms(rules.accept_deadline_s)
    turn.chose(
        case.need,
        case.weighing,
        events.Offered(
            incident_id=case.need.incident_id,
            time_ms=turn.now_ms,
            actor=actor,
            order_id=turn.state.next_order_id,
            unit_id=chosen.unit_id,
            eta_s=chosen.eta_s,
            distance_m=chosen.distance_m,
            eta_method=chosen.method,
            candidates=choice.ranked[:RECORDED_MAX],
            excluded=choice.excluded[:RECORDED_MAX],
            eligible_count=choice.eligible_count,
            excluded_counts=choice.excluded_counts,
            why=f"chosen by {actor.removeprefix('operator:')}: {override}" if override else sentence(remarks),
            receipt_deadline_ms=turn.after_ms(rules.receipt_deadline_s),
            accept_deadline_ms=accept_deadline_ms,
            expiry_time_s=-(-accept_deadline_ms // 1000),
            override=override,
            replaces=replaces,
            remarks=remarks,
            together=case.together,
        ),
    )


def _can_be_asked(turn: Turn) -> tuple[list[str], list[tuple[str, int]]]:
    """Units that are free, and those on the way to something with its priority, who might be taken: cheap, for
    incidents that wait."""
    free: list[str] = []
    busy: list[tuple[str, int]] = []
    for unit in turn.fleet.units():
        if _is_fit(turn, unit):
            order = turn.state.open_order(unit.unit_id)
            if order is None:
                free.append(unit.unit_id)
            elif order.phase is not Phase.ON_SCENE:
                busy.append((unit.unit_id, turn.incident(order.incident_id).priority))
    return free, busy


def _somebody(turn: Turn, incident: Incident, free: Iterable[str], busy: Iterable[tuple[str, int]]) -> bool:
    """Whether weighing the fleet can find anyone."""
    barred = incident.barred
    if any(incident.asked.get(unit_id, 0) <= turn.now_ms and unit_id not in barred for unit_id in free):
        return True
    takes = {of: _may_take(turn.policy, incident, of) for of in range(1, 6)}
    return any(takes[of] and unit_id not in incident.asked and unit_id not in barred for unit_id, of in busy)


def _may_take(policy: Policy, incident: Incident, of_priority: int) -> bool:
    return policy.queue.may_take(incident.facts.kind, incident.priority, of_priority)


def _may_go(turn: Turn, unit: Unit, incident: Incident) -> bool:
    """As far as can be seen without its travel time."""
    return (
        not incident.held
        and not incident.offers
        and incident.asked.get(unit.unit_id, 0) <= turn.now_ms
        and unit.unit_id not in incident.barred
        and (not incident.unit_kinds or unit.traits.kind in incident.unit_kinds)
        and incident.skills <= unit.traits.skills
    )


def _is_fit(turn: Turn, unit: Unit) -> bool:
    at = unit.position
    return (
        not unfit(unit) and at is not None and turn.now_ms - at.received_ms <= turn.policy.choice.max_fix_age_s * 1000
    )
