"""What operators decide, and what they must look at."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sigap_server.dispatch.events.base import Event


class Verdict(StrEnum):
    """What an operator found out."""

    REAL = "real"
    FALSE = "false"
    UNCLEAR = "unclear"
    NOT_REACHED = "not_reached"


class HoldReason(StrEnum):
    """Why nobody is sent without an operator."""

    RECOMMEND = "recommend"
    FALSE_ALARM = "false_alarm"
    CLEARED_EARLY = "cleared_early"


class Alarm(StrEnum):
    """What an operator must look at.

    The first four follow from the state at every moment; the others begin and end as time passes, with events.
    """

    UNOWNED = "unowned"  # a P1 that no unit in contact has accepted
    NO_UNIT = "no_unit"  # nobody can be asked
    NOBODY_ANSWERS = "nobody_answers"  # all within reach were asked at once
    CANCEL_REQUESTED = "cancel_requested"  # a caller wants nobody to come
    NOT_ACTED = "not_acted"  # a recommendation waited too long
    HELD_TOO_LONG = "held_too_long"  # so did an incident, for its priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented(Event):
    """An operator has it on the screen. Said once."""

    KIND: ClassVar[str] = "presented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """An operator takes care of it. Said once."""

    KIND: ClassVar[str] = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Event):
    """What an operator found out about the alert."""

    KIND: ClassVar[str] = "verified"

    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Event):
    """Nobody more is asked without an operator. `act_by_ms`: until when an operator should have acted."""

    KIND: ClassVar[str] = "held"

    reason: HoldReason
    act_by_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Event):
    """Units may be asked from now on: an operator says so, or the policy."""

    KIND: ClassVar[str] = "released"

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Event):
    """1 (highest) to 5. Assigned units are told."""

    KIND: ClassVar[str] = "priority_changed"

    priority: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedChanged(Event):
    """What is needed from now on, as in need.Need.

    wanted   units, those that are on it included
    """

    KIND: ClassVar[str] = "need_changed"

    wanted: int
    unit_kinds: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    agency: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRequested(Event):
    """An operator or an officer there needs more units. `wanted`: all units from now on."""

    KIND: ClassVar[str] = "backup_requested"

    units: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    """An operator must look at it."""

    KIND: ClassVar[str] = "alarm_raised"

    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEnded(Event):
    """The reason for the alarm is gone."""

    KIND: ClassVar[str] = "alarm_ended"

    alarm: Alarm
