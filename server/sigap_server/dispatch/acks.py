"""What follows from a unit's acknowledgement."""

from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.ends import close, end_excess, end_order, retry_ms, time_out, unit_done
from sigap_server.dispatch.events import Deadline, Event, HoldReason, Withdrawal, unit_actor
from sigap_server.dispatch.incident import IssuedOrder, Phase
from sigap_server.dispatch.inputs import AckArrived
from sigap_server.dispatch.policy import by_priority
from sigap_server.dispatch.refusals import Refusal, Refused
from sigap_server.dispatch.state import DispatchState
from sigap_server.dispatch.turn import Turn
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, EN_ROUTE, EXPIRED, KIND_NAMES, ON_SCENE, RECEIVED, Ack
from sigap_wire.order import STATE_CANCELLED, STATE_CLOSED

CLEARED_BY_UNIT = "cleared_by_unit"
_OF_OWNER = (EN_ROUTE, ON_SCENE, CLEAR)


def ack_arrived(turn: Turn, given: AckArrived) -> Refused | None:
    """The unit said something about an order of its own."""
    refused = ack_refusal(turn.state, given.unit_id, given.ack)
    if refused:
        return Refused(refused, f"{given.unit_id}, order {given.ack.order_id}: {refused.value.replace('_', ' ')}")
    _answer(turn, given.unit_id, given.ack)
    return None


def ack_refusal(state: DispatchState, unit_id: str, ack: Ack) -> Refusal | None:
    """Why this unit cannot have meant that, or None."""
    order = state.order_of(unit_id, ack.order_id)
    if order is None:
        others = (other for other in {*state.by_unit, *state.finished} if state.order_of(other, ack.order_id))
        return Refusal.UNKNOWN_ORDER if next(others, None) is None else Refusal.WRONG_UNIT
    if ack.revision > order.revision:
        return Refusal.UNKNOWN_REVISION
    if order.is_offer and ack.kind in _OF_OWNER:
        return Refusal.NOT_ASSIGNED
    if order.is_assignment and ack.kind in (DECLINED, EXPIRED):
        return Refusal.ALREADY_ASSIGNED
    return None


def _answer(turn: Turn, unit_id: str, ack: Ack) -> None:
    """Nothing happens if it says nothing new."""
    order = turn.state.order_of(unit_id, ack.order_id)
    if order is None or ack.kind in order.answered:
        return
    facts = _facts(order, ack, turn.now_ms)
    if ack.kind == RECEIVED:
        if ack.revision > order.confirmed_revision:
            turn.add(events.OrderReceived(**facts) if ack.revision == 1 else events.UpdateReceived(**facts))
    elif order.state == STATE_CANCELLED and ack.kind in (ACCEPTED, *_OF_OWNER):
        turn.add(events.LateAckRefused(**facts, ack=KIND_NAMES[ack.kind]))
    elif order.state in (STATE_CANCELLED, STATE_CLOSED):
        return
    elif order.is_offer:
        _answer_to_offer(turn, order, ack.kind, facts)
    else:
        _progress(turn, order, ack.kind, facts)


def _answer_to_offer(turn: Turn, order: IssuedOrder, kind: int, facts: dict[str, Any]) -> None:
    now_ms, policy = turn.now_ms, turn.policy
    if kind == ACCEPTED:
        _accept(turn, order, facts)
    elif kind == DECLINED:
        declined = events.Declined(**facts, retry_ms=retry_ms(now_ms, policy))
        turn.add(declined, end_order(order, Withdrawal.DECLINED, now_ms))
    else:
        timed_out = time_out(order, Deadline.EXPIRY, now_ms, policy, unit_actor(order.unit_id))
        turn.add(timed_out, end_order(order, Withdrawal.EXPIRED, now_ms))


def _accept(turn: Turn, order: IssuedOrder, facts: dict[str, Any]) -> None:
    """The first to accept goes. Whoever it replaces is ordered off first, so that no place ever has two owners."""
    turn.add(events.Accepted(**facts))
    replaced = turn.incident(order.incident_id).orders.get(order.replaces or 0)
    if replaced is not None and replaced.is_assignment:
        turn.add(end_order(replaced, Withdrawal.SUPERSEDED, turn.now_ms))
    turn.add(
        events.Assigned(
            incident_id=order.incident_id, time_ms=turn.now_ms, order_id=order.order_id, unit_id=order.unit_id
        )
    )
    end_excess(turn, order.incident_id)


def _progress(turn: Turn, order: IssuedOrder, kind: int, facts: dict[str, Any]) -> None:
    """Acknowledgements of an assigned unit; one that arrives behind a later one is no step back."""
    if kind == EN_ROUTE and order.phase is Phase.ASSIGNED:
        turn.add(events.EnRoute(**facts))
    elif kind == ON_SCENE:
        turn.add(events.OnScene(**facts))
    elif kind == CLEAR:
        turn.add(events.Clear(**facts))
        _after_clear(turn, order)


def _after_clear(turn: Turn, order: IssuedOrder) -> None:
    """The incident is over with its last unit, unless nobody ever arrived and its priority wants somebody to."""
    incident = turn.incident(order.incident_id)
    actor = unit_actor(order.unit_id)
    if len(incident.owners) > 1:
        turn.add(unit_done(order, max(1, incident.wanted - 1), CLEARED_BY_UNIT, turn.now_ms, actor))
        end_excess(turn, incident.incident_id)
        return
    rules = turn.policy.queue
    if order.phase is Phase.ON_SCENE or by_priority(rules.clear_before_arrival, incident.priority):
        close(turn, incident.incident_id, CLEARED_BY_UNIT, actor, Withdrawal.INCIDENT_CLOSED)
        return
    happened: list[Event] = [unit_done(order, incident.wanted, CLEARED_BY_UNIT, turn.now_ms, actor)]
    if not incident.offers:
        act_by_ms = turn.after_ms(by_priority(turn.policy.trust.act_within_s, incident.priority))
        happened.append(
            events.Held(
                incident_id=incident.incident_id,
                time_ms=turn.now_ms,
                reason=HoldReason.CLEARED_EARLY,
                act_by_ms=act_by_ms,
            )
        )
    turn.add(*happened)


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
