"""The fleet: where every unit is and whether it is connected. No clock, no socket, no database: time is given to it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sigap_server.errors import SigapError
from sigap_server.traits import ORDINARY, Traits
from sigap_wire.ack import EMERGENCY, Ack
from sigap_wire.link import Link
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, REASON_NO_FIX, Fix, Report
from sigap_wire.result import SUBJECT_CONNECTION, Result

# A will that comes after the unit's next connection began is followed by reports; those that were on their way when the
# connection really ended arrive within this.
LINK_SETTLES_MS = 5000


class UnknownUnitError(SigapError, LookupError):
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
    """What a link message changed. Dispatch hears of ONLINE (UnitBack) and OFFLINE (UnitLost); IGNORED is old news."""

    ONLINE = "online"
    OFFLINE = "offline"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class UnitPosition:
    """A unit's latest fix. Units as in sigap_wire.report.Fix, but None for a course or dilution that is not known.

    live   False if it came as backlog: then received_ms says nothing about how recent it is
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
class NoFix:
    """The unit's receiver has no position now.

    since_ms   when it had one last, else when it first said that it has none
    """

    boot_id: int
    seq: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Distress:
    """The latest that an officer said of their own emergency.

    lasts      False once it was said to be over
    since_ms   when the button was held, by the unit's clock; when the server heard of it, if the unit had no time
    """

    boot_id: int
    seq: int
    lasts: bool
    since_ms: int


@dataclass(frozen=True, slots=True)
class LastResult:
    """The latest answer to a change, an update or an order, and when it was received."""

    result: Result
    received_ms: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One dispatchable vehicle.

    position      the latest known, also while there is none now: then `no_fix` is set
    heard_ms      when it last gave a sign of life, None if never
    boot_id       of its latest link message, with `connection`, `online`, and when it came; all None before the first
    duty_ms       since when it is on or off duty, None if nobody said
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
    link_ms: int | None = None
    firmware: str | None = None
    no_fix: NoFix | None = None
    distress: Distress | None = None
    last_result: LastResult | None = None
    traits: Traits = ORDINARY
    duty_ms: int | None = None

    @property
    def in_emergency(self) -> bool:
        """Whether its officer is in distress."""
        return self.distress is not None and self.distress.lasts

    @property
    def is_lost(self) -> bool:
        """Lost for sure. A unit that was not heard of since the start is not: the server may have been down, not it."""
        return self.link is LinkState.LOST and (self.heard_ms is not None or self.online is False)


class Fleet:
    """All registered units by unit_id."""

    def __init__(self, stale_after_s: float = 60, lost_after_s: float = 300) -> None:
        self._stale_after_ms = round(stale_after_s * 1000)
        self._lost_after_ms = round(lost_after_s * 1000)
        self._units: dict[str, Unit] = {}

    def register(
        self,
        unit_id: str,
        callsign: str,
        duty: Duty = Duty.AVAILABLE,
        traits: Traits = ORDINARY,
        duty_ms: int | None = None,
    ) -> None:
        """Add a unit, or begin anew with one that may have a new board, whose boot_id counts from the start again."""
        self._units[unit_id] = Unit(unit_id, callsign, duty, traits=traits, duty_ms=duty_ms)

    def unit(self, unit_id: str) -> Unit:
        """Raises UnknownUnitError."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise UnknownUnitError(unit_id) from None

    def units(self) -> Iterable[Unit]:
        """Every unit, in the order of registration."""
        return self._units.values()

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._units

    def set_duty(self, unit_id: str, duty: Duty, since_ms: int | None = None) -> bool:
        """True if that changed it. Raises UnknownUnitError."""
        unit = self.unit(unit_id)
        if unit.duty is duty:
            return False
        self._units[unit_id] = replace(unit, duty=duty, duty_ms=since_ms)
        return True

    def describe(self, unit_id: str, callsign: str, traits: Traits) -> None:
        """What people call it and what it is for. Raises UnknownUnitError."""
        self._units[unit_id] = replace(self.unit(unit_id), callsign=callsign, traits=traits)

    def apply_report(self, unit_id: str, report: Report, received_ms: int, live: bool) -> bool:
        """True if the report holds the unit's latest fix, by (boot_id, seq). Raises UnknownUnitError.

        A fix of quality 0 is a sign of life but no position; it may tell of the last one where none is known here.
        """
        unit = self.unit(unit_id)
        position = _newer_position(unit.position, report, received_ms, live)
        known = position or unit.position or _last_known(report, received_ms)
        no_fix = _newer_no_fix(unit.no_fix, known, report, received_ms)
        is_news = position is not None or (no_fix is not None and no_fix != unit.no_fix)
        if unit.boot_id is not None and report.boot_id > unit.boot_id:
            # The unit restarted and its link message is still on the way: the will of before is out of date.
            unit = replace(unit, boot_id=report.boot_id, connection=0, online=True, link_ms=received_ms)
        elif unit.online is False and is_news and live and received_ms - _ms(unit.link_ms) >= LINK_SETTLES_MS:
            unit = replace(unit, connection=(unit.connection or 0) + 1, online=True, link_ms=received_ms)
        heard_ms = max(received_ms, _ms(unit.heard_ms))
        self._put(replace(unit, position=known, no_fix=no_fix, heard_ms=heard_ms), received_ms)
        return position is not None

    def apply_distress(self, unit_id: str, ack: Ack, received_ms: int) -> bool:
        """An `emergency` or `emergency_over`; True if it is later than what was said before, by (boot_id, seq).

        Raises UnknownUnitError.
        """
        unit = self.unit(unit_id)
        known = unit.distress
        if known is not None and (ack.boot_id, ack.seq) <= (known.boot_id, known.seq):
            return False
        lasts = ack.kind == EMERGENCY
        since_ms = ack.ack_time_s * 1000 if ack.ack_time_s else received_ms
        if lasts and known is not None and known.lasts:
            since_ms = known.since_ms  # said again after a restart: it is the same emergency
        self._units[unit_id] = replace(unit, distress=Distress(ack.boot_id, ack.seq, lasts, since_ms))
        return True

    def apply_result(self, unit_id: str, result: Result, received_ms: int) -> bool:
        """True if it is the unit's latest answer, by (boot_id, seq). Raises UnknownUnitError.

        Why a connection failed is told once there is another: it answers nothing, and is over.
        """
        unit = self.unit(unit_id)
        known = unit.last_result
        if result.subject == SUBJECT_CONNECTION:
            return False
        if known is not None and (result.boot_id, result.seq) <= (known.result.boot_id, known.result.seq):
            return False
        self._units[unit_id] = replace(unit, last_result=LastResult(result, received_ms))
        return True

    def apply_link(self, unit_id: str, link: Link, received_ms: int) -> LinkEffect:
        """Older by (boot_id, connection) than the latest, or the same again: ignored. Raises UnknownUnitError.

        A retained message that a broker repeats is therefore no sign of life.
        """
        unit = self.unit(unit_id)
        if unit.boot_id is not None and _link_order(link.boot_id, link.connection, link.online) <= _link_order(
            unit.boot_id, unit.connection or 0, unit.online is True
        ):
            return LinkEffect.IGNORED
        changed = replace(
            unit,
            boot_id=link.boot_id,
            connection=link.connection,
            online=link.online,
            link_ms=received_ms,
            firmware=link.firmware,
        )
        if link.online:
            changed = replace(changed, heard_ms=max(received_ms, _ms(unit.heard_ms)))
        self._put(changed, received_ms)
        return LinkEffect.ONLINE if link.online else LinkEffect.OFFLINE

    def age(self, now_ms: int) -> list[str]:
        """Bring every unit's `link` up to now; the unit_ids whose link changed."""
        changed = [unit for unit in self._units.values() if self._link(unit, now_ms) is not unit.link]
        for unit in changed:
            self._put(unit, now_ms)
        return [unit.unit_id for unit in changed]

    def _put(self, unit: Unit, now_ms: int) -> None:
        self._units[unit.unit_id] = replace(unit, link=self._link(unit, now_ms))

    def _link(self, unit: Unit, now_ms: int) -> LinkState:
        if unit.online is False or unit.heard_ms is None:
            return LinkState.LOST
        silent_ms = now_ms - unit.heard_ms
        if silent_ms >= self._lost_after_ms:
            return LinkState.LOST
        return LinkState.STALE if silent_ms >= self._stale_after_ms else LinkState.FRESH


