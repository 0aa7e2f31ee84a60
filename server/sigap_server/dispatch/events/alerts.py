"""Who called, and how far it is trusted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sigap_server.dispatch.events.base import Event
from sigap_server.dispatch.policy import Mode, Tier


class Source(StrEnum):
    """Who brought an alert: a citizen's device, an operator who took a call, an officer in distress."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent(Event):
    """A call for help.

    kind         "emergency", "drill" or policy.OFFICER
    accuracy_m   the location's error radius, None if not known
    pressed_ms   when the button was pressed
    adjusted     names of the fields whose value made no sense and was replaced
    received_ms  when the server received it, None if that is the event's time
    source       who brought it
    device       the sender's device, "" if it did not say
    presses      how often the button was pressed for it
    street       what people call the place, "" if nobody knows
    caller_real, caller_false
                 how many earlier alerts of this caller turned out so
    """

    alert_id: str
    kind: str
    lat_e7: int
    lon_e7: int
    accuracy_m: int | None
    text: str
    pressed_ms: int
    adjusted: tuple[str, ...] = ()
    received_ms: int | None = None
    source: Source = Source.CITIZEN
    device: str = ""
    presses: int = 1
    caller_real: int = 0
    caller_false: int = 0
    street: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReceived(AlertEvent):
    """A call for help became an incident.

    priority     1 (highest) to 5
    tier, mode   how far it is trusted and what is therefore done; `reasons` in words
    act_by_ms    with Mode.RECOMMEND: until when an operator should have acted
    officer      the unit whose officer is in distress, "" for any other incident
    """

    KIND: ClassVar[str] = "alert_received"

    priority: int
    tier: Tier = Tier.MEDIUM
    mode: Mode = Mode.AUTO_OFFER
    reasons: tuple[str, ...] = ()
    act_by_ms: int | None = None
    officer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLinked(AlertEvent):
    """Another alert about this same case: its caller gets this incident's news.

    why                in one sentence
    from_incident_id   the incident it was before, None for an alert that came just now
    """

    KIND: ClassVar[str] = "alert_linked"

    why: str
    from_incident_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUnlinked(Event):
    """The alert is a case of its own after all: its AlertReceived follows, of incident `to_incident_id`."""

    KIND: ClassVar[str] = "alert_unlinked"

    alert_id: str
    to_incident_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustChanged(Event):
    """More is known: another alert, another priority or an operator's verdict. Fields as in AlertReceived."""

    KIND: ClassVar[str] = "trust_changed"

    tier: Tier
    mode: Mode
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(Event):
    """A caller says that nobody need come. It is shown to operators, and nothing else follows from it.

    confirmed   the caller knew the PIN, or confirmed it where there is none
    """

    KIND: ClassVar[str] = "cancel_requested"

    alert_id: str
    reason: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefused(Event):
    """An operator decided that the incident goes on although a caller wants it cancelled."""

    KIND: ClassVar[str] = "cancel_refused"

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMoved(Event):
    """The incident is somewhere else now: an officer in distress moves. Assigned units are told."""

    KIND: ClassVar[str] = "place_moved"

    lat_e7: int
    lon_e7: int
    accuracy_m: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerSafe(Event):
    """The officer in distress says that it is over. An operator makes sure and closes the incident."""

    KIND: ClassVar[str] = "officer_safe"

    officer: str
