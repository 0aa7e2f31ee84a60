"""Looking after the units that have accepted: what `watch` finds becomes events, and a better unit is proposed."""

from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.choice import choose
from sigap_server.dispatch.incident import IssuedOrder, Phase
from sigap_server.dispatch.seek import need_of
from sigap_server.dispatch.turn import Turn
from sigap_server.dispatch.watch import Finding, Glimpse, Watched, better_unit, watch
from sigap_server.dispatch.weighing import Survey, weigh_on
from sigap_server.eta import distance_m


def look_after(turn: Turn) -> None:
    """Look at every unit that is on its way."""
    orders = [order for order in turn.state.open_orders() if order.is_assignment and order.phase is not Phase.ON_SCENE]
    for order in sorted(orders, key=lambda order: order.order_id):
        _look_at(turn, order)


def _look_at(turn: Turn, order: IssuedOrder) -> None:
    glimpse = _glimpse(turn, order)
    news = watch(_watched(order), glimpse, turn.policy)
    facts: dict[str, Any] = {"incident_id": order.incident_id, "time_ms": turn.now_ms, "order_id": order.order_id}
    facts["unit_id"] = order.unit_id
    if news.progress:
        turn.add(events.CameNearer(**facts, eta_s=news.progress.eta_s, distance_m=news.progress.distance_m))
    for finding in news.ended:
        turn.add(events.Warned(**facts, finding=finding.value, lasts=False))
    for finding in news.begun:
        turn.add(events.Warned(**facts, finding=finding.value))
    if news.has_arrived:
        distance = round(glimpse.distance_m or 0)
        turn.add(events.ArrivedByPosition(**facts, distance_m=distance))
    if news.begun:
        _propose(turn, order, glimpse)


def _propose(turn: Turn, order: IssuedOrder, glimpse: Glimpse) -> None:
    """Say who would be there sooner. Nobody is ordered off: an operator decides."""
    need = need_of(turn.incident(order.incident_id), turn.now_ms)
    weighing = weigh_on(need, Survey(turn.state, turn.fleet, turn.now_ms, turn.policy), turn.eta)
    present_s = None if glimpse.is_lost else glimpse.eta_s
    better = better_unit(choose(need, weighing, turn.policy), present_s, turn.policy)
    if better is None or better.late_s is None:
        return
    turn.chose(
        need,
        weighing,
        events.BetterUnit(
            incident_id=order.incident_id,
            time_ms=turn.now_ms,
            order_id=order.order_id,
            unit_id=order.unit_id,
            better_unit_id=better.unit_id,
            eta_s=present_s,
            better_eta_s=better.late_s,
            why=f"{better.unit_id} would be there in {better.late_s:.0f} s",
        ),
    )


def _glimpse(turn: Turn, order: IssuedOrder) -> Glimpse:
    if order.unit_id not in turn.fleet:
        return Glimpse(turn.now_ms, None, None, None, 0.0, None, is_lost=True)
    unit = turn.fleet.unit(order.unit_id)
    place = turn.incident(order.incident_id).facts
    at = unit.position
    silent_s = None if unit.heard_ms is None else max(0, turn.now_ms - unit.heard_ms) / 1000
    if at is None:
        return Glimpse(turn.now_ms, None, None, None, 0.0, silent_s, unit.is_lost)
    (eta,) = turn.eta.eta(place.lat_e7, place.lon_e7, [at])
    return Glimpse(
        now_ms=turn.now_ms,
        eta_s=eta.eta_s,
        distance_m=distance_m(place.lat_e7, place.lon_e7, at.lat_e7, at.lon_e7),
        age_s=max(0, turn.now_ms - at.received_ms) / 1000 if at.live else None,
        speed_mps=at.speed_cmps / 100,
        silent_s=silent_s,
        is_lost=unit.is_lost,
    )


def _watched(order: IssuedOrder) -> Watched:
    return Watched(
        offered_ms=order.offered_ms,
        assigned_ms=order.assigned_ms or order.offered_ms,
        promised_s=order.eta_s,
        accuracy_m=order.facts.accuracy_m,
        first=order.first,
        nearest=order.nearest,
        warnings=frozenset(finding for finding in Finding if finding.value in order.warnings),
        has_arrived=order.arrived_ms is not None,
    )
