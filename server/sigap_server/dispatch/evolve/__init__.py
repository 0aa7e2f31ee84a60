"""The fold: (state, event) → state."""

from collections.abc import Callable, Iterable
from typing import Any

from sigap_server.dispatch.events import Event
from sigap_server.dispatch.evolve import alerts, offers, operators, progress
from sigap_server.dispatch.state import DispatchState

_FOLDS: dict[type[Event], Callable[[DispatchState, Any], DispatchState]] = {
    **alerts.FOLDS,
    **offers.FOLDS,
    **progress.FOLDS,
    **operators.FOLDS,
}


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
