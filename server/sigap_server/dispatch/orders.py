"""What the units are told: events as orders for the wire."""

from dataclasses import dataclass
from math import ceil

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event, Withdrawal
from sigap_server.dispatch.state import SUPERSEDED, DispatchState, IssuedOrder
from sigap_wire.fields import UINT16_MAX
from sigap_wire.order import (
    ETA_UNKNOWN,
    KIND_NAMES,
    REASON_DUPLICATE,
    REASON_NONE,
    REASON_SUPERSEDED,
    REASON_UNANSWERED,
    REASON_UNIT_LOST,
    REASON_WITHDRAWN,
    STATE_ASSIGNED,
    STATE_CLOSED,
    STATE_OFFERED,
    TEXT_MAX_BYTES,
    Order,
)

# What an officer reads when an order ends: a reason that the screen says in the officer's language, and the same as a
# short text, for a screen of 21 characters a line.
_ENDS: dict[str, tuple[int, str]] = {
    Withdrawal.DECLINED: (REASON_NONE, "declined"),
    Withdrawal.RECEIPT_TIMEOUT: (REASON_UNANSWERED, "no answer in time"),
    Withdrawal.ACCEPT_TIMEOUT: (REASON_UNANSWERED, "no answer in time"),
    Withdrawal.EXPIRED: (REASON_UNANSWERED, "no answer in time"),
    Withdrawal.UNIT_LOST: (REASON_UNIT_LOST, "connection was lost"),
    Withdrawal.INCIDENT_CLOSED: (REASON_WITHDRAWN, "incident closed"),
    Withdrawal.DUPLICATE: (REASON_DUPLICATE, "known already"),
    SUPERSEDED: (REASON_SUPERSEDED, "another unit goes"),
}
_TOLD = (
    events.Offered,
    events.Assigned,
    events.UnitBack,
    events.OfferWithdrawn,
    events.LateAckRefused,
    events.Closed,
)


@dataclass(frozen=True, slots=True)
class OrderToSend:
    """An order and the unit whose topic it goes to."""

    unit_id: str
    order: Order


def orders_for(event: Event, state_after: DispatchState) -> tuple[OrderToSend, ...]:
    """What the event makes known to units; `state_after` is the state right after this event."""
    if not isinstance(event, _TOLD) or event.unit_id is None or event.order_id is None:
        return ()
    order = state_after.order_of(event.unit_id, event.order_id)
    return (to_send(order),) if order else ()


def unit_orders(state: DispatchState, unit_id: str) -> tuple[OrderToSend, ...]:
    """What one unit must know now, in this order: ends that it has not acknowledged, then its open order."""
    return tuple(to_send(order) for order in state.orders_of(unit_id) if is_open(order) or is_unconfirmed(order))


def open_orders(state: DispatchState) -> tuple[OrderToSend, ...]:
    """`unit_orders` of every unit: sent again after a restart. Idempotent, as units apply higher revisions only."""
    unit_ids = sorted({*state.finished, *state.by_unit})
    return tuple(order for unit_id in unit_ids for order in unit_orders(state, unit_id))


def is_open(order: IssuedOrder) -> bool:
    """Offered or assigned."""
    return order.state in (STATE_OFFERED, STATE_ASSIGNED)


def is_unconfirmed(order: IssuedOrder) -> bool:
    """The unit may not know the latest revision yet."""
    return order.confirmed_revision < order.revision


def to_send(order: IssuedOrder) -> OrderToSend:
    """The order's latest form as the wire has it: the same for the same revision, whenever it is sent."""
    alert = order.alert
    reason, text = _end(order)
    return OrderToSend(
        order.unit_id,
        Order(
            order_id=order.order_id,
            revision=order.revision,
            state=order.state,
            incident_id=alert.incident_id,
            kind=KIND_NAMES.index(alert.kind),
            priority=alert.priority,
            lat_e7=alert.lat_e7,
            lon_e7=alert.lon_e7,
            # A location of unknown quality is shown as the worst there is, never as exact.
            accuracy_m=UINT16_MAX if alert.accuracy_m is None else alert.accuracy_m,
            pressed_time_s=max(0, alert.pressed_ms // 1000),
            expiry_time_s=order.expiry_time_s,
            eta_s=min(ceil(order.eta_s), ETA_UNKNOWN - 1),
            reason=reason,
            text=_fitting(text),
        ),
    )


def _end(order: IssuedOrder) -> tuple[int, str]:
    """The order's reason, sigap_wire.order.REASON_…, and its text: the caller's words, or why it ended."""
    if is_open(order):
        return REASON_NONE, order.alert.text
    if order.state == STATE_CLOSED:
        return REASON_NONE, order.reason.replace("_", " ")
    return _ENDS.get(order.reason, (REASON_NONE, order.reason))


def _fitting(text: str) -> str:
    """As many whole characters as the wire's limit in bytes holds."""
    return text.encode()[:TEXT_MAX_BYTES].decode(errors="ignore")
