"""Pictures as rows of RGB bytes, to and from PNG, without any library."""

import struct
import zlib
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Canvas:
    """width × height pixels, all of one colour at first."""

    def __init__(self, width: int, height: int, colour: tuple[int, int, int]) -> None:
        self.width = width
        self.height = height
        self.rows = [bytearray(bytes(colour) * width) for _ in range(height)]

    def fill(self, x: int, y: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
        for row in self.rows[y : y + height]:
            row[3 * x : 3 * (x + width)] = bytes(colour) * width

    def mono(self, content: bytes, x: int, y: int, scale: int, colour: tuple[int, int, int]) -> None:
        """A MONO_VLSB picture 128 pixels wide, its set pixels in `colour`."""
        for index, bits in enumerate(content):
            for bit in range(8):
                if bits >> bit & 1:
                    column, row = index % 128, index // 128 * 8 + bit
                    self.fill(x + column * scale, y + row * scale, scale, scale, colour)

    def png(self) -> bytes:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        data = zlib.compress(b"".join(b"\0" + row for row in self.rows), 9)
        return _SIGNATURE + b"".join(chunk(*part) for part in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")))


def pixel_rows(path: Path) -> list[bytes]:
    """The rows of a PNG that Canvas.png() made."""
    content = path.read_bytes()
    assert content.startswith(_SIGNATURE)
    at, width, data = len(_SIGNATURE), 0, b""
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        part = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width = struct.unpack(">I", part[:4])[0]
        elif kind == b"IDAT":
            data += part
        at += 12 + length
    rows = zlib.decompress(data)
    stride = 3 * width + 1
    return [rows[start + 1 : start + stride] for start in range(0, len(rows), stride)]


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
