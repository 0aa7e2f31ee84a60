"""MicroPython's read-only file system (docs.micropython.org, "Working with ROMFS"): nested records in memory.

A record is its kind, the length of its payload and the payload; numbers are big-endian, 7 bits a byte.
"""

_HEADER = b"\xd2\xcd\x31"
_DATA, _FILE = 2, 5


def image(files: dict[str, bytes]) -> bytes:
    """The image of a flat folder: name → content."""
    body = b"".join(
        _record(_FILE, _number(len(name)) + name.encode("ascii") + _record(_DATA, content))
        for name, content in sorted(files.items())
    )
    length = _number(len(body))
    if (len(_HEADER) + len(length) + len(body)) % 2:
        length = b"\x80" + length  # an image has an even length
    return _HEADER + length + body


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, 0x80 | (value & 0x7F))
    return bytes(out)
