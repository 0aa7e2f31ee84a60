"""The fold: (state, event) → state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event
from sigap_server.dispatch.state import FINISHED_KEPT, SUPERSEDED, DispatchState, Incident, IssuedOrder, Phase
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED

K = TypeVar("K")
V = TypeVar("V")

_ACK_KINDS = {name: kind for kind, name in enumerate(ack.KIND_NAMES)}


def evolve(state: DispatchState, event: Event) -> DispatchState:
    """The state after the event. Total: nothing is raised, and an event about what is not open changes nothing but the
    next numbers, so that no number is ever given twice."""
    return _FOLDS[type(event)](state, event)


def fold(log: Iterable[Event], start: DispatchState | None = None) -> DispatchState:
    """The state after all events of the log, from `start` or from nothing."""
    state = start or DispatchState()
    for event in log:
        state = evolve(state, event)
    return state


def _alert_received(state: DispatchState, event: events.AlertReceived) -> DispatchState:
    if event.incident_id < state.next_incident_id:
        return state
    incident = Incident(event, Phase.WAITING, event.time_ms)
    return replace(
        state,
        incidents=_with(state.incidents, event.incident_id, incident),
        by_alert=_with(state.by_alert, event.alert_id, event.incident_id),
        waiting=state.waiting | {event.incident_id},
        next_incident_id=event.incident_id + 1,
    )


def _offered(state: DispatchState, event: events.Offered) -> DispatchState:
    is_news = event.order_id >= state.next_order_id
    state = replace(state, next_order_id=max(state.next_order_id, event.order_id + 1))
    incident = state.incidents.get(event.incident_id)
    if incident is None or incident.order or event.unit_id in state.by_unit or not is_news:
        return state
    order = IssuedOrder(
        order_id=event.order_id,
        unit_id=event.unit_id,
        alert=incident.alert,
        eta_s=event.eta_s,
        offered_ms=event.time_ms,
        receipt_deadline_ms=event.receipt_deadline_ms,
        accept_deadline_ms=event.accept_deadline_ms,
        expiry_time_s=event.expiry_time_s,
    )
    offered = replace(incident, phase=Phase.OFFERED, phase_ms=event.time_ms, order=order, no_unit=False)
    return replace(
        state,
        incidents=_with(state.incidents, event.incident_id, offered),
        by_unit=_with(state.by_unit, event.unit_id, event.incident_id),
        waiting=state.waiting - {event.incident_id},
    )


def _received(state: DispatchState, event: events.OrderReceived | events.UpdateReceived) -> DispatchState:
    def confirm(order: IssuedOrder) -> IssuedOrder:
        return replace(order, confirmed_revision=max(order.confirmed_revision, event.revision))

    return _change_order(state, event, confirm)


def _answered(kind: int) -> "Callable[[DispatchState, events.AckEvent], DispatchState]":
    def fold_ack(state: DispatchState, event: events.AckEvent) -> DispatchState:
        return _change_order(state, event, lambda order: replace(order, answered=order.answered | {kind}))

    return fold_ack


def _declined(state: DispatchState, event: events.Declined) -> DispatchState:
    return _asked(_answered(ack.DECLINED)(state, event), event, event.retry_ms)


def _offer_timed_out(state: DispatchState, event: events.OfferTimedOut) -> DispatchState:
    return _asked(state, event, event.retry_ms)


def _link(lost: bool) -> "Callable[[DispatchState, events.OrderEvent], DispatchState]":
    return lambda state, event: _change_order(state, event, lambda order: replace(order, unit_lost=lost))


def _offer_withdrawn(state: DispatchState, event: events.OfferWithdrawn) -> DispatchState:
    incident = _holder(state, event)
    if incident is None or incident.phase is not Phase.OFFERED:
        return state
    waiting = replace(incident, phase=Phase.WAITING, phase_ms=event.time_ms, order=None)
    return replace(
        _finish(state, cast(IssuedOrder, incident.order), STATE_CANCELLED, event.reason.value),
        incidents=_with(state.incidents, event.incident_id, waiting),
        waiting=state.waiting | {event.incident_id},
    )


def _assigned(state: DispatchState, event: events.Assigned) -> DispatchState:
    incident = _holder(state, event)
    if incident is None or incident.phase is not Phase.OFFERED:
        return state
    order = cast(IssuedOrder, incident.order)
    assigned = replace(
        incident,
        phase=Phase.ASSIGNED,
        phase_ms=event.time_ms,
        order=replace(order, state=STATE_ASSIGNED, revision=order.revision + 1),
    )
    return replace(state, incidents=_with(state.incidents, event.incident_id, assigned))


def _progress(kind: int, phase: Phase) -> "Callable[[DispatchState, events.AckEvent], DispatchState]":
    def fold_ack(state: DispatchState, event: events.AckEvent) -> DispatchState:
        state = _answered(kind)(state, event)
        incident = _holder(state, event)
        if incident is None:
            return state
        moved = replace(incident, phase=phase, phase_ms=event.time_ms)
        return replace(state, incidents=_with(state.incidents, event.incident_id, moved))

    return fold_ack


def _closed(state: DispatchState, event: events.Closed) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    if incident.order:
        state = _finish(state, incident.order, STATE_CLOSED, event.disposition)
    return replace(
        state,
        incidents=_without(state.incidents, event.incident_id),
        by_alert=_without(state.by_alert, incident.alert.alert_id),
        waiting=state.waiting - {event.incident_id},
    )


def _no_unit(state: DispatchState, event: events.NoUnit) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    return replace(state, incidents=_with(state.incidents, event.incident_id, replace(incident, no_unit=True)))


def _late_ack_refused(state: DispatchState, event: events.LateAckRefused) -> DispatchState:
    kind = _ACK_KINDS.get(event.ack, -1)
    incident = state.incidents.get(event.incident_id)
    goes_on = incident is not None and incident.order is not None and incident.order.unit_id != event.unit_id

    def refuse(order: IssuedOrder) -> IssuedOrder:
        return replace(
            order,
            answered=order.answered | {kind},
            revision=order.revision + 1,
            reason=SUPERSEDED if goes_on else order.reason,
        )

    return _change_order(state, event, refuse)


def _holder(state: DispatchState, event: events.OrderEvent) -> Incident | None:
    """The event's incident, if it is open and the event's order is the one it has."""
    incident = state.incidents.get(event.incident_id)
    if incident is None or incident.order is None or incident.order.order_id != event.order_id:
        return None
    return incident


def _asked(state: DispatchState, event: events.OrderEvent, again_ms: int) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    asked = replace(incident, asked=_with(incident.asked, event.unit_id, again_ms))
    return replace(state, incidents=_with(state.incidents, event.incident_id, asked))


def _change_order(
    state: DispatchState, event: events.OrderEvent, change: Callable[[IssuedOrder], IssuedOrder]
) -> DispatchState:
    """Change the event's order, open or finished."""
    incident = _holder(state, event)
    if incident:
        changed = replace(incident, order=change(cast(IssuedOrder, incident.order)))
        return replace(state, incidents=_with(state.incidents, event.incident_id, changed))
    orders = state.finished.get(event.unit_id, ())
    if not any(order.order_id == event.order_id for order in orders):
        return state
    kept = tuple(change(order) if order.order_id == event.order_id else order for order in orders)
    return replace(state, finished=_with(state.finished, event.unit_id, kept))


