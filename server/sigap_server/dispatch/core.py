"""The decisions: (state, input, now, fleet, eta, policy) → events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.acks import Refusal, ack_refusal, answer, end_offer, time_out
from sigap_server.dispatch.choice import RECORDED_MAX, Ranking, Survey, is_ready, may_ask, rank
from sigap_server.dispatch.events import Deadline, Event, Withdrawal
from sigap_server.dispatch.evolve import evolve
from sigap_server.dispatch.inputs import Input
from sigap_server.dispatch.orders import OrderToSend, is_open, is_unconfirmed, orders_for, to_send, unit_orders
from sigap_server.dispatch.policy import PRIORITIES, Policy
from sigap_server.dispatch.state import DispatchState, Incident, IssuedOrder, Phase
from sigap_server.dispatch.wording import why_chosen, why_nobody
from sigap_server.eta import EtaMethod
from sigap_server.fleet import Fleet
from sigap_wire.ack import RECEIVED


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one input: commit `events`, adopt `state`, then send `orders`."""

    state: DispatchState
    events: tuple[Event, ...] = ()
    orders: tuple[OrderToSend, ...] = ()
    refused: Refusal | None = None


def refusal(state: DispatchState, given: Input) -> Refusal | None:
    """Why this input is not accepted, or None. `decide` answers a refused input with no events."""
    if isinstance(given, inputs.AckArrived):
        return ack_refusal(state, given.unit_id, given.ack)
    if isinstance(given, inputs.CloseIncident) and given.incident_id not in state.incidents:
        return Refusal.UNKNOWN_INCIDENT
    return None


def decide(
    state: DispatchState, given: Input, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy
) -> tuple[Event, ...]:
    """The events that follow from an input; for the same arguments always the same ones. Never raises for an input."""
    return tuple(event for event, _ in _happened(state, given, now_ms, fleet, eta, policy))


def step(state: DispatchState, given: Input, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy) -> Step:
    """`decide`, folded, with the orders to send and the refusal."""
    refused = refusal(state, given)
    if refused:
        return Step(state, refused=refused)
    happened = _happened(state, given, now_ms, fleet, eta, policy)
    after = happened[-1][1] if happened else state
    # Repetitions first: a unit that still shows an order which is over would not look at a new one.
    sent = [*_to_repeat(after, given), *(order for event, then in happened for order in orders_for(event, then))]
    once = {(order.order.order_id, order.order.revision): order for order in sent}
    return Step(after, tuple(event for event, _ in happened), tuple(once.values()))


def _happened(
    state: DispatchState, given: Input, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy
) -> list[tuple[Event, DispatchState]]:
    """Every event with the state right after it."""
    turn = _Turn(state, now_ms, fleet, eta, policy)
    if refusal(state, given) is None:
        _HANDLERS[type(given)](turn, given)
    return turn.happened


def _to_repeat(state: DispatchState, given: Input) -> tuple[OrderToSend, ...]:
    """Orders that a unit seems not to know, though nothing happened to them now."""
    if isinstance(given, inputs.UnitBack):
        return unit_orders(state, given.unit_id)
    if isinstance(given, inputs.AckArrived) and given.ack.kind != RECEIVED:
        order = state.order_of(given.unit_id, given.ack.order_id)
        if order and not is_open(order) and is_unconfirmed(order) and given.ack.revision < order.revision:
            return (to_send(order),)
    return ()