def _ms(time_ms: int | None) -> int:
    return 0 if time_ms is None else time_ms


def _link_order(boot_id: int, connection: int, online: bool) -> tuple[int, int, int]:
    """A connection's end comes after its beginning, whichever arrives first."""
    return boot_id, connection, 0 if online else 1


def _newer_position(old: UnitPosition | None, report: Report, received_ms: int, live: bool) -> UnitPosition | None:
    """The report's last usable fix, None if there is none or the unit has a later one already."""
    for i in range(len(report.fixes) - 1, -1, -1):
        fix, seq = report.fixes[i], report.seq + i
        # What a unit without a fix remembers gives way to any fix: these may come behind it, as backlog.
        if old is not None and old.quality and (report.boot_id, seq) <= (old.boot_id, old.seq):
            return None
        if fix.quality:
            return _position(report.boot_id, seq, fix, received_ms, live)
    return None


def _position(boot_id: int, seq: int, fix: Fix, received_ms: int, live: bool) -> UnitPosition:
    return UnitPosition(
        boot_id=boot_id,
        seq=seq,
        fix_time_s=fix.fix_time_s,
        lat_e7=fix.lat_e7,
        lon_e7=fix.lon_e7,
        speed_cmps=fix.speed_cmps,
        course_cdeg=None if fix.course_cdeg == COURSE_UNKNOWN else fix.course_cdeg,
        quality=fix.quality,
        satellites=fix.satellites,
        hdop_centi=None if fix.hdop_centi == HDOP_UNKNOWN else fix.hdop_centi,
        received_ms=received_ms,
        live=live,
    )


def _last_known(report: Report, received_ms: int) -> UnitPosition | None:
    """Where a unit without a fix says that it was last, for a server that does not know; never a live position."""
    fix = report.fixes[-1]
    if fix.reason != REASON_NO_FIX or not fix.fix_time_s:
        return None
    return _position(report.boot_id, report.seq + len(report.fixes) - 1, fix, received_ms, live=False)


def _newer_no_fix(known: NoFix | None, position: UnitPosition | None, report: Report, received_ms: int) -> NoFix | None:
    """Whether the unit's latest word, by (boot_id, seq), is that it has no fix. `position`: its latest now."""
    fix, boot_id, seq = report.fixes[-1], report.boot_id, report.seq + len(report.fixes) - 1
    latest = known
    if not fix.quality and (known is None or (boot_id, seq) > (known.boot_id, known.seq)):
        latest = NoFix(boot_id, seq, fix.fix_time_s * 1000 or (known.since_ms if known else received_ms))
    if latest is None or (position is not None and (position.boot_id, position.seq) > (latest.boot_id, latest.seq)):
        return None
    return latest
