"""A citizen's alert: what is accepted, what is put right, what is refused."""

from dataclasses import dataclass


class AlertRefusedError(ValueError):
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


@dataclass(frozen=True, slots=True)
class Alert:
    """A checked alert.

    alert_id     a UUID in its usual form, lower case; the same id again is the same press
    kind         "emergency" or "drill"
    accuracy_m   0 to 65535, None if not known
    pressed_ms   Unix ms; received_ms where the sender's clock made no sense
    text         one line, at most TEXT_MAX_CHARS
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


def check_alert(raw: RawAlert, received_ms: int) -> Alert:
    """The alert to act on. Raises AlertRefusedError with one of the codes id_invalid, kind_unknown, location_missing,
    location_impossible. Everything else is put right, never refused: a caller with a broken clock still needs help."""
    raise NotImplementedError


class AddressRate:
    """A token bucket for each address: `per_minute` alerts a minute on average, as many at once after a quiet minute.

    A first press is never refused. IPv6 addresses count by their /64, which one subscriber has to itself.
    """

    def __init__(self, per_minute: float, addresses_max: int = 10_000) -> None:
        raise NotImplementedError

    def take(self, address: str, now_ms: int) -> int:
        """0 if the alert may pass, else in how many ms the next one may."""
        raise NotImplementedError
