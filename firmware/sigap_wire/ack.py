"""ack: what a unit, or its officer, did with an order."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.fields import UINT16_MAX, UINT32_MAX, check_values, open_message

MAX_BYTES = 64

# received and expired come from the unit itself, en_route from its motion, the others from the officer's buttons.
RECEIVED, ACCEPTED, DECLINED, EN_ROUTE, ON_SCENE, CLEAR, EXPIRED = range(7)
KIND_NAMES = ("received", "accepted", "declined", "en_route", "on_scene", "clear", "expired")

RANGES = (
    ("boot_id", 0, UINT32_MAX),
    ("seq", 0, UINT32_MAX),
    ("order_id", 1, UINT32_MAX),
    ("revision", 1, UINT16_MAX),
    ("kind", 0, len(KIND_NAMES) - 1),
    ("ack_time_s", 0, UINT32_MAX),
)


class Ack:
    """`seq` counts the unit's acknowledgements within `boot_id`, apart from the reports' numbers.

    revision     the order's revision that was on the screen
    kind         one of RECEIVED … EXPIRED
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
        values.extend(check_values("ack", RANGES, self.values()))
        return cbor.dumps(values)

    @staticmethod
    def decode(payload: bytes) -> "Ack":
        """Raises WireError naming the first field that is not as the contract says."""
        items = open_message("ack", payload, MAX_BYTES, len(RANGES))
        return Ack(*check_values("ack", RANGES, items))
