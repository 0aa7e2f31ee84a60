"""Deterministic CBOR (RFC 8949 §4.2.1), the subset the wire uses.

Integers up to 64 bits, byte strings, UTF-8 text, arrays and maps, all of definite length and in their shortest
form. Floats, tags and simple values are refused: an ESP32 has 32-bit floats, so the wire has none.
"""

from sigap_wire.errors import WireError

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP = 0, 1, 2, 3, 4, 5
_MAX_DEPTH = 4  # report → delta fixes → one delta is 3 deep
_INT64_END = 1 << 64


def _put_head(out: bytearray, major: int, value: int) -> None:
    major <<= 5
    if value < 24:
        out.append(major | value)
        return
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            out.append(major | info)
            out.extend(value.to_bytes(size, "big"))
            return


def _put(out: bytearray, item: object, depth: int) -> None:
    if isinstance(item, bool):
        raise WireError("cannot encode bool: the wire has integers 0 and 1")
    if isinstance(item, int):
        if not -_INT64_END <= item < _INT64_END:
            raise WireError("integer %d does not fit 64 bits" % item)
        if item < 0:
            _put_head(out, _NINT, -1 - item)
        else:
            _put_head(out, _UINT, item)
    elif isinstance(item, str):
        text = _encode_text(item)
        _put_head(out, _TEXT, len(text))
        out.extend(text)
    elif isinstance(item, (bytes, bytearray)):
        _put_head(out, _BYTES, len(item))
        out.extend(item)
    elif isinstance(item, (list, tuple)):
        _check_depth(depth)
        _put_head(out, _ARRAY, len(item))
        for part in item:
            _put(out, part, depth - 1)
    elif isinstance(item, dict):
        _check_depth(depth)
        for key in item:
            if not isinstance(key, str):
                raise WireError("map key must be text, not %s" % type(key).__name__)
        _put_head(out, _MAP, len(item))
        # Shorter keys first, then bytewise: what sorting the encoded keys means for text keys.
        for key in sorted(item, key=_key_order):
            _put(out, key, depth - 1)
            _put(out, item[key], depth - 1)
    else:
        raise WireError("cannot encode %s" % type(item).__name__)


def _check_depth(depth: int) -> None:
    if depth == 0:
        raise WireError("message nested deeper than %d" % _MAX_DEPTH)


def _key_order(key: str) -> "tuple[int, bytes]":
    text = _encode_text(key)
    return (len(text), text)


def _encode_text(text: str) -> bytes:
    if utf8_length(text) < 0:
        raise WireError("text holds half a surrogate pair")
    return text.encode()


def utf8_length(text: str) -> int:
    """Bytes of UTF-8 that the text takes, or -1: a str may hold halves of surrogate pairs, and MicroPython's what else
    looks like UTF-8, which it is not (RFC 3629 §4)."""
    # Looked at as bytes, because MicroPython keeps for good each character that was ever looked at as a text.
    data = text.encode("utf-8", "surrogatepass")
    length = len(data)
    if length == len(text):
        return length
    for at in range(length - 1):
        lead, second = data[at], data[at + 1]
        if (
            lead in (0xC0, 0xC1)
            or lead > 0xF4
            or (lead == 0xE0 and second < 0xA0)
            or (lead == 0xED and second > 0x9F)
            or (lead == 0xF0 and second < 0x90)
            or (lead == 0xF4 and second > 0x8F)
        ):
            return -1
    return length


def dumps(item: object) -> bytes:
    """Encode integers, text, bytes, lists, tuples and text-keyed dicts, nested four deep at most.

    Anything else raises WireError.
    """
    out = bytearray()
    _put(out, item, _MAX_DEPTH)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise WireError("message cut short: %d bytes, needs at least %d" % (len(self.data), end))
        part = self.data[self.at : end]
        self.at = end
        return part

    def head(self) -> "tuple[int, int]":
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info
        if info > 27:
            raise WireError("indefinite or reserved CBOR length 0x%02x" % first)
        size = 1 << (info - 24)
        value = int.from_bytes(self.take(size), "big")
        if value < (24 if size == 1 else 1 << (4 * size)):
            raise WireError("CBOR value %d is not in its shortest form" % value)
        return major, value

    def item(self, depth: int) -> object:
        major, value = self.head()
        if major == _UINT:
            return value
        if major == _NINT:
            return -1 - value
        if major == _BYTES:
            return bytes(self.take(value))
        if major == _TEXT:
            return self.text(value)
        if major == _ARRAY or major == _MAP:
            _check_depth(depth)
            if major == _ARRAY:
                self.check_count(value)
                return [self.item(depth - 1) for _ in range(value)]
            return self.map(value, depth - 1)
        raise WireError("CBOR tags, floats and simple values are not part of the wire")

    def text(self, length: int) -> str:
        raw = self.take(length)
        try:
            text = str(raw, "utf-8")
        except ValueError:
            raise WireError("text is not UTF-8")
        # MicroPython also decodes surrogates, and characters written longer than need be.
        if utf8_length(text) != length:
            raise WireError("text is not UTF-8")
        return text

    def check_count(self, count: int) -> None:
        # Every element takes a byte at least; without this a 9-byte message could ask for 2**64 elements.
        if count > len(self.data) - self.at:
            raise WireError("message cut short: %d elements announced" % count)

    def map(self, count: int, depth: int) -> "dict[str, object]":
        self.check_count(count)
        found: "dict[str, object]" = {}
        last = None
        for _ in range(count):
            key = self.item(depth)
            if not isinstance(key, str):
                raise WireError("map key must be text")
            order = _key_order(key)
            if last is not None and order <= last:
                raise WireError("map keys repeated or out of order at %r" % key)
            last = order
            found[key] = self.item(depth)
        return found


def loads(data: bytes) -> object:
    """Decode exactly one item. Raises WireError for anything `dumps` would not have written."""
    reader = _Reader(data)
    item = reader.item(_MAX_DEPTH)
    if reader.at != len(data):
        raise WireError("%d bytes after the message" % (len(data) - reader.at))
    return item
