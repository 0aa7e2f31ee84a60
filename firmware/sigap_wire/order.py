"""order: what one unit is told about one incident. Every change is the whole order again with a higher revision."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.fields import (
    LAT_E7_MAX,
    LON_E7_MAX,
    UINT16_MAX,
    UINT32_MAX,
    check_text,
    check_values,
    open_message,
)

MAX_BYTES = 256
TEXT_MAX_BYTES = 96
STREET_MAX_BYTES = 48

# offered: the officer may accept; assigned: the server confirmed, this car goes; cancelled and closed end it.
STATE_OFFERED, STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED = range(4)
STATE_NAMES = ("offered", "assigned", "cancelled", "closed")

KIND_EMERGENCY, KIND_DRILL = range(2)
KIND_NAMES = ("emergency", "drill")

# Why an order was cancelled, for the screen to say in the officer's language. none: `text` says it. 6 and 7 are for
# reasons to come; a unit that does not know one goes by `text`.
REASON_NONE, REASON_WITHDRAWN, REASON_SUPERSEDED, REASON_UNANSWERED, REASON_DUPLICATE, REASON_UNIT_LOST = range(6)
REASON_NAMES = ("none", "withdrawn", "superseded", "unanswered", "duplicate", "unit_lost")

ETA_UNKNOWN = UINT16_MAX

RANGES = (
    ("order_id", 1, UINT32_MAX),
    ("revision", 1, UINT16_MAX),
    ("state", 0, len(STATE_NAMES) - 1),
    ("incident_id", 1, UINT32_MAX),
    ("kind", 0, len(KIND_NAMES) - 1),
    ("priority", 1, 5),
    ("lat_e7", -LAT_E7_MAX, LAT_E7_MAX),
    ("lon_e7", -LON_E7_MAX, LON_E7_MAX),
    ("accuracy_m", 0, UINT16_MAX),
    ("pressed_time_s", 0, UINT32_MAX),
    ("expiry_time_s", 0, UINT32_MAX),
    ("eta_s", 0, ETA_UNKNOWN),
    ("reason", 0, 7),
)


class Order:
    """`order_id` names one offer to one unit; a unit applies only revisions higher than the one it has.

    lat_e7 lon_e7 accuracy_m   where the citizen is, and the location's error radius
    pressed_time_s             when the button was pressed (Unix seconds)
    expiry_time_s              after this an offered order is not shown (Unix seconds)
    eta_s                      expected travel time, or ETA_UNKNOWN
    reason                     why it was cancelled, REASON_…
    text                       what the caller wrote, or why an order was cancelled; at most TEXT_MAX_BYTES of UTF-8
    street                     the nearest street's name, empty if unknown; at most STREET_MAX_BYTES of UTF-8
    """

    def __init__(
        self,
        order_id: int,
        revision: int,
        state: int,
        incident_id: int,
        kind: int,
        priority: int,
        lat_e7: int,
        lon_e7: int,
        accuracy_m: int,
        pressed_time_s: int,
        expiry_time_s: int,
        eta_s: int,
        reason: int = REASON_NONE,
        text: str = "",
        street: str = "",
    ) -> None:
        self.order_id = order_id
        self.revision = revision
        self.state = state
        self.incident_id = incident_id
        self.kind = kind
        self.priority = priority
        self.lat_e7 = lat_e7
        self.lon_e7 = lon_e7
        self.accuracy_m = accuracy_m
        self.pressed_time_s = pressed_time_s
        self.expiry_time_s = expiry_time_s
        self.eta_s = eta_s
        self.reason = reason
        self.text = text
        self.street = street

    def values(self) -> "list[int]":
        """The integer fields in the order of RANGES."""
        return [
            self.order_id,
            self.revision,
            self.state,
            self.incident_id,
            self.kind,
            self.priority,
            self.lat_e7,
            self.lon_e7,
            self.accuracy_m,
            self.pressed_time_s,
            self.expiry_time_s,
            self.eta_s,
            self.reason,
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Order) and self.encode() == other.encode()

    def __repr__(self) -> str:
        parts = ["%s=%d" % (r[0], v) for r, v in zip(RANGES, self.values())]
        return "Order(%s, text=%r, street=%r)" % (", ".join(parts), self.text, self.street)

    def encode(self) -> bytes:
        """[version, the integers of RANGES …, text, street]. Raises WireError."""
        values: "list[object]" = [WIRE_VERSION]
        values.extend(check_values("order", RANGES, self.values()))
        values.append(check_text("text", self.text, TEXT_MAX_BYTES))
        values.append(check_text("street", self.street, STREET_MAX_BYTES))
        return cbor.dumps(values)

    @staticmethod
    def decode(payload: bytes) -> "Order":
        """Raises WireError naming the first field that is not as the contract says."""
        items = open_message("order", payload, MAX_BYTES, len(RANGES) + 2)
        order = Order(*check_values("order", RANGES, items[:-2]))  # type: ignore[arg-type]  # a list of any length
        order.text = check_text("text", items[-2], TEXT_MAX_BYTES)
        order.street = check_text("street", items[-1], STREET_MAX_BYTES)
        return order
