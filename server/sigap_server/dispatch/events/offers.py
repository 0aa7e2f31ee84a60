"""Who is asked, and what came of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from sigap_server.dispatch.events.base import AckEvent, Event, OrderEvent


class Excluded(StrEnum):
    """Why a unit was no candidate."""

    OFF_DUTY = "off_duty"
    OUT_OF_SERVICE = "out_of_service"
    EMERGENCY = "emergency"
    BUSY = "busy"
    LINK_LOST = "link_lost"
    LINK_STALE = "link_stale"
    NO_POSITION = "no_position"
    POSITION_OLD = "position_old"
    ALREADY_ASKED = "already_asked"
    UNREACHABLE = "unreachable"
    OFF_MAP = "off_map"
    TOO_FAR = "too_far"
    WRONG_KIND = "wrong_kind"
    LACKS_SKILL = "lacks_skill"
    OTHER_AGENCY = "other_agency"
    OTHER_SECTOR = "other_sector"
    RULED_OUT = "ruled_out"
    NEEDED_ELSEWHERE = "needed_elsewhere"


class Deadline(StrEnum):
    """Which limit ended an offer: no `received` from the unit, no answer from its officer, or the unit's own clock."""

    RECEIPT = "receipt"
    ACCEPT = "accept"
    EXPIRY = "expiry"


class Withdrawal(StrEnum):
    """Why an offer was taken back, or an assignment ended before its unit was done.

    SUPERSEDED: another unit goes. PREEMPTED: an incident that outranks this one needs the unit.
    """

    DECLINED = "declined"
    RECEIPT_TIMEOUT = "receipt_timeout"
    ACCEPT_TIMEOUT = "accept_timeout"
    EXPIRED = "expired"
    UNIT_LOST = "unit_lost"
    INCIDENT_CLOSED = "incident_closed"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    PREEMPTED = "preempted"
    RECALLED = "recalled"
    FALSE_ALARM = "false_alarm"
    UNIT_EMERGENCY = "unit_emergency"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit as it was weighed for an incident.

    eta_s        travel time from where it was last seen, to 0.1 s; None if not known
    distance_m   length of that way, None if not known
    method       how both were found, e.g. "straight_line"; "" if they were not
    excluded     None for an eligible unit
    early_s      it may have driven on since it was last seen: there at the earliest …
    late_s       … and at the latest, by which eligible units are ranked; None if not known, or in an old record
    line_m       straight-line distance, None if not known
    age_s        age of its position, None if that is not known
    worked_s     time on incidents today, `orders` of them
    cover_ppm    share of the city's calls that are covered worse if it leaves, in millionths; 0 if nobody asks
    takes_from   the incident from which this unit is to be taken, None for a unit that is free
    """

    unit_id: str
    eta_s: float | None
    distance_m: int | None
    method: str
    excluded: Excluded | None = None
    early_s: float | None = None
    late_s: float | None = None
    line_m: int | None = None
    age_s: float | None = None
    worked_s: int = 0
    orders: int = 0
    cover_ppm: int = 0
    takes_from: int | None = None


class About(StrEnum):
    """What a remark on a choice says. Its fields: see `remarks.py`; in words: `wording.py`."""

    FIRST = "first"
    TAKEN = "taken"
    ASKED_AGAIN = "asked_again"
    PLACE_OFF_MAP = "place_off_map"
    COVER_SPARED = "cover_spared"
    WORKED_MORE = "worked_more"
    MAY_BE_GONE = "may_be_gone"
    NEARER = "nearer"
    NEXT = "next"
    SOONER_BUT = "sooner_but"
    NOT_CONSIDERED = "not_considered"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Remark:
    """One reason for a choice, as data: a sentence in any language can be made of it.

    eta_s late_s age_s   of `unit_id`, as in Candidate
    distance_m           by how much it is nearer, by straight line
    count                of units
    counts               of units by Excluded value
    reason               an Excluded value
    method               how travel times were found
    """

    about: About
    unit_id: str = ""
    eta_s: float | None = None
    late_s: float | None = None
    age_s: float | None = None
    distance_m: int = 0
    count: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    method: str = ""
    incident_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(OrderEvent):
    """One unit, the first there of those available, is asked. Its record names `unit_id` also as "chosen".

    candidates         the eligible units by ETA, the chosen first; at most choice.RECORDED_MAX of them
    excluded           the nearest of the units that were no candidates, at most as many
    eligible_count     all eligible units
    excluded_counts    all others, by Excluded value
    why                the decision in one sentence for operators
    expiry_time_s      accept_deadline_ms in the wire's whole seconds, rounded up: the server's clock is the judge
    eta_s, distance_m  None where an operator sends a unit of which neither is known
    override           why an operator chose this unit; "" if it was the first there
    replaces           the order of an assigned unit that ends when this one is accepted, None if there is none
    remarks            why, as data
    together           incident_ids that were decided on in one, this one too; () if it was alone
    """

    KIND: ClassVar[str] = "offered"

    eta_s: float | None
    distance_m: int | None
    eta_method: str
    candidates: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]
    eligible_count: int
    excluded_counts: dict[str, int]
    why: str
    receipt_deadline_ms: int
    accept_deadline_ms: int
    expiry_time_s: int
    override: str = ""
    replaces: int | None = None
    remarks: tuple[Remark, ...] = ()
    together: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(AckEvent):
    """The offer is on the unit's screen."""

    KIND: ClassVar[str] = "order_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReceived(AckEvent):
    """A later revision (assigned, cancelled or closed) is on the unit's screen. May follow the incident's end."""

    KIND: ClassVar[str] = "update_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(AckEvent):
    """The officer accepted in time; `Assigned` follows."""

    KIND: ClassVar[str] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(AckEvent):
    """The officer declined. `retry_ms`: not asked again for this incident before, and only if nobody else is left."""

    KIND: ClassVar[str] = "declined"

    retry_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTimedOut(OrderEvent):
    """The offer was not answered by `deadline`. `retry_ms` as in Declined."""

    KIND: ClassVar[str] = "offer_timed_out"

    deadline: Deadline
    retry_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn(OrderEvent):
    """The offer is over without an assignment; the unit gets a cancelled order. Follows what caused it.

    barred   the unit is not asked again for this incident, but by an operator
    """

    KIND: ClassVar[str] = "offer_withdrawn"

    reason: Withdrawal
    note: str = ""
    barred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoUnit(Event):
    """Nobody can be asked now. Said once, until there was another offer. Counts by Excluded value."""

    KIND: ClassVar[str] = "no_unit"

    why: str
    excluded_counts: dict[str, int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    together: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAckRefused(AckEvent):
    """A unit answered an order that was withdrawn before; it gets the cancelled order again. `ack`: the wire's name."""

    KIND: ClassVar[str] = "late_ack_refused"

    ack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Event):
    """Nobody answered: from now on all units within reach are asked at once, until one accepts. Operators know."""

    KIND: ClassVar[str] = "broadcast"

    why: str
