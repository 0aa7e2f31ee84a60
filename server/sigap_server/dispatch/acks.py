"""What follows from a unit's acknowledgement."""

from enum import StrEnum
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Deadline, Event, Withdrawal, unit_actor
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.state import DispatchState, Incident, IssuedOrder, Phase
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, EN_ROUTE, EXPIRED, KIND_NAMES, ON_SCENE, RECEIVED, Ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED, STATE_OFFERED

CLEARED_BY_UNIT = "cleared_by_unit"
_OF_OWNER = (EN_ROUTE, ON_SCENE, CLEAR)


class Refusal(StrEnum):
    """Why an input was not accepted; nothing follows from it."""

    UNKNOWN_ORDER = "unknown_order"
    WRONG_UNIT = "wrong_unit"
    UNKNOWN_REVISION = "unknown_revision"
    NOT_ASSIGNED = "not_assigned"
    ALREADY_ASSIGNED = "already_assigned"
    UNKNOWN_INCIDENT = "unknown_incident"


def ack_refusal(state: DispatchState, unit_id: str, ack: Ack) -> Refusal | None:
    """Why this unit cannot have meant that, or None."""
    order = state.order_of(unit_id, ack.order_id)
    if order is None:
        others = (other for other in {*state.by_unit, *state.finished} if state.order_of(other, ack.order_id))
        return Refusal.UNKNOWN_ORDER if next(others, None) is None else Refusal.WRONG_UNIT
    if ack.revision > order.revision:
        return Refusal.UNKNOWN_REVISION
    if order.state == STATE_OFFERED and ack.kind in _OF_OWNER:
        return Refusal.NOT_ASSIGNED
    if order.state == STATE_ASSIGNED and ack.kind in (DECLINED, EXPIRED):
        return Refusal.ALREADY_ASSIGNED
    return None


def answer(state: DispatchState, unit_id: str, ack: Ack, now_ms: int, policy: Policy) -> tuple[Event, ...]:
    """The events of an acknowledgement that was not refused; none if it says nothing new."""
    order = state.order_of(unit_id, ack.order_id)
    if order is None or ack.kind in order.answered:
        return ()
    facts = _facts(order, ack, now_ms)
    if ack.kind == RECEIVED:
        if ack.revision <= order.confirmed_revision:
            return ()
        return (events.OrderReceived(**facts) if ack.revision == 1 else events.UpdateReceived(**facts),)
    if order.state == STATE_CANCELLED and ack.kind in (ACCEPTED, *_OF_OWNER):
        return (events.LateAckRefused(**facts, ack=KIND_NAMES[ack.kind]),)
    if order.state in (STATE_CANCELLED, STATE_CLOSED):
        return ()
    if order.state == STATE_OFFERED:
        return _answer_to_offer(order, ack, now_ms, policy)
    return _progress(state.incidents[order.incident_id], ack, facts)


def end_offer(order: IssuedOrder, reason: Withdrawal, now_ms: int, actor: str = events.SYSTEM) -> events.OfferWithdrawn:
    """The event that takes an offer back."""
    return events.OfferWithdrawn(
        incident_id=order.incident_id,
        time_ms=now_ms,
        actor=actor,
        order_id=order.order_id,
        unit_id=order.unit_id,
        reason=reason,
    )


def time_out(
    order: IssuedOrder, deadline: Deadline, now_ms: int, policy: Policy, actor: str = events.SYSTEM
) -> events.OfferTimedOut:
    """The event that an offer was not answered in time."""
    return events.OfferTimedOut(
        incident_id=order.incident_id,
        time_ms=now_ms,
        actor=actor,
        order_id=order.order_id,
        unit_id=order.unit_id,
        deadline=deadline,
        retry_ms=_retry_ms(now_ms, policy),
    )


def _answer_to_offer(order: IssuedOrder, ack: Ack, now_ms: int, policy: Policy) -> tuple[Event, ...]:
    facts = _facts(order, ack, now_ms)
    if ack.kind == ACCEPTED:
        assigned = events.Assigned(
            incident_id=order.incident_id, time_ms=now_ms, order_id=order.order_id, unit_id=order.unit_id
        )
        return events.Accepted(**facts), assigned
    if ack.kind == DECLINED:
        declined = events.Declined(**facts, retry_ms=_retry_ms(now_ms, policy))
        return declined, end_offer(order, Withdrawal.DECLINED, now_ms)
    timed_out = time_out(order, Deadline.EXPIRY, now_ms, policy, unit_actor(order.unit_id))
    return timed_out, end_offer(order, Withdrawal.EXPIRED, now_ms)


def _progress(incident: Incident, ack: Ack, facts: dict[str, Any]) -> tuple[Event, ...]:
    """Acknowledgements of the assigned unit; one that arrives behind a later one is no step back."""
    if ack.kind == EN_ROUTE and incident.phase is Phase.ASSIGNED:
        return (events.EnRoute(**facts),)
    if ack.kind == ON_SCENE and incident.phase in (Phase.ASSIGNED, Phase.EN_ROUTE):
        return (events.OnScene(**facts),)
    if ack.kind == CLEAR:
        closed = events.Closed(
            incident_id=facts["incident_id"],
            time_ms=facts["time_ms"],
            actor=facts["actor"],
            disposition=CLEARED_BY_UNIT,
            order_id=facts["order_id"],
            unit_id=facts["unit_id"],
        )
        return events.Clear(**facts), closed
    return ()


def _facts(order: IssuedOrder, ack: Ack, now_ms: int) -> dict[str, Any]:
    return {
        "incident_id": order.incident_id,
        "time_ms": now_ms,
        "actor": unit_actor(order.unit_id),
        "order_id": order.order_id,
        "unit_id": order.unit_id,
        "revision": ack.revision,
        "ack_time_s": ack.ack_time_s,
    }


def _retry_ms(now_ms: int, policy: Policy) -> int:
    return now_ms + round(policy.offer.retry_after_s * 1000)
