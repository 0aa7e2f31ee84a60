"""health: a unit's state of body, as counters and gauges."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError
from sigap_wire.fields import UINT32_MAX, check_int, check_text, open_message

MAX_BYTES = 2048
NAME_MAX_BYTES = 32
MAX_COUNTERS = 64


class Health:
    """`counters` maps a name (text, at most NAME_MAX_BYTES) to an unsigned 32-bit number.

    All that end in _s, _bytes or _mv are gauges, in that unit; which of the others are, docs/unit.md says. What is no
    gauge counts up from the unit's start.
    """

    def __init__(self, boot_id: int, uptime_s: int, counters: "dict[str, int]") -> None:
        self.boot_id = boot_id
        self.uptime_s = uptime_s
        self.counters = counters

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Health) and self.encode() == other.encode()

    def __repr__(self) -> str:
        return "Health(boot_id=%d, uptime_s=%d, counters=%r)" % (self.boot_id, self.uptime_s, self.counters)

    def encode(self) -> bytes:
        """[version, boot_id, uptime_s, {name: number}]. Raises WireError."""
        check_int("boot_id", self.boot_id, 0, UINT32_MAX)
        check_int("uptime_s", self.uptime_s, 0, UINT32_MAX)
        return cbor.dumps([WIRE_VERSION, self.boot_id, self.uptime_s, _check_counters(self.counters)])

    @staticmethod
    def decode(payload: bytes) -> "Health":
        """Raises WireError."""
        boot_id, uptime_s, counters = open_message("health", payload, MAX_BYTES, 3)
        return Health(
            check_int("boot_id", boot_id, 0, UINT32_MAX),
            check_int("uptime_s", uptime_s, 0, UINT32_MAX),
            _check_counters(counters),
        )


def _check_counters(counters: object) -> "dict[str, int]":
    if not isinstance(counters, dict):
        raise WireError("health counters are not a map")
    check_int("number of counters", len(counters), 0, MAX_COUNTERS)
    for name, number in counters.items():
        check_text("counter name", name, NAME_MAX_BYTES)
        check_int(name, number, 0, UINT32_MAX)
    return counters
