"""A file in OpenStreetMap's PBF form in parts that can be read one by one, so that progress can be told.

The form (wiki.openstreetmap.org/wiki/PBF_Format): again and again four bytes with a length, big-endian, a BlobHeader
of that length, and a Blob of the length that the BlobHeader tells. The first one describes the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sigap_roads.errors import MapError

_PART_BYTES = 8 << 20
_HEADER_MAX, _BLOB_MAX = 64 << 10, 32 << 20  # the form's own limits
_VARINT, _BYTES = 0, 2  # kinds of protobuf fields
_DATASIZE = 3  # the number of the field in BlobHeader


def parts(path: Path) -> Iterator[tuple[bytes, int]]:
    """(a whole PBF file of some blocks, bytes read so far). Raises MapError for what is no such file, or OSError."""
    with path.open("rb") as file:
        first = _block(file, path)
        if b"OSMHeader" not in first[:_HEADER_MAX]:
            raise MapError(f"{path} is no PBF file of OpenStreetMap")
        collected = [first]
        while block := _block(file, path):
            collected.append(block)
            if sum(map(len, collected)) >= _PART_BYTES:
                yield b"".join(collected), file.tell()
                collected = [first]
        if len(collected) > 1:
            yield b"".join(collected), file.tell()


def _block(file: BinaryIO, path: Path) -> bytes:
    """The next block with all that is before it; empty at the end."""
    start = file.read(4)
    if not start:
        return b""
    length = int.from_bytes(start, "big")
    if len(start) < 4 or length > _HEADER_MAX:
        raise MapError(f"{path} is no PBF file of OpenStreetMap, or is damaged {file.tell()} bytes from its beginning")
    header = file.read(length)
    blob = file.read(_blob_length(header, path))
    if len(header) < length or len(blob) < _blob_length(header, path):
        raise MapError(f"{path} is cut short, it ends after {file.tell()} bytes within a block")
    return start + header + blob


def _blob_length(header: bytes, path: Path) -> int:
    at, length = 0, -1
    try:
        while at < len(header):
            key, at = _varint(header, at)
            value, at = _varint(header, at)
            if key == _DATASIZE << 3 | _VARINT:
                length = value
            elif key & 7 == _BYTES:
                at += value
            elif key & 7 != _VARINT:
                break
    except IndexError:
        length = -1
    if not 0 <= length <= _BLOB_MAX:
        raise MapError(f"{path} is no PBF file of OpenStreetMap, or is damaged: a block does not tell its length")
    return length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
