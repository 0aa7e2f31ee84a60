"""What the units are told: events as orders for the wire."""

from dataclasses import dataclass

from sigap_server.dispatch.events import Event
from sigap_server.dispatch.state import DispatchState
from sigap_wire.order import Order


@dataclass(frozen=True, slots=True)
class OrderToSend:
    """An order and the unit whose topic it goes to."""

    unit_id: str
    order: Order


def orders_for(event: Event, state_after: DispatchState) -> tuple[OrderToSend, ...]:
    """What the event makes known to units; `state_after` is the state right after this event."""
    raise NotImplementedError


def unit_orders(state: DispatchState, unit_id: str) -> tuple[OrderToSend, ...]:
    """What one unit must know now, in this order: ends it has not acknowledged, then its open order."""
    raise NotImplementedError


def open_orders(state: DispatchState) -> tuple[OrderToSend, ...]:
    """`unit_orders` of every unit: sent again after a restart. Idempotent, as units apply higher revisions only."""
    raise NotImplementedError
