"""Whom to ask: every incident that needs a unit and may ask one, the most urgent first."""

from collections.abc import Iterator

from sigap_server.dispatch import events
from sigap_server.dispatch.choice import RECORDED_MAX, Ranking, Survey, is_ready, rank
from sigap_server.dispatch.ends import end_order, places
from sigap_server.dispatch.events import Candidate, Withdrawal
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import by_priority
from sigap_server.dispatch.refusals import Refusal, Refused
from sigap_server.dispatch.state import urgency
from sigap_server.dispatch.turn import Turn
from sigap_server.dispatch.wording import why_chosen, why_nobody
from sigap_server.fleet import Duty

_PASSES = 5


def offer_unfilled(turn: Turn) -> None:
    """Ask units for every incident that has fewer than it wants. Who lost a unit to another may ask again at once."""
    for _ in range(_PASSES):
        seekers = sorted((incident for incident in _unfilled(turn) if _room(turn, incident) > 0), key=urgency)
        if not seekers:
            return
        survey = Survey(turn.state, turn.fleet, turn.now_ms, turn.policy)
        took = [_seek(turn, incident.incident_id, survey) for incident in seekers]
        if not any(took):
            return


def can_serve(turn: Turn, unit_id: str) -> bool:
    """Whether this unit can be asked for anything now."""
    return unit_id in turn.fleet and is_ready(turn.fleet.unit(unit_id), turn.state, turn.now_ms, turn.policy)


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
        wanted=max(1, incident.missing),
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
    incident = turn.incident(incident_id)
    survey = Survey(turn.state, turn.fleet, turn.now_ms, turn.policy)
    ranking = rank(incident, survey, turn.now_ms, turn.eta)
    known = [candidate for candidate in (*ranking.eligible, *ranking.excluded) if candidate.unit_id == unit_id]
    chosen = known[0] if known else Candidate(unit_id, None, None, "")
    _offer(
        turn,
        incident,
        chosen,
        ranking,
        f"chosen by {actor.removeprefix('operator:')}: {reason}",
        actor,
        reason,
        replaces,
    )


def _unfilled(turn: Turn) -> Iterator[Incident]:
    for incident_id in turn.state.unfilled:
        yield turn.state.incidents[incident_id]


def _room(turn: Turn, incident: Incident) -> int:
    """How many more units may be asked now."""
    return 0 if incident.held else places(incident, turn.policy) - len(incident.offers)


def _seek(turn: Turn, incident_id: int, survey: Survey) -> bool:
    """Ask for one incident; True if that took a unit from another."""
    incident = turn.incident(incident_id)
    if incident.no_unit and not _somebody(turn, incident, survey):
        return False
    ranking = rank(incident, survey, turn.now_ms, turn.eta)
    _begin_broadcast(turn, incident, ranking)
    incident = turn.incident(incident_id)
    took = False
    for candidate in _picked(turn, incident, ranking.eligible):
        took |= _take(turn, candidate.unit_id)
        _offer(turn, incident, candidate, ranking, why_chosen(ranking, turn.eta))
        survey.take(candidate.unit_id)
    if not ranking.eligible and not incident.no_unit:
        counts = ranking.excluded_counts()
        turn.add(
            events.NoUnit(incident_id=incident_id, time_ms=turn.now_ms, why=why_nobody(counts), excluded_counts=counts)
        )
    return took


def _somebody(turn: Turn, incident: Incident, survey: Survey) -> bool:
    """Whether weighing the fleet can find anyone: cheap, for incidents that wait."""
    return any(
        incident.asked.get(unit_id, turn.now_ms) <= turn.now_ms and unit_id not in incident.barred
        for unit_id in survey.ready
    )


def _begin_broadcast(turn: Turn, incident: Incident, ranking: Ranking) -> None:
    after = by_priority(turn.policy.offer.broadcast_after, incident.priority)
    if not after or incident.broadcast or not ranking.eligible:
        return
    if incident.tries >= after or ranking.asked_again:
        why = "everybody was asked once" if ranking.asked_again else f"{incident.tries} units did not take it"
        turn.add(events.Broadcast(incident_id=incident.incident_id, time_ms=turn.now_ms, why=why))


def _picked(turn: Turn, incident: Incident, ranked: list[Candidate]) -> list[Candidate]:
    """Those to ask now, the first there first: as many as are missing, and more where the policy asks several at once
    and they are there hardly later."""
    rules = turn.policy.offer
    room = _room(turn, incident)
    if incident.broadcast:
        within_s = rules.broadcast_within_s
        return [c for i, c in enumerate(ranked[:room]) if i == 0 or (c.eta_s is not None and c.eta_s <= within_s)]
    missing = max(0, incident.missing - len(incident.offers))
    first_s = ranked[0].eta_s if ranked else None
    return [
        candidate
        for i, candidate in enumerate(ranked[:room])
        if i < missing
        or (first_s is not None and candidate.eta_s is not None and candidate.eta_s <= first_s + rules.at_once_within_s)
    ]


def _take(turn: Turn, unit_id: str) -> bool:
    """Order the unit off what it is on, if it is on anything."""
    order = turn.state.open_order(unit_id)
    if order is None:
        return False
    turn.add(end_order(order, Withdrawal.PREEMPTED, turn.now_ms))
    return True


def _offer(
    turn: Turn,
    incident: Incident,
    chosen: Candidate,
    ranking: Ranking,
    why: str,
    actor: str = events.SYSTEM,
    override: str = "",
    replaces: int | None = None,
) -> None:
    rules = turn.policy.offer
    accept_deadline_ms = turn.after_ms(rules.accept_deadline_s)
    turn.add(
        events.Offered(
            incident_id=incident.incident_id,
            time_ms=turn.now_ms,
            actor=actor,
            order_id=turn.state.next_order_id,
            unit_id=chosen.unit_id,
            eta_s=chosen.eta_s,
            distance_m=chosen.distance_m,
            eta_method=chosen.method,
            candidates=tuple(ranking.eligible[:RECORDED_MAX]),
            excluded=tuple(ranking.excluded[:RECORDED_MAX]),
            eligible_count=len(ranking.eligible),
            excluded_counts=ranking.excluded_counts(),
            why=why,
            receipt_deadline_ms=turn.after_ms(rules.receipt_deadline_s),
            accept_deadline_ms=accept_deadline_ms,
            expiry_time_s=-(-accept_deadline_ms // 1000),
            override=override,
            replaces=replaces,
        )
    )
