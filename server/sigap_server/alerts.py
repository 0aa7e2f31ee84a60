"""A citizen's alert: what is accepted, what is put right, what is refused."""

import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil, inf
from uuid import UUID

from sigap_server.errors import SigapError

KINDS = ("emergency", "drill")
TEXT_MAX_CHARS = 500
ACCURACY_MAX_M = 65535  # the wire's largest
# Phones' clocks run ahead a little, and a press without a network is sent later.
PRESSED_AHEAD_MAX_MS = 2 * 60 * 1000
PRESSED_BEFORE_MAX_MS = 24 * 3600 * 1000
# Where receivers and apps without a position say they are: the sea off Ghana. 0.001° is about 100 m.
NULL_ISLAND_DEG = 0.001
_MINUTE_MS = 60_000
_ROUNDING = 1e-6


class AlertRefusedError(SigapError, ValueError):
    """An alert that cannot be acted on. `code` for programs, the message for people, `field` names the culprit."""

    def __init__(self, code: str, message: str, field: str | None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class RawAlert:
    """An alert as it came in: types are right, values may be anything."""

    alert_id: str
    kind: str
    lat: float | None
    lon: float | None
    accuracy_m: float | None = None
    pressed_ms: int | None = None
    text: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A checked alert.

    alert_id     a UUID in its usual form, lower case; the same id again is the same press
    kind         "emergency" or "drill"
    accuracy_m   0 to ACCURACY_MAX_M, None if not known
    pressed_ms   Unix ms; received_ms where the sender's clock made no sense
    text         one line, at most TEXT_MAX_CHARS
    street       what people call the place, "" if nobody knows: the server finds it, whoever sends
    device       the sender's device as a UUID in its usual form, "" if it did not say or said something else
    adjusted     names of the fields whose value made no sense and was replaced
    """

    alert_id: str
    kind: str
    lat_e7: int
    lon_e7: int
    accuracy_m: int | None
    pressed_ms: int
    received_ms: int
    text: str = ""
    adjusted: tuple[str, ...] = ()
    device: str = ""
    street: str = ""


def check_alert(raw: RawAlert, received_ms: int) -> Alert:
    """The alert to act on. Raises AlertRefusedError with one of the codes id_invalid, kind_unknown, location_missing,
    location_impossible. Everything else is put right, never refused: a caller with a broken clock still needs help."""
    if raw.kind not in KINDS:
        raise AlertRefusedError(
            "kind_unknown", f"kind is {raw.kind!r:.80}, expected one of: {', '.join(KINDS)}", "kind"
        )
    lat_e7, lon_e7 = _check_location(raw.lat, raw.lon)
    accuracy_m, accuracy_is_odd = _accuracy(raw.accuracy_m)
    pressed_ms, pressed_is_odd = _pressed(raw.pressed_ms, received_ms)
    device, device_is_odd = _device(raw.device)
    odd = (("accuracy_m", accuracy_is_odd), ("pressed_ms", pressed_is_odd), ("device", device_is_odd))
    return Alert(
        alert_id=check_alert_id(raw.alert_id),
        kind=raw.kind,
        lat_e7=lat_e7,
        lon_e7=lon_e7,
        accuracy_m=accuracy_m,
        pressed_ms=pressed_ms,
        received_ms=received_ms,
        text=_one_line(raw.text or ""),
        adjusted=tuple(name for name, is_odd in odd if is_odd),
        device=device,
    )


def check_alert_id(alert_id: str) -> str:
    """The id in its usual form. Raises AlertRefusedError (id_invalid) for anything but a UUID, or the nil UUID."""
    found = _uuid(alert_id)
    if found is None:
        raise AlertRefusedError("id_invalid", f"id is {alert_id!r:.80}, expected a UUID made by the sender", "id")
    return found


def _uuid(text: str) -> str | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return str(found) if found.int and text.lower() == str(found) else None


def _device(device: str | None) -> tuple[str, bool]:
    if not device:
        return "", False
    found = _uuid(device)
    return found or "", found is None


def _check_location(raw_lat: float | None, raw_lon: float | None) -> tuple[int, int]:
    lat = _degrees("lat", raw_lat, 90)
    lon = _degrees("lon", raw_lon, 180)
    if abs(lat) < NULL_ISLAND_DEG and abs(lon) < NULL_ISLAND_DEG:
        raise AlertRefusedError("location_impossible", "lat and lon are 0: the sender knows no position", "lat")
    return round(lat * 1e7), round(lon * 1e7)


def _degrees(name: str, value: float | None, limit: int) -> float:
    if value is None:
        raise AlertRefusedError("location_missing", f"the alert has no location: {name} is missing", name)
    if not -limit <= value <= limit:  # not a number compares as False
        raise AlertRefusedError(
            "location_impossible", f"{name} is {value!r:.80}, expected degrees from -{limit} to {limit}", name
        )
    return value


def _accuracy(accuracy_m: float | None) -> tuple[int | None, bool]:
    if accuracy_m is None:
        return None, False
    if not 0 <= accuracy_m < inf:  # not a number compares as False
        return None, True
    return min(round(accuracy_m), ACCURACY_MAX_M), accuracy_m > ACCURACY_MAX_M


def _pressed(pressed_ms: int | None, received_ms: int) -> tuple[int, bool]:
    if pressed_ms is None:
        return received_ms, False
    if not received_ms - PRESSED_BEFORE_MAX_MS <= pressed_ms <= received_ms + PRESSED_AHEAD_MAX_MS:
        return received_ms, True
    # A moment ahead is a clock's drift, not a press in the future.
    return min(pressed_ms, received_ms), False


def _one_line(text: str) -> str:
    """Without control and bidirectional formatting characters, which could disguise text on an operator's screen."""
    shown = (" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return " ".join("".join(shown).split())[:TEXT_MAX_CHARS].rstrip()


class AddressRate:
    """A token bucket for each address: `per_minute` alerts a minute on average, as many at once after a quiet minute.

    A first press is never refused. IPv6 addresses count by their /64, which one subscriber has to itself. Remembers
    the `addresses_max` that pressed last. Raises ValueError for a limit below one.
    """

    def __init__(self, per_minute: float, addresses_max: int = 10_000) -> None:
        if not 1 <= per_minute < inf:
            raise ValueError(f"per_minute is {per_minute!r}, expected at least 1")
        self._burst = per_minute
        self._per_ms = per_minute / _MINUTE_MS
        self._addresses_max = addresses_max
        # Address → (tokens, at), the one that pressed last at the end.
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, address: str, now_ms: int) -> int:
        """0 if the alert may pass, else in how many ms the next one may."""
        key = _subscriber(address)
        tokens, at_ms = self._buckets.pop(key, (self._burst, now_ms))
        # A clock that was set back refills nothing; it must not empty the bucket either.
        tokens = min(self._burst, tokens + max(0, now_ms - at_ms) * self._per_ms)
        passes = tokens >= 1 - _ROUNDING
        self._buckets[key] = (max(0.0, tokens - 1) if passes else tokens, now_ms)
        if len(self._buckets) > self._addresses_max:
            del self._buckets[next(iter(self._buckets))]
        return 0 if passes else ceil((1 - tokens) / self._per_ms)


def _subscriber(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
