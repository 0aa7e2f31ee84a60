"""What is not accepted: nothing follows from it, and whoever said it is told why."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why an input was not accepted, for programs."""

    UNKNOWN_ORDER = "unknown_order"
    WRONG_UNIT = "wrong_unit"
    UNKNOWN_REVISION = "unknown_revision"
    NOT_ASSIGNED = "not_assigned"
    ALREADY_ASSIGNED = "already_assigned"
    UNKNOWN_INCIDENT = "unknown_incident"
    UNKNOWN_ALERT = "unknown_alert"
    UNKNOWN_UNIT = "unknown_unit"
    UNIT_NOT_READY = "unit_not_ready"
    UNIT_BUSY = "unit_busy"
    UNIT_NOT_ON_INCIDENT = "unit_not_on_incident"
    NO_PLACE_LEFT = "no_place_left"
    VALUE_IMPOSSIBLE = "value_impossible"
    NOTHING_TO_DECIDE = "nothing_to_decide"


@dataclass(frozen=True, slots=True)
class Refused:
    """`reason` for programs, `words` for people."""

    reason: Refusal
    words: str


def unknown_incident(incident_id: int) -> Refused:
    """There is no open incident of this number."""
    return Refused(Refusal.UNKNOWN_INCIDENT, f"there is no open incident {incident_id}: it is closed, or never was")
