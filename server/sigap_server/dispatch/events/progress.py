"""What an assigned unit does."""

from dataclasses import dataclass
from typing import ClassVar

from sigap_server.dispatch.events.base import AckEvent, Event, OrderEvent
from sigap_server.dispatch.events.offers import Withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(OrderEvent):
    """The incident belongs to this unit, and the unit is told so."""

    KIND: ClassVar[str] = "assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLost(OrderEvent):
    """The unit that holds the incident's order lost its link. An assignment stays with it."""

    KIND: ClassVar[str] = "unit_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBack(OrderEvent):
    """The assigned unit that was lost is connected again; its order is sent again."""

    KIND: ClassVar[str] = "unit_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnRoute(AckEvent):
    """The assigned unit moves."""

    KIND: ClassVar[str] = "en_route"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScene(AckEvent):
    """The officer arrived."""

    KIND: ClassVar[str] = "on_scene"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedByPosition(OrderEvent):
    """The car stands at the place. The officer's own word, OnScene, is kept beside it. `distance_m`: to the place."""

    KIND: ClassVar[str] = "arrived_by_position"

    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(AckEvent):
    """The officer is done; `Closed` or `UnitDone` follows."""

    KIND: ClassVar[str] = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDone(OrderEvent):
    """One unit's part is over and it gets a closed order; the incident goes on.

    wanted        units wanted from now on, those that are still on it included
    disposition   as in Closed
    """

    KIND: ClassVar[str] = "unit_done"

    wanted: int
    disposition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(OrderEvent):
    """An assigned unit is ordered off: it gets a cancelled order, and the incident needs another one.

    barred   it is not asked again for this incident, but by an operator
    """

    KIND: ClassVar[str] = "recalled"

    reason: Withdrawal
    note: str = ""
    barred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameNearer(OrderEvent):
    """How near an assigned unit has come, said now and then: travel time, and straight-line distance to the place."""

    KIND: ClassVar[str] = "came_nearer"

    eta_s: float
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(OrderEvent):
    """Something is wrong with an assigned unit, or no longer. `finding`: what; `lasts`: False once it is over."""

    KIND: ClassVar[str] = "warned"

    finding: str
    lasts: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BetterUnit(OrderEvent):
    """Another unit would be there earlier than the assigned one. An operator decides whether to change."""

    KIND: ClassVar[str] = "better_unit"

    better_unit_id: str
    eta_s: float | None
    better_eta_s: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """The end; an assigned unit gets a closed order. `disposition`: "cleared_by_unit" or an operator's word."""

    KIND: ClassVar[str] = "closed"

    disposition: str
    order_id: int | None = None
    unit_id: str | None = None
