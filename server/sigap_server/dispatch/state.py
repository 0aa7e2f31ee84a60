"""What is known about all open incidents: the fold of the log. `evolve.py` folds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sigap_server.dispatch.events import AlertReceived
from sigap_wire.order import STATE_OFFERED

# A unit may answer an order late, or still have to hear of its end; after so many newer ones of its own it no longer
# matters.
FINISHED_KEPT = 8


class Phase(StrEnum):
    """Where an incident is on its way."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


# Why an order ended whose officer answered after it had gone on to the next unit.
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class IssuedOrder:
    """What one unit was told, and what it is known to have heard of it.

    alert                the incident's facts
    revision state       of the latest form sent; state is sigap_wire.order.STATE_…
    confirmed_revision   the highest revision the unit acknowledged, 0 = none
    answered             the kinds of acknowledgement already dealt with (sigap_wire.ack)
    reason               why it ended: an events.Withdrawal, SUPERSEDED, or the incident's disposition
    unit_lost            the link was lost while the order is open
    """

    order_id: int
    unit_id: str
    alert: AlertReceived
    eta_s: float
    offered_ms: int
    receipt_deadline_ms: int
    accept_deadline_ms: int
    expiry_time_s: int
    revision: int = 1
    state: int = STATE_OFFERED
    confirmed_revision: int = 0
    answered: frozenset[int] = frozenset()
    reason: str = ""
    unit_lost: bool = False

    @property
    def incident_id(self) -> int:
        """The incident this order is about."""
        return self.alert.incident_id

    @property
    def deadline_ms(self) -> int:
        """When an unanswered offer ends."""
        if self.confirmed_revision:
            return self.accept_deadline_ms
        return min(self.receipt_deadline_ms, self.accept_deadline_ms)


@dataclass(frozen=True, slots=True)
class Incident:
    """One open incident.

    order      the open offer or the assignment; None while waiting
    asked      unit_id → when that unit may be asked again (Unix ms), for units that declined or did not answer
    no_unit    it was said that nobody can be asked
    phase_ms   since when it is in this phase
    """

    alert: AlertReceived
    phase: Phase
    phase_ms: int
    order: IssuedOrder | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    no_unit: bool = False

    @property
    def incident_id(self) -> int:
        """Counts from 1; on the wire too."""
        return self.alert.incident_id

    @property
    def unit_id(self) -> str | None:
        """The unit that is asked or assigned."""
        return self.order.unit_id if self.order else None


@dataclass(frozen=True, slots=True)
class DispatchState:
    """All open incidents, and the orders that ended lately.

    incidents   by incident_id; a closed incident leaves
    by_unit     unit_id → incident_id of its open offer or assignment
    by_alert    alert_id → incident_id
    waiting     incident_ids in phase waiting
    finished    unit_id → its last orders that are over, oldest first, at most FINISHED_KEPT; those whose end the
                unit has acknowledged are forgotten first

    A log can be folded from the first event of the oldest open incident on, starting from a state with that point's
    next_incident_id and next_order_id; only old entries of `finished` are then missing.
    """

    incidents: Mapping[int, Incident] = field(default_factory=dict)
    by_unit: Mapping[str, int] = field(default_factory=dict)
    by_alert: Mapping[str, int] = field(default_factory=dict)
    waiting: frozenset[int] = frozenset()
    finished: Mapping[str, tuple[IssuedOrder, ...]] = field(default_factory=dict)
    next_incident_id: int = 1
    next_order_id: int = 1

    def incident_of(self, unit_id: str) -> Incident | None:
        """The incident on which this unit is asked or assigned."""
        incident_id = self.by_unit.get(unit_id)
        return None if incident_id is None else self.incidents[incident_id]

    def open_order(self, unit_id: str) -> IssuedOrder | None:
        """The offer or assignment that this unit holds."""
        incident = self.incident_of(unit_id)
        return incident.order if incident else None

    def orders_of(self, unit_id: str) -> Iterator[IssuedOrder]:
        """The unit's orders that are remembered: those that are over, oldest first, then the open one."""
        yield from self.finished.get(unit_id, ())
        order = self.open_order(unit_id)
        if order:
            yield order

    def order_of(self, unit_id: str, order_id: int) -> IssuedOrder | None:
        """One of the unit's remembered orders."""
        return next((order for order in self.orders_of(unit_id) if order.order_id == order_id), None)


def next_deadline_ms(state: DispatchState, now_ms: int) -> int | None:
    """When the next Tick is due: the first end of an open offer (it may have passed), or the first moment after
    now_ms at which a waiting incident may ask a unit again."""
    deadlines = []
    for incident in state.incidents.values():
        if incident.phase is Phase.OFFERED and incident.order:
            deadlines.append(incident.order.deadline_ms)
        elif incident.phase is Phase.WAITING:
            deadlines.extend(again_ms for again_ms in incident.asked.values() if again_ms > now_ms)
    return min(deadlines, default=None)
