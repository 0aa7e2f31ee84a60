"""ack: what a unit, or its officer, did with an order, and the officer's own emergency."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError
from sigap_wire.fields import UINT16_MAX, UINT32_MAX, check_values, open_message

MAX_BYTES = 64

# received and expired come from the unit itself, en_route from its motion, the others from the officer's buttons.
# emergency and emergency_over are the officer's own distress: about no order, so order_id and revision are 0.
RECEIVED, ACCEPTED, DECLINED, EN_ROUTE, ON_SCENE, CLEAR, EXPIRED, EMERGENCY, EMERGENCY_OVER = range(9)
KIND_NAMES = (
    "received",
    "accepted",
    "declined",
    "en_route",
    "on_scene",
    "clear",
    "expired",
    "emergency",
    "emergency_over",
)

RANGES = (
    ("boot_id", 0, UINT32_MAX),
    ("seq", 0, UINT32_MAX),
    ("order_id", 0, UINT32_MAX),
    ("revision", 0, UINT16_MAX),
    ("kind", 0, len(KIND_NAMES) - 1),
    ("ack_time_s", 0, UINT32_MAX),
)


class Ack:
    """`seq` counts the unit's acknowledgements within `boot_id`, apart from the reports' numbers.

    order_id     0 for EMERGENCY and EMERGENCY_OVER, and for no other kind; so is revision
    revision     the order's revision that was on the screen
    kind         one of RECEIVED … EMERGENCY_OVER
    ack_time_s   Unix seconds by the unit's clock, 0 while it has no time
    """

    def __init__(self, boot_id: int, seq: int, order_id: int, revision: int, kind: int, ack_time_s: int) -> None:
        self.boot_id = boot_id
        self.seq = seq
        self.order_id = order_id
        self.revision = revision
        self.kind = kind
        self.ack_time_s = ack_time_s

    def values(self) -> "list[int]":
        """The fields in the order of RANGES."""
        return [self.boot_id, self.seq, self.order_id, self.revision, self.kind, self.ack_time_s]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ack) and self.values() == other.values()

    def __repr__(self) -> str:
        return "Ack(%s)" % ", ".join("%s=%d" % (r[0], v) for r, v in zip(RANGES, self.values()))

    def encode(self) -> bytes:
        """[version, the integers of RANGES …]. Raises WireError."""
        values: "list[object]" = [WIRE_VERSION]
        values.extend(_check(self.values()))
        return cbor.dumps(values)

    @staticmethod
    def decode(payload: bytes) -> "Ack":
        """Raises WireError naming the first field that is not as the contract says."""
        return Ack(*_check(open_message("ack", payload, MAX_BYTES, len(RANGES))))


def _check(items: object) -> "list[int]":
    values = check_values("ack", RANGES, items)
    order_id, revision, kind = values[2:5]
    if (order_id == 0) != (kind >= EMERGENCY) or (revision == 0) != (kind >= EMERGENCY):
        raise WireError(
            "ack %s of order %d, revision %d: both are 0 for an emergency, and else neither"
            % (KIND_NAMES[kind], order_id, revision)
        )
    return values
