"""What alerts do to the state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event, HoldReason
from sigap_server.dispatch.evolve.change import alter, put, tell_owners, with_key, without_key
from sigap_server.dispatch.incident import Facts, Incident, Phase
from sigap_server.dispatch.policy import Mode
from sigap_server.dispatch.state import DispatchState


def _alert_received(state: DispatchState, event: events.AlertReceived) -> DispatchState:
    if event.incident_id < state.next_incident_id:
        return state
    facts = Facts(
        incident_id=event.incident_id,
        kind=event.kind,
        priority=event.priority,
        lat_e7=event.lat_e7,
        lon_e7=event.lon_e7,
        accuracy_m=event.accuracy_m,
        text=event.text,
        pressed_ms=event.pressed_ms,
        street=event.street,
    )
    incident = Incident(
        alert=event,
        facts=facts,
        phase=Phase.WAITING,
        phase_ms=event.time_ms,
        unowned_ms=event.time_ms,
        tier=event.tier,
        mode=event.mode,
        reasons=event.reasons,
        held=HoldReason.RECOMMEND if event.mode is Mode.RECOMMEND else None,
        act_by_ms=event.act_by_ms,
    )
    if event.officer:
        state = replace(
            state,
            officers=state.officers.set(event.officer, event.incident_id),
            distress=state.distress.set(event.officer, event.pressed_ms),
        )
    return put(
        state,
        incident,
        by_alert=state.by_alert.set(event.alert_id, event.incident_id),
        next_incident_id=event.incident_id + 1,
    )


def _alert_linked(state: DispatchState, event: events.AlertLinked) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None or state.by_alert.get(event.alert_id, event.incident_id) != event.incident_id:
        return state
    linked = replace(incident, linked=with_key(incident.linked, event.alert_id, event))
    return put(state, linked, by_alert=state.by_alert.set(event.alert_id, event.incident_id))


def _alert_unlinked(state: DispatchState, event: events.AlertUnlinked) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None or event.alert_id not in incident.linked:
        return state
    alone = replace(incident, linked=without_key(incident.linked, event.alert_id))
    return put(state, alone, by_alert=state.by_alert.delete(event.alert_id))


def _trust_changed(state: DispatchState, event: events.TrustChanged) -> DispatchState:
    return alter(state, event.incident_id, tier=event.tier, mode=event.mode, reasons=event.reasons)


def _cancel_requested(state: DispatchState, event: events.CancelRequested) -> DispatchState:
    return alter(state, event.incident_id, cancel=event)


def _cancel_refused(state: DispatchState, event: events.CancelRefused) -> DispatchState:
    return alter(state, event.incident_id, cancel=None)


def _place_moved(state: DispatchState, event: events.PlaceMoved) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    return put(state, tell_owners(incident, lat_e7=event.lat_e7, lon_e7=event.lon_e7, accuracy_m=event.accuracy_m))


def _officer_safe(state: DispatchState, event: events.OfficerSafe) -> DispatchState:
    return alter(state, event.incident_id, officer_safe=True)


FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    events.AlertReceived: _alert_received,
    events.AlertLinked: _alert_linked,
    events.AlertUnlinked: _alert_unlinked,
    events.TrustChanged: _trust_changed,
    events.CancelRequested: _cancel_requested,
    events.CancelRefused: _cancel_refused,
    events.PlaceMoved: _place_moved,
    events.OfficerSafe: _officer_safe,
}
