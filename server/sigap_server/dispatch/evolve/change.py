"""The small changes of which every fold is made."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sigap_server.dispatch.events import OrderEvent
from sigap_server.dispatch.incident import Incident, IssuedOrder, Phase
from sigap_server.dispatch.state import FINISHED_KEPT, DispatchState
from sigap_server.dispatch.workload import with_job

K = TypeVar("K")
V = TypeVar("V")

# Later phases first: an incident is where its furthest unit is.
_PHASES = (Phase.ON_SCENE, Phase.EN_ROUTE, Phase.ASSIGNED, Phase.OFFERED)


def with_key(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """For the few entries that an incident has; the state's own maps are persistent ones."""
    return {**mapping, key: value}


def without_key(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """Likewise."""
    return {k: v for k, v in mapping.items() if k != key}


def put(state: DispatchState, incident: Incident, **others: Any) -> DispatchState:
    """The incident as it is now, what follows from its orders brought up to date."""
    incident_id, is_unfilled = incident.incident_id, incident.missing > 0
    if is_unfilled is not (incident_id in state.unfilled):
        others["unfilled"] = state.unfilled | {incident_id} if is_unfilled else state.unfilled - {incident_id}
    return replace(state, incidents=state.incidents.set(incident_id, incident), **others)


def alter(state: DispatchState, incident_id: int, **changes: Any) -> DispatchState:
    """Change an incident's fields, if it is open."""
    incident = state.incidents.get(incident_id)
    return state if incident is None else put(state, replace(incident, **changes))


def with_orders(incident: Incident, orders: Mapping[int, IssuedOrder], time_ms: int, **changes: Any) -> Incident:
    """The incident with these open orders, and the phase and ownership that they make."""
    phases = {order.phase for order in orders.values()}
    phase = next((phase for phase in _PHASES if phase in phases), Phase.WAITING)
    if phase is not incident.phase:
        changes.update(phase=phase, phase_ms=time_ms)
    is_owned = any(order.is_assignment for order in orders.values())
    if is_owned:
        changes["unowned_ms"] = None
    elif incident.unowned_ms is None:
        changes["unowned_ms"] = time_ms
    return replace(incident, orders=orders, **changes)


def holder(state: DispatchState, event: OrderEvent) -> tuple[Incident, IssuedOrder] | None:
    """The event's incident and order, if both are open."""
    incident = state.incidents.get(event.incident_id)
    order = None if incident is None else incident.orders.get(event.order_id)
    return None if incident is None or order is None or order.unit_id != event.unit_id else (incident, order)


def change_order(
    state: DispatchState, event: OrderEvent, change: Callable[[IssuedOrder], IssuedOrder]
) -> DispatchState:
    """Change the event's order, open or finished."""
    found = holder(state, event)
    if found:
        incident, order = found
        orders = with_key(incident.orders, order.order_id, change(order))
        return put(state, with_orders(incident, orders, event.time_ms))
    orders_over = state.finished.get(event.unit_id, ())
    if not any(order.order_id == event.order_id for order in orders_over):
        return state
    kept = tuple(change(order) if order.order_id == event.order_id else order for order in orders_over)
    return replace(state, finished=state.finished.set(event.unit_id, kept))


def finish(
    state: DispatchState, incident: Incident, order: IssuedOrder, end: tuple[int, str], time_ms: int, **changes: Any
) -> DispatchState:
    """The unit is free, the order's end, its (state, reason), is remembered, and the incident goes on without it."""
    without = with_orders(incident, without_key(incident.orders, order.order_id), time_ms, **changes)
    return put(remember(state, order, end, time_ms), without)


def remember(state: DispatchState, order: IssuedOrder, end: tuple[int, str], time_ms: int) -> DispatchState:
    """The unit is free, and its order is among those that are over."""
    order_state, reason = end
    ended = replace(order, state=order_state, revision=order.revision + 1, reason=reason)
    kept = [*state.finished.get(order.unit_id, ()), ended]
    if len(kept) > FINISHED_KEPT:
        confirmed = (i for i, old in enumerate(kept) if old.confirmed_revision == old.revision)
        del kept[next(confirmed, 0)]
    work = state.work
    if order.assigned_ms is not None:
        work = work.set(order.unit_id, with_job(work.get(order.unit_id, ()), order.assigned_ms, time_ms))
    return replace(
        state,
        by_unit=state.by_unit.delete(order.unit_id),
        work=work,
        finished=state.finished.set(order.unit_id, tuple(kept)),
    )


def tell_owners(incident: Incident, **facts: Any) -> Incident:
    """New facts; the units that are on it get a higher revision with them, those that are only asked hear of them when
    they accept."""
    told = replace(incident.facts, **facts)
    orders = {
        order_id: replace(order, facts=told, revision=order.revision + 1) if order.is_assignment else order
        for order_id, order in incident.orders.items()
    }
    return replace(incident, facts=told, orders=orders)
