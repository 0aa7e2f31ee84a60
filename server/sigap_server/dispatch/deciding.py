"""What operators decide. Bad input is refused in words; nothing of it happens."""

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.ends import close, end_excess, end_order
from sigap_server.dispatch.events import HoldReason, Verdict, Withdrawal
from sigap_server.dispatch.incident import Phase
from sigap_server.dispatch.intake import hold, release, weigh_trust
from sigap_server.dispatch.policy import PRIORITIES_COUNT, URGENT
from sigap_server.dispatch.refusals import Refusal, Refused
from sigap_server.dispatch.seek import offer_to, why_not_ready
from sigap_server.dispatch.turn import Turn

WANTED_MAX = 20


def present(turn: Turn, given: inputs.Present) -> None:
    """Said once, by whoever is first."""
    if turn.incident(given.incident_id).presented_ms is None:
        turn.add(events.Presented(incident_id=given.incident_id, time_ms=turn.now_ms, actor=given.actor))


def answer(turn: Turn, given: inputs.Answer) -> None:
    """Who answers has it on the screen."""
    present(turn, inputs.Present(given.incident_id, given.actor))
    if turn.incident(given.incident_id).answered_ms is None:
        turn.add(events.Answered(incident_id=given.incident_id, time_ms=turn.now_ms, actor=given.actor))


def verify(turn: Turn, given: inputs.Verify) -> None:
    """REAL sends what was held back; FALSE takes back offers and orders off units that have not arrived."""
    incident_id, actor = given.incident_id, given.actor
    turn.add(
        events.Verified(
            incident_id=incident_id, time_ms=turn.now_ms, actor=actor, verdict=given.verdict, note=given.note
        )
    )
    if given.verdict is Verdict.FALSE:
        for order in turn.incident(incident_id).orders.values():
            if order.phase is not Phase.ON_SCENE:
                turn.add(end_order(order, Withdrawal.FALSE_ALARM, turn.now_ms, actor))
        hold(turn, incident_id, HoldReason.FALSE_ALARM, actor, None)
    weigh_trust(turn, incident_id, actor)
    if given.verdict is Verdict.REAL and turn.incident(incident_id).held:
        release(turn, incident_id, actor, "an operator found it real")


def dispatch(turn: Turn, given: inputs.Dispatch) -> Refused | None:
    """Send what was held back, or the unit that the operator names."""
    incident = turn.incident(given.incident_id)
    if not given.unit_id:
        if given.instead_of:
            return Refused(Refusal.VALUE_IMPOSSIBLE, "unit_id is missing: name the unit that goes instead")
        if not incident.held and not incident.act_by_ms:
            return Refused(Refusal.NOTHING_TO_DECIDE, f"units are asked for incident {given.incident_id} already")
        release(turn, given.incident_id, given.actor, given.reason or "an operator sends")
        return None
    replaces = None
    if given.instead_of:
        order = turn.state.open_order(given.instead_of)
        if order is None or order.incident_id != given.incident_id or not order.is_assignment:
            return _not_on_it(given.instead_of, given.incident_id)
        replaces = order.order_id
    elif not incident.missing:
        words = f"incident {given.incident_id} has the {incident.wanted} wanted: say instead of whom, or want more"
        return Refused(Refusal.NO_PLACE_LEFT, words)
    if not given.reason:
        return Refused(Refusal.VALUE_IMPOSSIBLE, "reason is missing: why this unit?")
    refused = why_not_ready(turn, incident, given.unit_id)
    if refused:
        return refused
    if incident.held:
        release(turn, given.incident_id, given.actor, given.reason)
    if replaces is None:
        _make_place(turn, given)
    offer_to(turn, given.incident_id, given.unit_id, given.actor, given.reason, replaces)
    return None


def _make_place(turn: Turn, given: inputs.Dispatch) -> None:
    """The named unit goes instead of those that were only asked, the latest first."""
    incident = turn.incident(given.incident_id)
    for order in incident.offers[max(0, incident.missing - 1) :]:
        turn.add(end_order(order, Withdrawal.SUPERSEDED, turn.now_ms, given.actor))