class _Turn:
    """One decision in the making: what happened so far."""

    def __init__(self, state: DispatchState, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy) -> None:
        self.state = state
        self.now_ms = now_ms
        self.fleet = fleet
        self.eta = eta
        self.policy = policy
        self.happened: list[tuple[Event, DispatchState]] = []

    def add(self, *happened: Event) -> None:
        for event in happened:
            self.state = evolve(self.state, event)
            self.happened.append((event, self.state))

    def alert_accepted(self, given: inputs.AlertAccepted) -> None:
        alert = given.alert
        if alert.alert_id in self.state.by_alert:
            return
        self.add(
            events.AlertReceived(
                incident_id=self.state.next_incident_id,
                time_ms=self.now_ms,
                actor=events.CITIZEN,
                alert_id=alert.alert_id,
                kind=alert.kind,
                priority=PRIORITIES[alert.kind],
                lat_e7=alert.lat_e7,
                lon_e7=alert.lon_e7,
                accuracy_m=alert.accuracy_m,
                text=alert.text,
                pressed_ms=alert.pressed_ms,
                adjusted=alert.adjusted,
            )
        )
        self.offer_waiting()

    def ack_arrived(self, given: inputs.AckArrived) -> None:
        happened = answer(self.state, given.unit_id, given.ack, self.now_ms, self.policy)
        if happened:
            self.add(*happened)
            self.offer_waiting()

    def link_changed(self, given: inputs.UnitLost | inputs.UnitBack) -> None:
        self.look_at_links((given.unit_id,))
        self.offer_waiting()

    def fleet_changed(self, given: inputs.FleetChanged) -> None:
        self.look_at_links(given.unit_ids or self.state.by_unit)
        # Units report every second: nearly always nothing waits, and nobody who reports could help if it did.
        if self.state.waiting and (self.happened or not given.unit_ids or any(map(self.can_serve, given.unit_ids))):
            self.offer_waiting()

    def tick(self, given: inputs.Tick) -> None:
        self.look_at_links(self.state.by_unit)
        self.end_offers()
        self.offer_waiting()

    def close_incident(self, given: inputs.CloseIncident) -> None:
        incident = self.state.incidents[given.incident_id]
        order = incident.order
        if order and incident.phase is Phase.OFFERED:
            why = Withdrawal.DUPLICATE if given.disposition == inputs.DUPLICATE else Withdrawal.INCIDENT_CLOSED
            self.add(end_offer(order, why, self.now_ms, given.actor))
            order = None
        self.add(
            events.Closed(
                incident_id=given.incident_id,
                time_ms=self.now_ms,
                actor=given.actor,
                disposition=given.disposition,
                order_id=order.order_id if order else None,
                unit_id=order.unit_id if order else None,
            )
        )
        self.offer_waiting()

    def can_serve(self, unit_id: str) -> bool:
        return unit_id in self.fleet and is_ready(self.fleet.unit(unit_id), self.state, self.now_ms, self.policy)

    def look_at_links(self, unit_ids: Iterable[str]) -> None:
        """Note which holders of an order were lost or came back; an offer to a lost unit goes on to the next."""
        for unit_id in sorted(unit_ids):
            incident = self.state.incident_of(unit_id)
            if incident is None or incident.order is None:
                continue
            order = incident.order
            lost = unit_id not in self.fleet or self.fleet.unit(unit_id).is_lost
            if lost is order.unit_lost:
                continue
            event_class = events.UnitLost if lost else events.UnitBack
            self.add(
                event_class(
                    incident_id=order.incident_id, time_ms=self.now_ms, order_id=order.order_id, unit_id=unit_id
                )
            )
            if lost and incident.phase is Phase.OFFERED:
                self.add(end_offer(order, Withdrawal.UNIT_LOST, self.now_ms))

    def end_offers(self) -> None:
        """End the offers whose deadline has passed, in the order of their deadlines."""
        held = [self.state.incidents[incident_id] for incident_id in self.state.by_unit.values()]
        overdue = [
            incident.order
            for incident in held
            if incident.phase is Phase.OFFERED and incident.order and incident.order.deadline_ms <= self.now_ms
        ]
        for order in sorted(overdue, key=lambda order: (order.deadline_ms, order.order_id)):
            deadline, reason = _missed(order)
            self.add(
                time_out(order, deadline, self.now_ms, self.policy),
                end_offer(order, reason, self.now_ms),
            )

    def offer_waiting(self) -> None:
        """Ask a unit for every incident that waits, the most urgent first, then the oldest."""
        if not self.state.waiting:
            return
        survey = Survey(self.state, self.fleet, self.now_ms, self.policy)
        waiting = [self.state.incidents[incident_id] for incident_id in self.state.waiting]
        for incident in sorted(waiting, key=lambda incident: (incident.alert.priority, incident.incident_id)):
            ranking = rank(incident, survey, self.now_ms, self.eta) if self.worth(incident, survey) else None
            if ranking and ranking.eligible:
                self.add(self.offer(incident, ranking))
                survey.take(ranking.eligible[0].unit_id)
            elif ranking and not incident.no_unit:
                counts = ranking.excluded_counts()
                self.add(
                    events.NoUnit(
                        incident_id=incident.incident_id,
                        time_ms=self.now_ms,
                        why=why_nobody(counts),
                        excluded_counts=counts,
                    )
                )

    def worth(self, incident: Incident, survey: Survey) -> bool:
        """Whether the fleet must be weighed: somebody may be found, or the reasons for nobody are not said yet."""
        return not incident.no_unit or may_ask(incident, survey, self.now_ms)

    def offer(self, incident: Incident, ranking: Ranking) -> events.Offered:
        chosen = ranking.eligible[0]
        assert chosen.eta_s is not None
        assert chosen.distance_m is not None
        receipt_deadline_ms = self.now_ms + round(self.policy.offer.receipt_deadline_s * 1000)
        accept_deadline_ms = self.now_ms + round(self.policy.offer.accept_deadline_s * 1000)
        return events.Offered(
            incident_id=incident.incident_id,
            time_ms=self.now_ms,
            order_id=self.state.next_order_id,
            unit_id=chosen.unit_id,
            eta_s=chosen.eta_s,
            distance_m=chosen.distance_m,
            eta_method=chosen.method,
            candidates=tuple(ranking.eligible[:RECORDED_MAX]),
            excluded=tuple(ranking.excluded[:RECORDED_MAX]),
            eligible_count=len(ranking.eligible),
            excluded_counts=ranking.excluded_counts(),
            why=why_chosen(ranking, self.eta),
            receipt_deadline_ms=receipt_deadline_ms,
            accept_deadline_ms=accept_deadline_ms,
            expiry_time_s=-(-accept_deadline_ms // 1000),
        )


def _missed(order: IssuedOrder) -> tuple[Deadline, Withdrawal]:
    if order.confirmed_revision or order.accept_deadline_ms <= order.receipt_deadline_ms:
        return Deadline.ACCEPT, Withdrawal.ACCEPT_TIMEOUT
    return Deadline.RECEIPT, Withdrawal.RECEIPT_TIMEOUT


_HANDLERS: dict[type[object], Callable[[_Turn, Any], None]] = {
    inputs.AlertAccepted: _Turn.alert_accepted,
    inputs.AckArrived: _Turn.ack_arrived,
    inputs.UnitLost: _Turn.link_changed,
    inputs.UnitBack: _Turn.link_changed,
    inputs.FleetChanged: _Turn.fleet_changed,
    inputs.Tick: _Turn.tick,
    inputs.CloseIncident: _Turn.close_incident,
}
