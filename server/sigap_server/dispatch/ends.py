"""How orders end: the events, and which of them follow from one another."""

from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import SYSTEM, Deadline, Withdrawal
from sigap_server.dispatch.incident import Incident, IssuedOrder
from sigap_server.dispatch.policy import Policy, by_priority
from sigap_server.dispatch.turn import Turn


def end_order(
    order: IssuedOrder, reason: Withdrawal, now_ms: int, actor: str = SYSTEM, note: str = "", barred: bool = False
) -> events.OfferWithdrawn | events.Recalled:
    """The event that ends an open order: an offer is taken back, an assigned unit is ordered off."""
    facts: dict[str, Any] = {
        "incident_id": order.incident_id,
        "time_ms": now_ms,
        "actor": actor,
        "order_id": order.order_id,
        "unit_id": order.unit_id,
        "reason": reason,
        "note": note,
        "barred": barred,
    }
    return events.OfferWithdrawn(**facts) if order.is_offer else events.Recalled(**facts)


def retry_ms(now_ms: int, policy: Policy) -> int:
    """When a unit that declined or did not answer may be asked again."""
    return now_ms + round(policy.offer.retry_after_s * 1000)


def time_out(
    order: IssuedOrder, deadline: Deadline, now_ms: int, policy: Policy, actor: str = SYSTEM
) -> events.OfferTimedOut:
    """The event that an offer was not answered in time."""
    return events.OfferTimedOut(
        incident_id=order.incident_id,
        time_ms=now_ms,
        actor=actor,
        order_id=order.order_id,
        unit_id=order.unit_id,
        deadline=deadline,
        retry_ms=retry_ms(now_ms, policy),
    )


def end_overdue(turn: Turn) -> None:
    """End the offers whose deadline has passed, in the order of their deadlines."""
    overdue = [order for order in turn.state.open_orders() if order.is_offer and order.deadline_ms <= turn.now_ms]
    for order in sorted(overdue, key=lambda order: (order.deadline_ms, order.order_id)):
        deadline, reason = _missed(order)
        turn.add(time_out(order, deadline, turn.now_ms, turn.policy), end_order(order, reason, turn.now_ms))


def end_excess(turn: Turn, incident_id: int, actor: str = SYSTEM) -> None:
    """Take back the offers that are not needed any more, the latest first: somebody accepted, or fewer are wanted."""
    incident = turn.incident(incident_id)
    owners = {order.order_id for order in incident.owners}
    # An offer to replace an assigned unit takes no place, as long as that one is there to be replaced.
    plain = [order for order in incident.offers if order.replaces not in owners]
    for order in plain[places(incident, turn.policy) :]:
        turn.add(end_order(order, Withdrawal.SUPERSEDED, turn.now_ms, actor))


def places(incident: Incident, policy: Policy) -> int:
    """How many offers may be out at a time."""
    if not incident.missing:
        return 0
    if incident.broadcast:
        return max(policy.offer.broadcast_units, incident.missing)
    return incident.missing + by_priority(policy.offer.at_once, incident.priority) - 1


def close(turn: Turn, incident_id: int, disposition: str, actor: str, why: Withdrawal) -> None:
    """End the incident: offers are taken back because of `why`, every unit that is on it gets a closed order."""
    incident = turn.incident(incident_id)
    for order in incident.offers:
        turn.add(end_order(order, why, turn.now_ms, actor))
    owners = incident.owners
    for number, order in enumerate(owners[:-1], 1):
        turn.add(unit_done(order, len(owners) - number, disposition, turn.now_ms, actor))
    last = owners[-1] if owners else None
    turn.add(
        events.Closed(
            incident_id=incident_id,
            time_ms=turn.now_ms,
            actor=actor,
            disposition=disposition,
            order_id=last.order_id if last else None,
            unit_id=last.unit_id if last else None,
        )
    )


def unit_done(order: IssuedOrder, wanted: int, disposition: str, now_ms: int, actor: str) -> events.UnitDone:
    """The event that ends one unit's part while the incident goes on."""
    return events.UnitDone(
        incident_id=order.incident_id,
        time_ms=now_ms,
        actor=actor,
        order_id=order.order_id,
        unit_id=order.unit_id,
        wanted=wanted,
        disposition=disposition,
    )


def _missed(order: IssuedOrder) -> tuple[Deadline, Withdrawal]:
    if order.confirmed_revision or order.accept_deadline_ms <= order.receipt_deadline_ms:
        return Deadline.ACCEPT, Withdrawal.ACCEPT_TIMEOUT
    return Deadline.RECEIPT, Withdrawal.RECEIPT_TIMEOUT
