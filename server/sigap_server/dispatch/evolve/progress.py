"""What assigned units do to the state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event
from sigap_server.dispatch.evolve.change import change_order, finish, holder, put, remember, with_key, with_orders
from sigap_server.dispatch.incident import IssuedOrder, Phase, Progress
from sigap_server.dispatch.state import DispatchState
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED


def _assigned(state: DispatchState, event: events.Assigned) -> DispatchState:
    found = holder(state, event)
    if found is None or not found[1].is_offer or not found[0].missing:
        return state
    incident, order = found
    assigned = replace(
        order,
        facts=incident.facts,
        state=STATE_ASSIGNED,
        phase=Phase.ASSIGNED,
        assigned_ms=event.time_ms,
        revision=order.revision + 1,
        replaces=None,
    )
    orders = with_key(incident.orders, order.order_id, assigned)
    return put(
        state, with_orders(incident, orders, event.time_ms, tries=0, broadcast=False, no_unit=False, act_by_ms=None)
    )


def _unit_lost(state: DispatchState, event: events.UnitLost) -> DispatchState:
    return change_order(state, event, lambda order: replace(order, unit_lost=True))


def _unit_back(state: DispatchState, event: events.UnitBack) -> DispatchState:
    return change_order(state, event, lambda order: replace(order, unit_lost=False))


def _progress(kind: int, phase: Phase) -> "Callable[[DispatchState, events.AckEvent], DispatchState]":
    def fold_ack(state: DispatchState, event: events.AckEvent) -> DispatchState:
        def move(order: IssuedOrder) -> IssuedOrder:
            answered = order.answered | {kind}
            return replace(order, answered=answered, phase=phase if order.is_assignment else order.phase)

        return change_order(state, event, move)

    return fold_ack


def _arrived_by_position(state: DispatchState, event: events.ArrivedByPosition) -> DispatchState:
    def arrive(order: IssuedOrder) -> IssuedOrder:
        return replace(order, arrived_ms=event.time_ms, phase=Phase.ON_SCENE) if order.is_assignment else order

    return change_order(state, event, arrive)


def _clear(state: DispatchState, event: events.Clear) -> DispatchState:
    return change_order(state, event, lambda order: replace(order, answered=order.answered | {ack.CLEAR}))


def _unit_done(state: DispatchState, event: events.UnitDone) -> DispatchState:
    found = holder(state, event)
    if found is None or not found[1].is_assignment:
        return state
    return finish(state, *found, (STATE_CLOSED, event.disposition), event.time_ms, wanted=event.wanted)


def _recalled(state: DispatchState, event: events.Recalled) -> DispatchState:
    found = holder(state, event)
    if found is None or not found[1].is_assignment:
        return state
    incident, order = found
    barred = incident.barred | {event.unit_id} if event.barred else incident.barred
    return finish(state, incident, order, (STATE_CANCELLED, event.reason.value), event.time_ms, barred=barred)


def _warned(state: DispatchState, event: events.Warned) -> DispatchState:
    def warn(order: IssuedOrder) -> IssuedOrder:
        warnings = order.warnings - {event.finding} if not event.lasts else order.warnings | {event.finding}
        return replace(order, warnings=warnings, better=order.better if warnings else "")

    return change_order(state, event, warn)


def _came_nearer(state: DispatchState, event: events.CameNearer) -> DispatchState:
    progress = Progress(event.time_ms, event.eta_s, event.distance_m)
    return change_order(state, event, lambda order: replace(order, first=order.first or progress, nearest=progress))


def _better_unit(state: DispatchState, event: events.BetterUnit) -> DispatchState:
    return change_order(state, event, lambda order: replace(order, better=event.better_unit_id))


def _closed(state: DispatchState, event: events.Closed) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    for order in incident.orders.values():
        state = remember(state, order, (STATE_CLOSED, event.disposition), event.time_ms)
    by_alert = state.by_alert
    for alert_id in incident.alert_ids:
        if by_alert.get(alert_id) == event.incident_id:
            by_alert = by_alert.delete(alert_id)
    officers = state.officers
    if officers.get(incident.officer) == event.incident_id:
        officers = officers.delete(incident.officer)
    return replace(
        state,
        incidents=state.incidents.delete(event.incident_id),
        by_alert=by_alert,
        officers=officers,
        unfilled=state.unfilled - {event.incident_id},
    )


FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    events.Assigned: _assigned,
    events.UnitLost: _unit_lost,
    events.UnitBack: _unit_back,
    events.EnRoute: _progress(ack.EN_ROUTE, Phase.EN_ROUTE),
    events.OnScene: _progress(ack.ON_SCENE, Phase.ON_SCENE),
    events.ArrivedByPosition: _arrived_by_position,
    events.Clear: _clear,
    events.UnitDone: _unit_done,
    events.Recalled: _recalled,
    events.CameNearer: _came_nearer,
    events.Warned: _warned,
    events.BetterUnit: _better_unit,
    events.Closed: _closed,
}