def _finish(state: DispatchState, order: IssuedOrder, order_state: int, reason: str) -> DispatchState:
    """The unit is free, and the order's end is remembered."""
    ended = replace(order, state=order_state, revision=order.revision + 1, reason=reason)
    kept = [*state.finished.get(order.unit_id, ()), ended]
    if len(kept) > FINISHED_KEPT:
        confirmed = (i for i, old in enumerate(kept) if old.confirmed_revision == old.revision)
        del kept[next(confirmed, 0)]
    return replace(
        state,
        by_unit=_without(state.by_unit, order.unit_id),
        finished=_with(state.finished, order.unit_id, tuple(kept)),
    )


def _with(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    return {k: v for k, v in mapping.items() if k != key}


_FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    events.AlertReceived: _alert_received,
    events.Offered: _offered,
    events.OrderReceived: _received,
    events.UpdateReceived: _received,
    events.Accepted: _answered(ack.ACCEPTED),
    events.Declined: _declined,
    events.OfferTimedOut: _offer_timed_out,
    events.UnitLost: _link(lost=True),
    events.UnitBack: _link(lost=False),
    events.OfferWithdrawn: _offer_withdrawn,
    events.Assigned: _assigned,
    events.EnRoute: _progress(ack.EN_ROUTE, Phase.EN_ROUTE),
    events.OnScene: _progress(ack.ON_SCENE, Phase.ON_SCENE),
    events.Clear: _answered(ack.CLEAR),
    events.Closed: _closed,
    events.NoUnit: _no_unit,
    events.LateAckRefused: _late_ack_refused,
}
