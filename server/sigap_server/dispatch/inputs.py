"""What dispatch is told: the second argument of `decide`.

The fleet is brought up to date first, then dispatch is told: whether a unit is lost or back, in distress or moved is
read from the fleet.
"""

from dataclasses import dataclass, field

from sigap_server.alerts import Alert
from sigap_server.dispatch.events import CITIZEN, Source, Verdict
from sigap_wire.ack import Ack


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who sent an alert.

    presses      how often the button was pressed for this alert
    real, false  how many earlier alerts of this caller turned out so
    """

    source: Source = Source.CITIZEN
    presses: int = 1
    real: int = 0
    false: int = 0


@dataclass(frozen=True, slots=True)
class AlertAccepted:
    """A checked alert. Told twice of the same alert_id while its incident is open, nothing happens the second time.

    actor      who brought it, as in events
    priority   1 to 5, None for that of its kind
    """

    alert: Alert
    caller: Caller = field(default_factory=Caller)
    actor: str = CITIZEN
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """A caller wants nobody to come. `confirmed`: knew the PIN, or confirmed it where there is none."""

    alert_id: str
    reason: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class AckArrived:
    """A unit's acknowledgement. What it may not say is refused."""

    unit_id: str
    ack: Ack


@dataclass(frozen=True, slots=True)
class UnitLost:
    """The unit's link was lost, by its last will or by silence."""

    unit_id: str


@dataclass(frozen=True, slots=True)
class UnitBack:
    """The unit connected. Tell it at every new connection, lost before or not: a unit that restarted has forgotten its
    order, and `step` answers with what it must know."""

    unit_id: str


@dataclass(frozen=True, slots=True)
class FleetChanged:
    """Units moved, came back, changed duty, or called for help themselves: incidents that wait are tried again.

    unit_ids  which; empty means any. With it the usual case, a report while nothing waits for that unit, costs nothing.
    """

    unit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: deadlines end offers, links are looked at, incidents that wait are tried again.

    Due at `state.next_deadline_ms`, and once a second or so for what the fleet's clockwork (`Fleet.age`) found. After a
    restart the messages that waited come first, then the first tick: an officer may have accepted meanwhile.
    """


@dataclass(frozen=True, slots=True)
class OfOperator:
    """What an operator says of an incident. `actor` as in events, e.g. "operator:sari". Refused if it is not open."""

    incident_id: int
    actor: str


@dataclass(frozen=True, slots=True)
class Present(OfOperator):
    """It is on the operator's screen."""


@dataclass(frozen=True, slots=True)
class Answer(OfOperator):
    """The operator takes care of it."""


@dataclass(frozen=True, slots=True)
class Verify(OfOperator):
    """What the operator found out: REAL sends, FALSE orders off whoever was sent, the others only put it on record."""

    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dispatch(OfOperator):
    """Send: the recommended unit, or the one that the operator names.

    unit_id      "" for the first there
    reason       why another one; required with unit_id
    instead_of   the assigned unit that it replaces once it accepts; "" for none
    """

    unit_id: str = ""
    reason: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class SetPriority(OfOperator):
    """1 to 5."""

    priority: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SetNeed(OfOperator):
    """What is needed, as in need.Need; `wanted` counts the units that are on it already."""

    wanted: int
    unit_kinds: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    agency: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True)
class RequestBackup(OfOperator):
    """More units at once, at priority 1. The actor may be a unit that is there: "unit:UNIT_ID"."""

    units: int = 1


@dataclass(frozen=True, slots=True)
class Recall(OfOperator):
    """Order a unit off, asked or assigned; it is not asked again for this incident by itself."""

    unit_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkIncident(OfOperator):
    """It is the same case as another: all its callers get that one's news, and it is closed as a duplicate."""

    to_incident_id: int


@dataclass(frozen=True, slots=True)
class UnlinkAlert(OfOperator):
    """A linked alert is a case of its own."""

    alert_id: str


@dataclass(frozen=True, slots=True)
class RefuseCancel(OfOperator):
    """It goes on although a caller wants it cancelled."""

    note: str = ""


DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class CloseIncident(OfOperator):
    """The operator ends the incident, whatever its phase.

    disposition   DUPLICATE if another incident is the same case, else any word
    """

    disposition: str


Input = AlertAccepted | CancelAsked | AckArrived | UnitLost | UnitBack | FleetChanged | Tick | OfOperator
