"""What dispatch is told: the second argument of `decide`.

The fleet is brought up to date first, then dispatch is told: whether a unit is lost or back is read from the fleet.
"""

from dataclasses import dataclass

from sigap_server.alerts import Alert
from sigap_wire.ack import Ack


@dataclass(frozen=True, slots=True)
class AlertAccepted:
    """A checked alert. Told twice of the same alert_id while its incident is open, nothing happens the second time."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AckArrived:
    """A unit's acknowledgement. What it may not say is refused: `core.refusal`."""

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
    """Units moved, came back or changed duty: incidents that wait are tried again.

    unit_ids  which; empty means any. With it the usual case, a report while nothing waits for that unit, costs nothing.
    """

    unit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: deadlines end offers, links are looked at, incidents that wait are tried again.

    Due at `state.next_deadline_ms`, and once a second or so for what the fleet's clockwork (`Fleet.age`) found. After a
    restart the messages that waited come first, then the first tick: an officer may have accepted meanwhile.
    """


DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class CloseIncident:
    """An operator ends the incident, whatever its phase. `actor` as in events, e.g. "operator:sari".

    disposition   DUPLICATE if another incident is the same case, else any word
    """

    incident_id: int
    actor: str
    disposition: str


Input = AlertAccepted | AckArrived | UnitLost | UnitBack | FleetChanged | Tick | CloseIncident
