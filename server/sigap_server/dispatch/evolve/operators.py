"""What operators do to the state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import SYSTEM, Event
from sigap_server.dispatch.evolve.change import alter, put, tell_owners, with_key, without_key
from sigap_server.dispatch.state import DispatchState


def _presented(state: DispatchState, event: events.Presented) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None or incident.presented_ms is not None:
        return state
    return put(state, replace(incident, presented_ms=event.time_ms))


def _answered(state: DispatchState, event: events.Answered) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None or incident.answered_ms is not None:
        return state
    return put(state, replace(incident, answered_ms=event.time_ms))


def _verified(state: DispatchState, event: events.Verified) -> DispatchState:
    return alter(state, event.incident_id, verdict=event.verdict, act_by_ms=None)


def _held(state: DispatchState, event: events.Held) -> DispatchState:
    return alter(state, event.incident_id, held=event.reason, act_by_ms=event.act_by_ms, no_unit=False, broadcast=False)


def _released(state: DispatchState, event: events.Released) -> DispatchState:
    # What went out by itself is still an operator's to look at, until one acts or a unit accepts.
    acted = {} if event.actor == SYSTEM else {"act_by_ms": None}
    return alter(state, event.incident_id, held=None, **acted)


def _priority_changed(state: DispatchState, event: events.PriorityChanged) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    return state if incident is None else put(state, tell_owners(incident, priority=event.priority))


def _need_changed(state: DispatchState, event: events.NeedChanged) -> DispatchState:
    return alter(
        state,
        event.incident_id,
        wanted=event.wanted,
        unit_kinds=frozenset(event.unit_kinds),
        skills=frozenset(event.skills),
        agency=event.agency,
        sector=event.sector,
        no_unit=False,
    )


def _backup_requested(state: DispatchState, event: events.BackupRequested) -> DispatchState:
    return alter(state, event.incident_id, wanted=event.wanted)


def _alarm_raised(state: DispatchState, event: events.AlarmRaised) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    return put(state, replace(incident, raised=with_key(incident.raised, event.alarm, event.time_ms)))


def _alarm_ended(state: DispatchState, event: events.AlarmEnded) -> DispatchState:
    incident = state.incidents.get(event.incident_id)
    return (
        state if incident is None else put(state, replace(incident, raised=without_key(incident.raised, event.alarm)))
    )


FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    events.Presented: _presented,
    events.Answered: _answered,
    events.Verified: _verified,
    events.Held: _held,
    events.Released: _released,
    events.PriorityChanged: _priority_changed,
    events.NeedChanged: _need_changed,
    events.BackupRequested: _backup_requested,
    events.AlarmRaised: _alarm_raised,
    events.AlarmEnded: _alarm_ended,
}
