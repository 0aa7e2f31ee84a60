"""The fleet: where every unit is and whether it is connected. No clock, no socket, no database: time is given to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sigap_wire.link import Link
from sigap_wire.report import Report


class UnknownUnitError(LookupError):
    """A message or a question about a unit that was never registered."""

    def __init__(self, unit_id: str) -> None:
        super().__init__(f"unit {unit_id!r} is not registered")
        self.unit_id = unit_id


class LinkState(StrEnum):
    """FRESH: heard of within stale_after_s. STALE: later. LOST: later than lost_after_s, or by its last will."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"


class Duty(StrEnum):
    """Whether the unit may be asked at all."""

    AVAILABLE = "available"
    OFF_DUTY = "off_duty"
    OUT_OF_SERVICE = "out_of_service"


class LinkEffect(StrEnum):
    """What a link message changed. Dispatch is told of ONLINE (UnitBack) and OFFLINE (UnitLost); IGNORED is old."""

    ONLINE = "online"
    OFFLINE = "offline"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class UnitPosition:
    """A unit's latest fix. Units as in sigap_wire.report.Fix, but None for a course or dilution that is not known.

    live   False if it came as backlog: then it says nothing about how recent it is
    """

    boot_id: int
    seq: int
    fix_time_s: int
    lat_e7: int
    lon_e7: int
    speed_cmps: int
    course_cdeg: int | None
    quality: int
    satellites: int
    hdop_centi: int | None
    received_ms: int
    live: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    """One dispatchable vehicle.

    heard_ms      when it last gave a sign of life, None if never
    boot_id       of its latest link message, with `connection` and `online`; all None before the first
    """

    unit_id: str
    callsign: str
    duty: Duty = Duty.AVAILABLE
    link: LinkState = LinkState.LOST
    position: UnitPosition | None = None
    heard_ms: int | None = None
    boot_id: int | None = None
    connection: int | None = None
    online: bool | None = None
    firmware: str | None = None


class Fleet:
    """All registered units by unit_id."""

    def __init__(self, stale_after_s: float = 60, lost_after_s: float = 300) -> None:
        raise NotImplementedError

    def register(self, unit_id: str, callsign: str, duty: Duty = Duty.AVAILABLE) -> None:
        """Add a unit, or rename one and forget the order of its messages: it may have a new board."""
        raise NotImplementedError

    def unit(self, unit_id: str) -> Unit:
        """Raises UnknownUnitError."""
        raise NotImplementedError

    def units(self) -> Iterable[Unit]:
        """Every unit, in the order of registration."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __contains__(self, unit_id: object) -> bool:
        raise NotImplementedError

    def set_duty(self, unit_id: str, duty: Duty) -> bool:
        """True if that changed it. Raises UnknownUnitError."""
        raise NotImplementedError

    def apply_report(self, unit_id: str, report: Report, received_ms: int, live: bool) -> bool:
        """True if the report's last fix is now the unit's latest, by (boot_id, seq). Raises UnknownUnitError."""
        raise NotImplementedError

    def apply_link(self, unit_id: str, link: Link, received_ms: int) -> LinkEffect:
        """Older by (boot_id, connection) than the latest, or the same again: ignored. Raises UnknownUnitError."""
        raise NotImplementedError

    def age(self, now_ms: int) -> list[str]:
        """Bring every unit's `link` up to now; the unit_ids whose link changed."""
        raise NotImplementedError

    def snapshot(self) -> list[dict[str, object]]:
        """All units as JSON types, for `restore`."""
        raise NotImplementedError

    def restore(self, records: Iterable[dict[str, object]]) -> None:
        """Put back what `snapshot` took; units that are not in it stay. Raises ValueError naming what is wrong."""
        raise NotImplementedError
