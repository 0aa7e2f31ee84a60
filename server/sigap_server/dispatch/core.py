"""The decisions: (state, input, now, fleet, eta, policy) → events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sigap_server.dispatch import alarms, deciding, inputs, intake, units
from sigap_server.dispatch.acks import ack_arrived
from sigap_server.dispatch.events import Event
from sigap_server.dispatch.inputs import Input, OfOperator
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.orders import OrderToSend, is_unconfirmed, orders_for, to_send, unit_orders
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.refusals import Refusal, Refused, unknown_incident
from sigap_server.dispatch.seek import offer_unfilled
from sigap_server.dispatch.state import DispatchState
from sigap_server.dispatch.turn import Turn
from sigap_server.dispatch.weighing import Weighing
from sigap_server.eta import EtaMethod
from sigap_server.fleet import Fleet
from sigap_wire.ack import RECEIVED

Handler = Callable[[Turn, Any], Refused | bool | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one input: commit `events`, adopt `state`, then send `orders`.

    weighings    place in `events` → what was needed and what was known to that choice: `decision_record.pack` keeps it
    refused      why the input was not accepted; then there are no events. In words for people: `why_refused`
    """

    state: DispatchState
    events: tuple[Event, ...] = ()
    orders: tuple[OrderToSend, ...] = ()
    weighings: Mapping[int, tuple[Need, Weighing]] = field(default_factory=dict)
    refused: Refusal | None = None
    why_refused: str = ""


def decide(
    state: DispatchState, given: Input, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy
) -> tuple[Event, ...]:
    """The events that follow from an input; for the same arguments always the same ones. Never raises for an input."""
    return step(state, given, now_ms, fleet, eta, policy).events


def step(state: DispatchState, given: Input, now_ms: int, fleet: Fleet, eta: EtaMethod, policy: Policy) -> Step:
    """`decide`, folded, with the orders to send and the refusal."""
    turn = Turn(state, now_ms, fleet, eta, policy)
    answer = _handle(turn, given)
    if isinstance(answer, Refused):
        return Step(state, refused=answer.reason, why_refused=answer.words)
    if answer:
        alarms.send_by_itself(turn)
        offer_unfilled(turn)
        touched = turn.state.incidents if isinstance(given, inputs.Tick) else turn.touched()
        alarms.bring_up_to_date(turn, touched)
    # Repetitions first: a unit that still shows an order which is over would not look at a new one.
    sent = [
        *_to_repeat(turn.state, given),
        *(order for event, then in turn.happened for order in orders_for(event, then)),
    ]
    once = {(order.order.order_id, order.order.revision): order for order in sent}
    happened = tuple(event for event, _ in turn.happened)
    return Step(turn.state, happened, tuple(once.values()), turn.weighings)


def _handle(turn: Turn, given: Input) -> Refused | bool:
    """Whether what waits must be looked at now."""
    if isinstance(given, OfOperator) and given.incident_id not in turn.state.incidents:
        return unknown_incident(given.incident_id)
    answer = _HANDLERS[type(given)](turn, given)
    if isinstance(answer, Refused | bool):
        return answer
    return bool(turn.happened) or not isinstance(given, inputs.AckArrived)


def _to_repeat(state: DispatchState, given: Input) -> tuple[OrderToSend, ...]:
    """Orders that a unit seems not to know, though nothing happened to them now."""
    if isinstance(given, inputs.UnitBack):
        return unit_orders(state, given.unit_id)
    if isinstance(given, inputs.AckArrived) and given.ack.kind != RECEIVED:
        order = state.order_of(given.unit_id, given.ack.order_id)
        if order and not order.is_open and is_unconfirmed(order) and given.ack.revision < order.revision:
            return (to_send(order),)
    return ()


_HANDLERS: dict[type[object], Handler] = {
    inputs.AlertAccepted: intake.alert_accepted,
    inputs.CancelAsked: intake.cancel_asked,
    inputs.LinkIncident: intake.link_incident,
    inputs.UnlinkAlert: intake.unlink_alert,
    inputs.AckArrived: ack_arrived,
    inputs.UnitLost: units.link_changed,
    inputs.UnitBack: units.link_changed,
    inputs.FleetChanged: units.fleet_changed,
    inputs.Tick: units.tick,
    inputs.Present: deciding.present,
    inputs.Answer: deciding.answer,
    inputs.Verify: deciding.verify,
    inputs.Dispatch: deciding.dispatch,
    inputs.SetPriority: deciding.set_priority,
    inputs.SetNeed: deciding.set_need,
    inputs.RequestBackup: deciding.request_backup,
    inputs.Recall: deciding.recall,
    inputs.RefuseCancel: deciding.refuse_cancel,
    inputs.CloseIncident: deciding.close_incident,
}
