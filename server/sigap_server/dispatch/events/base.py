"""What all events have."""

from dataclasses import dataclass
from typing import ClassVar

SYSTEM = "system"
CITIZEN = "citizen"


def unit_actor(unit_id: str) -> str:
    """The actor of what a unit or its officer did."""
    return "unit:" + unit_id


def operator_actor(name: str) -> str:
    """The actor of what an operator did."""
    return "operator:" + name


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The fields that every event has."""

    KIND: ClassVar[str]

    incident_id: int
    time_ms: int
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """An event about one order, that is, about one unit's part in the incident."""

    order_id: int
    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AckEvent(OrderEvent):
    """What a unit or its officer did. `revision` was on the screen; `ack_time_s` is by the unit's clock, 0 unknown."""

    revision: int
    ack_time_s: int
