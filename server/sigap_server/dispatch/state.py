"""What is known about all open incidents: the fold of the log. `evolve` folds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from immutables import Map

from sigap_server.dispatch.incident import Incident, IssuedOrder, Phase
from sigap_server.dispatch.workload import Work

__all__ = ["FINISHED_KEPT", "DispatchState", "Held", "Incident", "IssuedOrder", "Phase", "next_deadline_ms", "urgency"]

# A unit may answer an order late, or still have to hear of its end; after so many newer ones of its own it no longer
# matters.
FINISHED_KEPT = 8

# Which incident a unit's open order is about, and the order's number.
Held = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DispatchState:
    """All open incidents, and the orders that ended lately. Its maps share what did not change: a step costs the same
    however many incidents are open.

    incidents   by incident_id; a closed incident leaves
    by_unit     unit_id → (incident_id, order_id) of its open offer or assignment
    by_alert    alert_id → incident_id, linked alerts too
    unfilled    incident_ids that have fewer units than are wanted: waiting ones, and those whose offers are out
    officers    unit_id → incident_id of its officer's own emergency
    distress    unit_id → since_ms of the emergency that became the latest incident of that kind
    work        unit_id → its assignments that are over: workload.Work
    finished    unit_id → its last orders that are over, oldest first, at most FINISHED_KEPT; those whose end the
                unit has acknowledged are forgotten first

    A log can be folded from the first event of the oldest open incident on, starting from a state with that point's
    next_incident_id and next_order_id; only old entries of `finished`, `work` and `distress` are then missing.
    """

    incidents: Map[int, Incident] = field(default_factory=Map)
    by_unit: Map[str, Held] = field(default_factory=Map)
    by_alert: Map[str, int] = field(default_factory=Map)
    unfilled: frozenset[int] = frozenset()
    officers: Map[str, int] = field(default_factory=Map)
    distress: Map[str, int] = field(default_factory=Map)
    work: Map[str, Work] = field(default_factory=Map)
    finished: Map[str, tuple[IssuedOrder, ...]] = field(default_factory=Map)
    next_incident_id: int = 1
    next_order_id: int = 1

    def incident_of(self, unit_id: str) -> Incident | None:
        """The incident on which this unit is asked or assigned."""
        held = self.by_unit.get(unit_id)
        return None if held is None else self.incidents[held[0]]

    def open_order(self, unit_id: str) -> IssuedOrder | None:
        """The offer or assignment that this unit holds."""
        held = self.by_unit.get(unit_id)
        return None if held is None else self.incidents[held[0]].orders[held[1]]

    def open_orders(self) -> Iterator[IssuedOrder]:
        """Every offer and assignment."""
        for incident_id, order_id in self.by_unit.values():
            yield self.incidents[incident_id].orders[order_id]

    def orders_of(self, unit_id: str) -> Iterator[IssuedOrder]:
        """The unit's orders that are remembered: those that are over, oldest first, then the open one."""
        yield from self.finished.get(unit_id, ())
        order = self.open_order(unit_id)
        if order:
            yield order

    def order_of(self, unit_id: str, order_id: int) -> IssuedOrder | None:
        """One of the unit's remembered orders."""
        order = self.open_order(unit_id)
        if order is not None and order.order_id == order_id:
            return order
        return next((order for order in self.finished.get(unit_id, ()) if order.order_id == order_id), None)


def urgency(incident: Incident) -> tuple[bool, int, int]:
    """The order in which incidents are served: officers in distress, then by priority, then the oldest."""
    return not incident.officer, incident.priority, incident.incident_id


def next_deadline_ms(state: DispatchState, now_ms: int) -> int | None:
    """When the next Tick is due: the first end of an open offer or of an operator's time to act (it may have passed),
    or the first moment after now_ms at which a waiting incident may ask a unit again."""
    deadlines = [order.deadline_ms for order in state.open_orders() if order.is_offer]
    for incident_id in state.unfilled:
        incident = state.incidents[incident_id]
        if incident.phase is Phase.WAITING:
            deadlines.extend(again_ms for again_ms in incident.asked.values() if again_ms > now_ms)
        if incident.held and incident.act_by_ms is not None and incident.act_by_ms > now_ms:
            deadlines.append(incident.act_by_ms)
    return min(deadlines, default=None)
