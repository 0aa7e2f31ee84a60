"""The decisions: (state, input, now, fleet, policy) → events."""

from dataclasses import dataclass
from enum import StrEnum

from sigap_server.dispatch.events import Event
from sigap_server.dispatch.inputs import Input
from sigap_server.dispatch.orders import OrderToSend
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.state import DispatchState
from sigap_server.fleet import Fleet


class Refusal(StrEnum):
    """Why an input was not accepted; nothing follows from it."""

    UNKNOWN_ORDER = "unknown_order"
    WRONG_UNIT = "wrong_unit"
    UNKNOWN_REVISION = "unknown_revision"
    NOT_ASSIGNED = "not_assigned"
    ALREADY_ASSIGNED = "already_assigned"
    UNKNOWN_INCIDENT = "unknown_incident"


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one input: commit `events`, adopt `state`, then send `orders`."""

    state: DispatchState
    events: tuple[Event, ...] = ()
    orders: tuple[OrderToSend, ...] = ()
    refused: Refusal | None = None


def refusal(state: DispatchState, given: Input) -> Refusal | None:
    """Why this input is not accepted, or None. `decide` answers a refused input with no events."""
    raise NotImplementedError


def decide(state: DispatchState, given: Input, now_ms: int, fleet: Fleet, policy: Policy) -> tuple[Event, ...]:
    """The events that follow from an input; for the same arguments always the same ones. Never raises for an input."""
    raise NotImplementedError


def step(state: DispatchState, given: Input, now_ms: int, fleet: Fleet, policy: Policy) -> Step:
    """`decide`, folded, with the orders to send and the refusal."""
    raise NotImplementedError
