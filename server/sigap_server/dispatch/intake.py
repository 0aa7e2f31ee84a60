"""Calls for help: a new incident, or more about one that is open."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sigap_server.dispatch import events
from sigap_server.dispatch.ends import close
from sigap_server.dispatch.events import AlertEvent, AlertLinked, AlertReceived, HoldReason, Source, Withdrawal
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatch.inputs import DUPLICATE, AlertAccepted, CancelAsked, LinkIncident, UnlinkAlert
from sigap_server.dispatch.policy import DRILL_PRIORITY, OFFICER, PRIORITIES, Mode, QueueRules, by_priority
from sigap_server.dispatch.refusals import Refusal, Refused, unknown_incident
from sigap_server.dispatch.trust import assess
from sigap_server.dispatch.turn import Turn
from sigap_server.eta import distance_m
from sigap_server.fleet import Unit

# What every alert event says of its alert.
_FACTS = (
    "alert_id", "kind", "lat_e7", "lon_e7", "accuracy_m", "text", "pressed_ms", "adjusted", "received_ms", "source",
    "device", "presses", "caller_real", "caller_false", "street",
)  # fmt: skip
# A degree of latitude is 111 km: nearer than this in both coordinates before the distance is worked out.
_E7_PER_M = 90
_OTHER_KIND_PRIORITY = 3


def alert_accepted(turn: Turn, given: AlertAccepted) -> bool:
    """A press, or a call that an operator took. False if it was known."""
    alert, caller = given.alert, given.caller
    if alert.alert_id in turn.state.by_alert:
        return False
    received = AlertReceived(
        incident_id=turn.state.next_incident_id,
        time_ms=turn.now_ms,
        actor=given.actor,
        alert_id=alert.alert_id,
        kind=alert.kind,
        priority=given.priority or PRIORITIES.get(alert.kind, _OTHER_KIND_PRIORITY),
        lat_e7=alert.lat_e7,
        lon_e7=alert.lon_e7,
        accuracy_m=alert.accuracy_m,
        text=alert.text,
        pressed_ms=alert.pressed_ms,
        adjusted=alert.adjusted,
        source=caller.source,
        device=alert.device,
        presses=caller.presses,
        caller_real=caller.real,
        caller_false=caller.false,
        street=alert.street,
    )
    same = find_duplicate(turn, received)
    if same is None:
        open_incident(turn, received)
    else:
        incident, why = same
        turn.add(linked(received, incident.incident_id, turn.now_ms, given.actor, why))
        weigh_trust(turn, incident.incident_id, events.SYSTEM)
    return True


def open_incident(turn: Turn, alert: AlertReceived) -> None:
    """A new incident, with what its alert is trusted."""
    rules = turn.policy.trust
    tier, reasons = assess([alert], None, rules)
    mode = rules.mode(tier, alert.priority)
    turn.add(
        AlertReceived(
            incident_id=alert.incident_id,
            time_ms=alert.time_ms,
            actor=alert.actor,
            **_facts(alert),
            priority=alert.priority,
            officer=alert.officer,
            tier=tier,
            mode=mode,
            reasons=reasons,
            act_by_ms=_act_by_ms(turn, alert.priority) if mode is Mode.RECOMMEND else None,
        )
    )


def find_duplicate(turn: Turn, alert: AlertReceived) -> tuple[Incident, str] | None:
    """The open incident that this alert is about as well, the nearest first, and why it is taken for that."""
    rules = turn.policy.queue
    if alert.priority == DRILL_PRIORITY or alert.kind == OFFICER:
        return None
    found = []
    for incident in turn.state.incidents.values():
        if incident.facts.kind != alert.kind or incident.officer:
            continue
        for known in (incident.alert, *incident.linked.values()):
            near = _same_case(alert, known, turn.now_ms, rules)
            if near is not None:
                found.append((near, incident.incident_id))
    if not found:
        return None
    (distance, why), incident_id = min(found)
    return turn.incident(incident_id), why if distance < 0 else f"{distance:.0f} m from incident {incident_id}: {why}"


def _same_case(alert: AlertEvent, known: AlertEvent, now_ms: int, rules: QueueRules) -> tuple[float, str] | None:
    """The distance in metres and why both are one case; -1 for the same caller, who is so wherever."""
    age_s = (now_ms - (known.received_ms or known.time_ms)) / 1000
    if not age_s < rules.duplicate_within_s:
        return None
    if alert.device and alert.device == known.device:
        return -1.0, "the same caller again"
    if abs(alert.lat_e7 - known.lat_e7) > rules.duplicate_within_m * _E7_PER_M:
        return None
    apart_m = distance_m(alert.lat_e7, alert.lon_e7, known.lat_e7, known.lon_e7)
    if not apart_m < rules.duplicate_within_m:
        return None
    return apart_m, f"{age_s:.0f} s after it"


def linked(
    alert: AlertEvent, incident_id: int, now_ms: int, actor: str, why: str, from_incident_id: int | None = None
) -> AlertLinked:
    """The event that this alert belongs to an incident."""
    return AlertLinked(
        incident_id=incident_id,
        time_ms=now_ms,
        actor=actor,
        **_facts(alert) | {"received_ms": alert.received_ms or alert.time_ms},
        why=why,
        from_incident_id=from_incident_id,
    )


def weigh_trust(turn: Turn, incident_id: int, actor: str) -> None:
    """Assess the incident again: more trust may send units that a recommendation held back, less never holds back."""
    incident = turn.incident(incident_id)
    rules = turn.policy.trust
    tier, reasons = assess([incident.alert, *incident.linked.values()], incident.verdict, rules)
    mode = rules.mode(tier, incident.priority)
    if (tier, mode, reasons) != (incident.tier, incident.mode, incident.reasons):
        turn.add(
            events.TrustChanged(
                incident_id=incident_id, time_ms=turn.now_ms, actor=actor, tier=tier, mode=mode, reasons=reasons
            )
        )
    if incident.held is HoldReason.RECOMMEND and mode is not Mode.RECOMMEND:
        release(turn, incident_id, actor, "; ".join(reasons) or f"priority {incident.priority} waits for nobody")


def release(turn: Turn, incident_id: int, actor: str, why: str) -> None:
    """Units may be asked from now on."""
    turn.add(events.Released(incident_id=incident_id, time_ms=turn.now_ms, actor=actor, why=why))


def hold(turn: Turn, incident_id: int, reason: HoldReason, actor: str, act_by_ms: int | None) -> None:
    """Nobody more is asked without an operator."""
    turn.add(events.Held(incident_id=incident_id, time_ms=turn.now_ms, actor=actor, reason=reason, act_by_ms=act_by_ms))


def link_incident(turn: Turn, given: LinkIncident) -> Refused | None:
    """An operator sees that two incidents are one case."""
    if given.to_incident_id == given.incident_id:
        return Refused(Refusal.VALUE_IMPOSSIBLE, f"incident {given.incident_id} cannot be linked to itself")
    if given.to_incident_id not in turn.state.incidents:
        return unknown_incident(given.to_incident_id)
    incident = turn.incident(given.incident_id)
    if incident.officer:
        return Refused(Refusal.VALUE_IMPOSSIBLE, "an officer's own emergency is nobody's duplicate")
    if incident.owners:
        units = ", ".join(order.unit_id for order in incident.owners)
        return Refused(Refusal.UNIT_BUSY, f"{units} goes to incident {given.incident_id}: recall it or link the other")
    close(turn, given.incident_id, DUPLICATE, given.actor, Withdrawal.DUPLICATE)
    for alert in (incident.alert, *incident.linked.values()):
        why = f"linked by {given.actor.removeprefix('operator:')}"
        turn.add(linked(alert, given.to_incident_id, turn.now_ms, given.actor, why, given.incident_id))
    weigh_trust(turn, given.to_incident_id, given.actor)
    return None


def unlink_alert(turn: Turn, given: UnlinkAlert) -> Refused | None:
    """An operator sees that a linked alert is a case of its own."""
    alert = turn.incident(given.incident_id).linked.get(given.alert_id)
    if alert is None:
        words = f"alert {given.alert_id} is not linked to incident {given.incident_id}, or its own first alert"
        return Refused(Refusal.UNKNOWN_ALERT, words)
    was_id = getattr(alert, "from_incident_id", None)
    if was_id is not None:
        # It has its incident, and an alert is the first of one incident only.
        words = f"alert {given.alert_id} was incident {was_id}, which was closed as a duplicate: take its call anew"
        return Refused(Refusal.VALUE_IMPOSSIBLE, words)
    new_id = turn.state.next_incident_id
    turn.add(
        events.AlertUnlinked(
            incident_id=given.incident_id,
            time_ms=turn.now_ms,
            actor=given.actor,
            alert_id=given.alert_id,
            to_incident_id=new_id,
        )
    )
    priority = PRIORITIES.get(alert.kind, _OTHER_KIND_PRIORITY)
    open_incident(
        turn,
        AlertReceived(incident_id=new_id, time_ms=turn.now_ms, actor=given.actor, **_facts(alert), priority=priority),
    )
    return None


def cancel_asked(turn: Turn, given: CancelAsked) -> Refused | None:
    """Shown to operators, obeyed by nobody."""
    incident_id = turn.state.by_alert.get(given.alert_id)
    if incident_id is None:
        return Refused(Refusal.UNKNOWN_ALERT, f"there is no open incident with an alert {given.alert_id}")
    known = turn.incident(incident_id).cancel
    if known is None or (given.confirmed and not known.confirmed):
        turn.add(
            events.CancelRequested(
                incident_id=incident_id,
                time_ms=turn.now_ms,
                actor=events.CITIZEN,
                alert_id=given.alert_id,
                reason=given.reason,
                confirmed=given.confirmed,
            )
        )
    return None


def officer_calls(turn: Turn, unit: Unit, since_ms: int) -> None:
    """An officer's own emergency: a P1 incident where the car is; without a position it is shown as nowhere."""
    at = unit.position
    open_incident(
        turn,
        AlertReceived(
            incident_id=turn.state.next_incident_id,
            time_ms=turn.now_ms,
            actor=events.unit_actor(unit.unit_id),
            alert_id=str(uuid5(NAMESPACE_URL, f"sigap:officer:{unit.unit_id}:{since_ms}:{turn.now_ms}")),
            kind=OFFICER,
            lat_e7=at.lat_e7 if at else 0,
            lon_e7=at.lon_e7 if at else 0,
            accuracy_m=None,
            text=f"officer of {unit.callsign} needs help",
            pressed_ms=since_ms,
            adjusted=() if at else ("lat_e7", "lon_e7"),
            source=Source.OFFICER,
            priority=PRIORITIES[OFFICER],
            officer=unit.unit_id,
        ),
    )


def _act_by_ms(turn: Turn, priority: int) -> int:
    return turn.after_ms(by_priority(turn.policy.trust.act_within_s, priority))


def _facts(alert: AlertEvent) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in _FACTS}