def set_priority(turn: Turn, given: inputs.SetPriority) -> Refused | None:
    """A higher priority may send what a recommendation held back."""
    incident = turn.incident(given.incident_id)
    if not 1 <= given.priority <= PRIORITIES_COUNT:
        return Refused(Refusal.VALUE_IMPOSSIBLE, f"priority is {given.priority}, expected 1 to {PRIORITIES_COUNT}")
    if incident.officer and given.priority != URGENT:
        return Refused(Refusal.VALUE_IMPOSSIBLE, "an officer's own emergency stays at priority 1")
    if given.priority != incident.priority:
        _change_priority(turn, given.incident_id, given.priority, given.actor, given.note)
        end_excess(turn, given.incident_id, given.actor)
    return None


def set_need(turn: Turn, given: inputs.SetNeed) -> Refused | None:
    """How many units, and what they must be."""
    incident = turn.incident(given.incident_id)
    if not 1 <= given.wanted <= WANTED_MAX:
        return Refused(Refusal.VALUE_IMPOSSIBLE, f"wanted is {given.wanted}, expected 1 to {WANTED_MAX}")
    if given.wanted < len(incident.owners):
        words = f"{len(incident.owners)} units are on incident {given.incident_id} already: recall one first"
        return Refused(Refusal.VALUE_IMPOSSIBLE, words)
    turn.add(
        events.NeedChanged(
            incident_id=given.incident_id,
            time_ms=turn.now_ms,
            actor=given.actor,
            wanted=given.wanted,
            unit_kinds=tuple(sorted(given.unit_kinds)),
            skills=tuple(sorted(given.skills)),
            agency=given.agency,
            sector=given.sector,
        )
    )
    end_excess(turn, given.incident_id, given.actor)
    return None


def request_backup(turn: Turn, given: inputs.RequestBackup) -> Refused | None:
    """More units at once, at priority 1, held back by nothing."""
    incident = turn.incident(given.incident_id)
    wanted = incident.wanted + given.units
    if given.units < 1 or wanted > WANTED_MAX:
        return Refused(Refusal.VALUE_IMPOSSIBLE, f"units is {given.units}, expected 1 to {WANTED_MAX} with those there")
    turn.add(
        events.BackupRequested(
            incident_id=given.incident_id, time_ms=turn.now_ms, actor=given.actor, units=given.units, wanted=wanted
        )
    )
    if incident.priority != URGENT:
        _change_priority(turn, given.incident_id, URGENT, given.actor, "back-up")
    if turn.incident(given.incident_id).held:
        release(turn, given.incident_id, given.actor, "back-up was asked for")
    return None


def recall(turn: Turn, given: inputs.Recall) -> Refused | None:
    """Order a unit off; its place is open again."""
    order = turn.state.open_order(given.unit_id)
    if order is None or order.incident_id != given.incident_id:
        return _not_on_it(given.unit_id, given.incident_id)
    turn.add(end_order(order, Withdrawal.RECALLED, turn.now_ms, given.actor, given.reason, barred=True))
    return None


def refuse_cancel(turn: Turn, given: inputs.RefuseCancel) -> Refused | None:
    """It goes on."""
    if turn.incident(given.incident_id).cancel is None:
        return Refused(Refusal.NOTHING_TO_DECIDE, f"nobody asked to cancel incident {given.incident_id}")
    turn.add(
        events.CancelRefused(incident_id=given.incident_id, time_ms=turn.now_ms, actor=given.actor, note=given.note)
    )
    return None


def close_incident(turn: Turn, given: inputs.CloseIncident) -> None:
    """Whatever its phase."""
    why = Withdrawal.DUPLICATE if given.disposition == inputs.DUPLICATE else Withdrawal.INCIDENT_CLOSED
    close(turn, given.incident_id, given.disposition, given.actor, why)


def _change_priority(turn: Turn, incident_id: int, priority: int, actor: str, note: str) -> None:
    turn.add(
        events.PriorityChanged(incident_id=incident_id, time_ms=turn.now_ms, actor=actor, priority=priority, note=note)
    )
    weigh_trust(turn, incident_id, actor)


def _not_on_it(unit_id: str, incident_id: int) -> Refused:
    return Refused(Refusal.UNIT_NOT_ON_INCIDENT, f"{unit_id} is not on incident {incident_id}")
