"""What the units are told: events as orders for the wire."""

from dataclasses import dataclass
from math import ceil

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event, Withdrawal
from sigap_server.dispatch.incident import IssuedOrder
from sigap_server.dispatch.policy import OFFICER
from sigap_server.dispatch.state import DispatchState
from sigap_wire.fields import UINT16_MAX
from sigap_wire.order import (
    ETA_UNKNOWN,
    KIND_EMERGENCY,
    KIND_NAMES,
    REASON_DUPLICATE,
    REASON_NONE,
    REASON_SUPERSEDED,
    REASON_UNANSWERED,
    REASON_UNIT_LOST,
    REASON_WITHDRAWN,
    STATE_CLOSED,
    STREET_MAX_BYTES,
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
    Withdrawal.SUPERSEDED: (REASON_SUPERSEDED, "another unit goes"),
    Withdrawal.PREEMPTED: (REASON_SUPERSEDED, "needed elsewhere"),
    Withdrawal.RECALLED: (REASON_WITHDRAWN, "called back"),
    Withdrawal.FALSE_ALARM: (REASON_WITHDRAWN, "false alarm"),
    Withdrawal.UNIT_EMERGENCY: (REASON_WITHDRAWN, "your own emergency"),
}
_TOLD = (
    events.Offered,
    events.Assigned,
    events.UnitBack,
    events.OfferWithdrawn,
    events.Recalled,
    events.UnitDone,
    events.LateAckRefused,
    events.Closed,
)
# What every assigned unit must know.
_TOLD_ALL = (events.PlaceMoved, events.PriorityChanged)
# On the wire an officer's own emergency is an emergency; its text says whose.
_WIRE_KINDS = {OFFICER: KIND_EMERGENCY, **{name: kind for kind, name in enumerate(KIND_NAMES)}}


@dataclass(frozen=True, slots=True)
class OrderToSend:
    """An order and the unit whose topic it goes to."""

    unit_id: str
    order: Order


def orders_for(event: Event, state_after: DispatchState) -> tuple[OrderToSend, ...]:
    """What the event makes known to units; `state_after` is the state right after this event."""
    if isinstance(event, _TOLD_ALL):
        incident = state_after.incidents.get(event.incident_id)
        return tuple(to_send(order) for order in incident.owners) if incident else ()
    if not isinstance(event, _TOLD) or event.unit_id is None or event.order_id is None:
        return ()
    order = state_after.order_of(event.unit_id, event.order_id)
    return (to_send(order),) if order else ()


def unit_orders(state: DispatchState, unit_id: str) -> tuple[OrderToSend, ...]:
    """What one unit must know now, in this order: ends that it has not acknowledged, then its open order."""
    return tuple(to_send(order) for order in state.orders_of(unit_id) if order.is_open or is_unconfirmed(order))


def open_orders(state: DispatchState) -> tuple[OrderToSend, ...]:
    """`unit_orders` of every unit: sent again after a restart. Idempotent, as units apply higher revisions only."""
    unit_ids = sorted({*state.finished, *state.by_unit})
    return tuple(order for unit_id in unit_ids for order in unit_orders(state, unit_id))


def is_unconfirmed(order: IssuedOrder) -> bool:
    """The unit may not know the latest revision yet."""
    return order.confirmed_revision < order.revision


def to_send(order: IssuedOrder) -> OrderToSend:
    """The order's latest form as the wire has it: the same for the same revision, whenever it is sent."""
    facts = order.facts
    reason, text = _end(order)
    return OrderToSend(
        order.unit_id,
        Order(
            order_id=order.order_id,
            revision=order.revision,
            state=order.state,
            incident_id=facts.incident_id,
            kind=_WIRE_KINDS.get(facts.kind, KIND_EMERGENCY),
            priority=facts.priority,
            lat_e7=facts.lat_e7,
            lon_e7=facts.lon_e7,
            # A location of unknown quality is shown as the worst there is, never as exact.
            accuracy_m=UINT16_MAX if facts.accuracy_m is None else facts.accuracy_m,
            pressed_time_s=max(0, facts.pressed_ms // 1000),
            expiry_time_s=order.expiry_time_s,
            eta_s=ETA_UNKNOWN if order.eta_s is None else min(ceil(order.eta_s), ETA_UNKNOWN - 1),
            reason=reason,
            text=_fitting(text, TEXT_MAX_BYTES),
            street=_fitting(facts.street, STREET_MAX_BYTES),
        ),
    )


def _end(order: IssuedOrder) -> tuple[int, str]:
    """The order's reason, sigap_wire.order.REASON_…, and its text: the caller's words, or why it ended."""
    if order.is_open:
        return REASON_NONE, order.facts.text
    if order.state == STATE_CLOSED:
        return REASON_NONE, order.reason.replace("_", " ")
    return _ENDS.get(order.reason, (REASON_NONE, order.reason))


def _fitting(text: str, limit_bytes: int) -> str:
    """As many whole characters as the wire's limit in bytes holds."""
    return text.encode()[:limit_bytes].decode(errors="ignore")
