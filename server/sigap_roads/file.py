"""A road graph in one file, mapped into memory rather than read.

Layout, little-endian:

    magic     8 bytes   b"SIGAPRDS"
    version   4 bytes
    size      8 bytes   of the whole file
    sha256   32 bytes   of all that follows
    length    4 bytes   of the header
    header    JSON, UTF-8, padded with spaces: {"arrays": {name: [dtype, count, at]}, "names": [...], "info": {...}}
    arrays    each at `at` bytes from the file's beginning, a multiple of 64; zeros between them

A file that was cut short, changed, or made by another version is told apart before anything in it is believed.
"""

import contextlib
import hashlib
import mmap
import os
import struct
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from sigap_roads.errors import FileError
from sigap_roads.graph import RoadGraph

MAGIC = b"SIGAPRDS"
VERSION = 1
_LEAD = struct.Struct("<8sIQ32s")
_LENGTH = struct.Struct("<I")
_BEGIN = _LEAD.size + _LENGTH.size
_ALIGN = 64


def save(graph: RoadGraph, path: Path) -> None:
    """Writes the file beside its place and moves it there when it is whole. Raises OSError."""
    arrays = graph.arrays()
    blocks = [_block(array) for array in arrays.values()]
    header, size = _header(graph, arrays, blocks)
    header = _LENGTH.pack(len(header)) + header
    digest = hashlib.sha256(header)
    for block in blocks:
        digest.update(block)
    lead = _LEAD.pack(MAGIC, VERSION, size, digest.digest())
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
        try:
            out.writelines(chain([lead, header], blocks))
            out.flush()
            os.fsync(out.fileno())
            os.chmod(out.name, 0o644)
            os.replace(out.name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(out.name)
            raise


def load(path: Path) -> RoadGraph:
    """The graph in the file; its arrays are read-only views of it. Raises FileError, or OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        lead = file.read(_LEAD.size)
        if lead[: len(MAGIC)] != MAGIC:
            raise FileError(f"{path} is no road file; `sigap roads import` makes one from a map")
        if len(lead) < _LEAD.size:
            raise FileError(f"{path} is cut short; import its map again")
        _, version, whole, expected = _LEAD.unpack(lead)
        if version != VERSION:
            raise FileError(f"{path} has version {version}, expected {VERSION}; import its map again")
        if whole != size:
            raise FileError(f"{path} has {size} bytes where {whole} are expected; import its map again")
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if hashlib.sha256(mapped[_LEAD.size :]).digest() != expected:
        raise FileError(f"{path} is damaged, its checksum is wrong; import its map again")
    (length,) = _LENGTH.unpack(mapped[_LEAD.size : _BEGIN])
    header = orjson.loads(mapped[_BEGIN : _BEGIN + length])
    arrays = {name: np.frombuffer(mapped, *where) for name, where in header["arrays"].items()}
    return RoadGraph(**arrays, names=tuple(header["names"]), info=header["info"])


def _header(graph: RoadGraph, arrays: dict[str, npt.NDArray[Any]], blocks: list[bytes]) -> tuple[bytes, int]:
    """The header and the file's size. Where the arrays begin depends on the header's length: it has room to spare."""
    room = _BEGIN + len(orjson.dumps({"names": graph.names, "info": graph.info})) + 96 * (len(arrays) + 1)
    at = begin = room + -room % _ALIGN
    places = {}
    for (name, array), block in zip(arrays.items(), blocks, strict=True):
        places[name] = (_little_endian(array).str, len(array), at)
        at += len(block)
    text = orjson.dumps({"arrays": places, "names": graph.names, "info": graph.info})
    return text.ljust(begin - _BEGIN), at


def _block(array: npt.NDArray[Any]) -> bytes:
    data = array.astype(_little_endian(array), copy=False).tobytes()
    return data + bytes(-len(data) % _ALIGN)


def _little_endian(array: npt.NDArray[Any]) -> np.dtype[Any]:
    return array.dtype.newbyteorder("<")
