"""Checks shared by the messages: an array of named fields, each an integer or text within its range."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError

UINT8_MAX = 0xFF
UINT16_MAX = 0xFFFF
UINT32_MAX = 0xFFFFFFFF
INT32_MAX = 0x7FFFFFFF
LAT_E7_MAX = 900000000
LON_E7_MAX = 1800000000


def check_int(name: str, value: object, low: int, high: int) -> int:
    """The value itself, or WireError naming the field, the value and the range."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise WireError("%s is %r, expected an integer from %d to %d" % (name, value, low, high))
    return value


def check_text(name: str, value: object, max_bytes: int) -> str:
    """The value itself, or WireError naming the field and the limit (bytes of UTF-8)."""
    if not isinstance(value, str) or not 0 <= cbor.utf8_length(value) <= max_bytes:
        raise WireError("%s is %r, expected text of at most %d bytes" % (name, value, max_bytes))
    return value


def check_values(what: str, ranges: "tuple[tuple[str, int, int], ...]", values: object) -> "list[int]":
    """Check an array of integers against (name, lowest, highest) rows of the same length."""
    if not isinstance(values, list):
        raise WireError("%s is %s, expected an array of %d" % (what, type(values).__name__, len(ranges)))
    if len(values) != len(ranges):
        raise WireError("%s has %d fields, expected %d" % (what, len(values), len(ranges)))
    return [check_int(name, value, low, high) for (name, low, high), value in zip(ranges, values)]


def open_message(what: str, payload: bytes, max_bytes: int, length: int) -> "list[object]":
    """Decode a message's array, check size, version and length, and return what follows the version."""
    if len(payload) > max_bytes:
        raise WireError("%s of %d bytes, at most %d allowed" % (what, len(payload), max_bytes))
    items = cbor.loads(payload)
    if not isinstance(items, list) or not items:
        raise WireError("%s is not a CBOR array" % what)
    if items[0] != WIRE_VERSION:
        raise WireError("%s has wire version %r, expected %d" % (what, items[0], WIRE_VERSION))
    if len(items) != length + 1:
        raise WireError("%s has %d fields, expected %d" % (what, len(items) - 1, length))
    return items[1:]
