"""One open incident: who called, what is needed, who is asked or on the way, and what an operator must look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sigap_server.dispatch.events import (
    Alarm,
    AlertEvent,
    AlertReceived,
    CancelRequested,
    HoldReason,
    Verdict,
)
from sigap_server.dispatch.policy import URGENT, Mode, Tier
from sigap_wire.order import STATE_ASSIGNED, STATE_OFFERED


class Phase(StrEnum):
    """Where an incident, or one unit's part in it, is on its way."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


_FURTHEST_FIRST = (Phase.ON_SCENE, Phase.EN_ROUTE, Phase.ASSIGNED, Phase.OFFERED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a unit is told of an incident. Units as in events.AlertEvent."""

    incident_id: int
    kind: str
    priority: int
    lat_e7: int
    lon_e7: int
    accuracy_m: int | None
    text: str
    pressed_ms: int
    street: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How near a unit was when: travel time, and straight-line distance."""

    time_ms: int
    eta_s: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class IssuedOrder:
    """What one unit was told, and what it is known to have heard of it.

    facts                of the latest form sent, as `revision` and `state` (sigap_wire.order.STATE_…)
    phase                of this unit's part, from OFFERED on
    eta_s                expected at the offer, None if it was not known
    assigned_ms          when its officer accepted, None before
    replaces             the order of the assigned unit whose place this one takes if it accepts
    confirmed_revision   the highest revision the unit acknowledged, 0 = none
    answered             the kinds of acknowledgement already dealt with (sigap_wire.ack)
    reason               why it ended: an events.Withdrawal or the incident's disposition
    unit_lost            the link was lost while the order is open
    arrived_ms           when the car stood at the place by its position, None if it never did
    warnings             what is wrong with the unit on its way: events.Warned.finding
    first, nearest       how near it was when it was looked at first, and how near it has come
    better               the unit that was proposed instead, while a warning lasts; "" if there is none
    """

    order_id: int
    unit_id: str
    facts: Facts
    eta_s: float | None
    offered_ms: int
    receipt_deadline_ms: int
    accept_deadline_ms: int
    expiry_time_s: int
    revision: int = 1
    state: int = STATE_OFFERED
    phase: Phase = Phase.OFFERED
    assigned_ms: int | None = None
    replaces: int | None = None
    confirmed_revision: int = 0
    answered: frozenset[int] = frozenset()
    reason: str = ""
    unit_lost: bool = False
    arrived_ms: int | None = None
    warnings: frozenset[str] = frozenset()
    first: Progress | None = None
    nearest: Progress | None = None
    better: str = ""

    @property
    def incident_id(self) -> int:
        """The incident this order is about."""
        return self.facts.incident_id

    @property
    def is_offer(self) -> bool:
        """Open, and its officer has not accepted."""
        return self.state == STATE_OFFERED

    @property
    def is_assignment(self) -> bool:
        """Open, and its unit goes."""
        return self.state == STATE_ASSIGNED

    @property
    def is_open(self) -> bool:
        """Offer or assignment."""
        return self.state in (STATE_OFFERED, STATE_ASSIGNED)

    @property
    def deadline_ms(self) -> int:
        """When an unanswered offer ends."""
        if self.confirmed_revision:
            return self.accept_deadline_ms
        return min(self.receipt_deadline_ms, self.accept_deadline_ms)


@dataclass(frozen=True, slots=True)
class Incident:
    """One open incident.

    alert        the first that came; `linked` has the others, by alert_id
    facts        what units are told now
    phase        of the unit that is furthest; phase_ms: since when
    orders       order_id → open offers and assignments
    wanted       units, those that are on it included; unit_kinds, skills, agency, sector as in need.Need
    unowned_ms   since when no unit has it, None while one does
    asked        unit_id → when that unit may be asked again (Unix ms), for units that declined or did not answer
    barred       unit_ids that operators called back
    tries        offers in a row that nobody took
    broadcast    nobody answered: all within reach are asked at once
    no_unit      it was said that nobody can be asked
    tier mode reasons
                 how far the alerts are trusted; as in events.AlertReceived
    held         why nobody is asked without an operator, None if nothing is in the way
    act_by_ms    until when an operator should act, None once one did
    presented_ms, answered_ms
                 when an operator first had it on the screen, and took care of it
    verdict      the latest of an operator
    cancel       what a caller asked for and no operator has decided on
    officer_safe the officer in distress says that it is over
    raised       timed alarms → since when
    """

    alert: AlertReceived
    facts: Facts
    phase: Phase
    phase_ms: int
    orders: Mapping[int, IssuedOrder] = field(default_factory=dict)
    linked: Mapping[str, AlertEvent] = field(default_factory=dict)
    wanted: int = 1
    unit_kinds: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    agency: str = ""
    sector: str = ""
    unowned_ms: int | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()
    tries: int = 0
    broadcast: bool = False
    no_unit: bool = False
    tier: Tier = Tier.MEDIUM
    mode: Mode = Mode.AUTO_OFFER
    reasons: tuple[str, ...] = ()
    held: HoldReason | None = None
    act_by_ms: int | None = None
    presented_ms: int | None = None
    answered_ms: int | None = None
    verdict: Verdict | None = None
    cancel: CancelRequested | None = None
    officer_safe: bool = False
    raised: Mapping[Alarm, int] = field(default_factory=dict)

    @property
    def incident_id(self) -> int:
        """Counts from 1; on the wire too."""
        return self.facts.incident_id

    @property
    def priority(self) -> int:
        """1 (highest) to 5, as it is now."""
        return self.facts.priority

    @property
    def officer(self) -> str:
        """The unit whose officer is in distress, "" for any other incident."""
        return self.alert.officer

    @property
    def owners(self) -> list[IssuedOrder]:
        """The assignments, oldest first."""
        return [order for order in self.orders.values() if order.is_assignment]

    @property
    def offers(self) -> list[IssuedOrder]:
        """The open offers, oldest first."""
        return [order for order in self.orders.values() if order.is_offer]

    @property
    def missing(self) -> int:
        """Units still to be found."""
        return max(0, self.wanted - len(self.owners))

    @property
    def order(self) -> IssuedOrder | None:
        """The order of the unit that is furthest; None while waiting."""
        orders = self.orders.values()
        return min(orders, key=lambda order: (_FURTHEST_FIRST.index(order.phase), order.order_id), default=None)

    @property
    def unit_id(self) -> str | None:
        """The unit that is furthest: assigned, or asked."""
        order = self.order
        return order.unit_id if order else None

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """Of everybody who gets this incident's news, the first caller first."""
        return (self.alert.alert_id, *self.linked)

    @property
    def is_unowned_emergency(self) -> bool:
        """A P1 that no unit in contact has accepted."""
        return self.priority == URGENT and all(order.unit_lost for order in self.owners)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What an operator must look at now."""
        of_state = (
            (Alarm.UNOWNED, self.is_unowned_emergency),
            (Alarm.NO_UNIT, self.no_unit),
            (Alarm.NOBODY_ANSWERS, self.broadcast),
            (Alarm.CANCEL_REQUESTED, self.cancel is not None),
        )
        return (*(alarm for alarm, is_on in of_state if is_on), *self.raised)
