"""What offers, and the answers to them, do to the state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event, Withdrawal
from sigap_server.dispatch.evolve.change import alter, change_order, finish, holder, put, with_key, with_orders
from sigap_server.dispatch.incident import IssuedOrder
from sigap_server.dispatch.state import DispatchState
from sigap_wire import ack
from sigap_wire.order import STATE_CANCELLED

_ACK_KINDS = {name: kind for kind, name in enumerate(ack.KIND_NAMES)}
# Ends of an offer that say that this unit would not, or could not, go.
_NOT_TAKEN = {
    Withdrawal.DECLINED,
    Withdrawal.RECEIPT_TIMEOUT,
    Withdrawal.ACCEPT_TIMEOUT,
    Withdrawal.EXPIRED,
    Withdrawal.UNIT_LOST,
}


def _offered(state: DispatchState, event: events.Offered) -> DispatchState:
    is_news = event.order_id >= state.next_order_id
    if is_news:
        state = replace(state, next_order_id=event.order_id + 1)
    incident = state.incidents.get(event.incident_id)
    if incident is None or event.unit_id in state.by_unit or not is_news:
        return state
    order = IssuedOrder(
        order_id=event.order_id,
        unit_id=event.unit_id,
        facts=incident.facts,
        eta_s=event.eta_s,
        offered_ms=event.time_ms,
        receipt_deadline_ms=event.receipt_deadline_ms,
        accept_deadline_ms=event.accept_deadline_ms,
        expiry_time_s=event.expiry_time_s,
        replaces=event.replaces,
    )
    offered = with_orders(incident, with_key(incident.orders, order.order_id, order), event.time_ms, no_unit=False)
    return put(state, offered, by_unit=state.by_unit.set(event.unit_id, (event.incident_id, event.order_id)))


def _received(state: DispatchState, event: events.OrderReceived | events.UpdateReceived) -> DispatchState:
    def confirm(order: IssuedOrder) -> IssuedOrder:
        return replace(order, confirmed_revision=max(order.confirmed_revision, event.revision))

    return change_order(state, event, confirm)


def _accepted(state: DispatchState, event: events.Accepted) -> DispatchState:
    return _answered(state, event, ack.ACCEPTED)


def _declined(state: DispatchState, event: events.Declined) -> DispatchState:
    return _asked(_answered(state, event, ack.DECLINED), event, event.retry_ms)


def _answered(state: DispatchState, event: events.AckEvent, kind: int) -> DispatchState:
    return change_order(state, event, lambda order: replace(order, answered=order.answered | {kind}))


def _offer_timed_out(state: DispatchState, event: events.OfferTimedOut) -> DispatchState:
    return _asked(state, event, event.retry_ms)


def _asked(state: DispatchState, event: events.OrderEvent, again_ms: int) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    return put(state, replace(incident, asked=with_key(incident.asked, event.unit_id, again_ms)))


def _offer_withdrawn(state: DispatchState, event: events.OfferWithdrawn) -> DispatchState:
    found = holder(state, event)
    if found is None or not found[1].is_offer:
        return state
    incident, order = found
    tries = incident.tries + (event.reason in _NOT_TAKEN)
    barred = incident.barred | {event.unit_id} if event.barred else incident.barred
    end = STATE_CANCELLED, event.reason.value
    return finish(state, incident, order, end, event.time_ms, tries=tries, barred=barred)


def _no_unit(state: DispatchState, event: events.NoUnit) -> DispatchState:
    return alter(state, event.incident_id, no_unit=True)


def _broadcast(state: DispatchState, event: events.Broadcast) -> DispatchState:
    return alter(state, event.incident_id, broadcast=True)


def _late_ack_refused(state: DispatchState, event: events.LateAckRefused) -> DispatchState:
    kind = _ACK_KINDS.get(event.ack, -1)
    incident = state.incidents.get(event.incident_id)
    goes_on = incident is not None and any(order.unit_id != event.unit_id for order in incident.orders.values())

    def refuse(order: IssuedOrder) -> IssuedOrder:
        return replace(
            order,
            answered=order.answered | {kind},
            revision=order.revision + 1,
            reason=Withdrawal.SUPERSEDED.value if goes_on else order.reason,
        )

    return change_order(state, event, refuse)


FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    events.Offered: _offered,
    events.OrderReceived: _received,
    events.UpdateReceived: _received,
    events.Accepted: _accepted,
    events.Declined: _declined,
    events.OfferTimedOut: _offer_timed_out,
    events.OfferWithdrawn: _offer_withdrawn,
    events.NoUnit: _no_unit,
    events.Broadcast: _broadcast,
    events.LateAckRefused: _late_ack_refused,
}
