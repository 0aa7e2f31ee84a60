"""MicroPython's read-only file system (docs.micropython.org, "Working with ROMFS"): nested records in memory.

A record is its kind, the length of its payload and the payload; numbers are big-endian, 7 bits a byte.
"""

_HEADER = b"\xd2\xcd\x31"
_DATA, _DIRECTORY, _FILE = 2, 4, 5


def image(files: dict[str, bytes]) -> bytes:
    """The image of a folder: path → content, "/" between a folder's name and what is in it."""
    body = _folder(files)
    length = _number(len(body))
    if (len(_HEADER) + len(length) + len(body)) % 2:
        length = b"\x80" + length  # an image has an even length
    return _HEADER + length + body


def _folder(files: dict[str, bytes]) -> bytes:
    """The records of its files and folders, by name."""
    inner: dict[str, dict[str, bytes]] = {}
    records: dict[str, bytes] = {}
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            inner.setdefault(name, {})[rest] = content
        else:
            records[name] = _record(_FILE, _named(name) + _record(_DATA, content))
    records.update({name: _record(_DIRECTORY, _named(name) + _folder(below)) for name, below in inner.items()})
    return b"".join(record for _, record in sorted(records.items()))


def _named(name: str) -> bytes:
    return _number(len(name)) + name.encode("ascii")


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, 0x80 | (value & 0x7F))
    return bytes(out)
