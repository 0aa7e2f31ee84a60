"""What the fleet says of units that hold an order, and of officers in distress."""

from collections.abc import Iterable

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.ends import end_order, end_overdue
from sigap_server.dispatch.events import Withdrawal
from sigap_server.dispatch.intake import officer_calls
from sigap_server.dispatch.seek import may_help
from sigap_server.dispatch.turn import Turn
from sigap_server.dispatch.watching import look_after
from sigap_server.eta import distance_m
from sigap_server.fleet import Unit

# What a warning about a unit's own emergency is called, beside watch's findings.
UNIT_EMERGENCY = "unit_emergency"


def link_changed(turn: Turn, given: inputs.UnitLost | inputs.UnitBack) -> None:
    """A unit's connection ended or began."""
    look_at_links(turn, (given.unit_id,))


def fleet_changed(turn: Turn, given: inputs.FleetChanged) -> bool:
    """True if incidents that wait are worth another look: units report every second, and nearly always nothing waits,
    or nobody who reports could help if it did."""
    look_at_links(turn, given.unit_ids or turn.state.by_unit)
    look_at_officers(turn, given.unit_ids)
    if turn.happened or not given.unit_ids:
        return True
    return any(may_help(turn, unit_id) for unit_id in given.unit_ids)


def tick(turn: Turn, given: inputs.Tick) -> None:
    """Time passed."""
    look_at_links(turn, turn.state.by_unit)
    look_at_officers(turn, ())
    look_after(turn)
    end_overdue(turn)


def look_at_links(turn: Turn, unit_ids: Iterable[str]) -> None:
    """Note which holders of an order were lost or came back; an offer to a lost unit goes on to the next."""
    for unit_id in sorted(unit_ids):
        order = turn.state.open_order(unit_id)
        if order is None:
            continue
        lost = unit_id not in turn.fleet or turn.fleet.unit(unit_id).is_lost
        if lost is order.unit_lost:
            continue
        event_class = events.UnitLost if lost else events.UnitBack
        turn.add(
            event_class(incident_id=order.incident_id, time_ms=turn.now_ms, order_id=order.order_id, unit_id=unit_id)
        )
        if lost and order.is_offer:
            turn.add(end_order(order, Withdrawal.UNIT_LOST, turn.now_ms))


def look_at_officers(turn: Turn, unit_ids: Iterable[str]) -> None:
    """Officers in distress: a new emergency, one that moves, one that is over. No unit_ids: look at all."""
    fleet = turn.fleet
    units = [fleet.unit(unit_id) for unit_id in sorted(unit_ids) if unit_id in fleet] if unit_ids else fleet.units()
    for unit in units:
        if unit.distress is None:
            continue
        incident_id = turn.state.officers.get(unit.unit_id)
        if incident_id is not None:
            _follow(turn, unit, incident_id)
        elif unit.in_emergency and turn.state.distress.get(unit.unit_id) != unit.distress.since_ms:
            _begin(turn, unit, unit.distress.since_ms)


def _begin(turn: Turn, unit: Unit, since_ms: int) -> None:
    """The unit is asked no more; what it has accepted stays its own, with a warning, as it may be needed there."""
    order = turn.state.open_order(unit.unit_id)
    if order is not None and order.is_offer:
        turn.add(end_order(order, Withdrawal.UNIT_EMERGENCY, turn.now_ms))
    elif order is not None:
        turn.add(
            events.Warned(
                incident_id=order.incident_id,
                time_ms=turn.now_ms,
                order_id=order.order_id,
                unit_id=unit.unit_id,
                finding=UNIT_EMERGENCY,
                detail="its officer is in distress",
            )
        )
    officer_calls(turn, unit, since_ms)


def _follow(turn: Turn, unit: Unit, incident_id: int) -> None:
    incident = turn.incident(incident_id)
    if not unit.in_emergency and not incident.officer_safe:
        turn.add(
            events.OfficerSafe(
                incident_id=incident_id,
                time_ms=turn.now_ms,
                actor=events.unit_actor(unit.unit_id),
                officer=unit.unit_id,
            )
        )
    at, facts = unit.position, incident.facts
    if at is None or not unit.in_emergency:
        return
    moved_m = distance_m(facts.lat_e7, facts.lon_e7, at.lat_e7, at.lon_e7)
    if moved_m >= turn.policy.queue.officer_moved_m:
        turn.add(
            events.PlaceMoved(
                incident_id=incident_id, time_ms=turn.now_ms, lat_e7=at.lat_e7, lon_e7=at.lon_e7, accuracy_m=None
            )
        )
