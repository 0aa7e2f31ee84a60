"""A small package for tests on both interpreters, signed by hand here: MicroPython has no signing."""

import hashlib

from sigap_tracker.update.signature import _GX, _GY, _N, _add, _double, _inverse

VERSION = 2000
_PRIVATE = 0x5161A9
CONTENTS = {
    "lib/a.mpy": b"M\x06\x00\x1f" + bytes(range(256)) * 3,
    "lib/empty.mpy": b"M\x06\x00\x1f",
    "sigap_unit.mpy": b"M\x06\x00\x1f" + b"the whole of the new application" * 150,
}


def _times(factor):
    point = (0, 1, 0)
    for bit in range(255, -1, -1):
        point = _double(point)
        if factor >> bit & 1:
            point = _add(point, _GX, _GY)
    p = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    w = _inverse(point[2], p)
    return point[0] * w * w % p, point[1] * w * w * w % p


def _number(value):
    return value.to_bytes(32, "big")


def signed(header):
    """64 bytes. The nonce is no secret, so this is no way to sign anything that matters."""
    digest = hashlib.sha256(header).digest()
    nonce = int.from_bytes(hashlib.sha256(digest + b"nonce").digest(), "big") % _N
    r = _times(nonce)[0] % _N
    s = _inverse(nonce, _N) * (int.from_bytes(digest, "big") + r * _PRIVATE) % _N
    return _number(r) + _number(s)


def header(files, version=VERSION, key=None, firmware=b"test 0.2.0", boot_version=1, sizes=None):
    """A package's header; `files` is a list of (name, content)."""
    parts = [hashlib.sha256(KEYS if key is None else key).digest()[:8], version.to_bytes(4, "big")]
    parts.append(bytes([boot_version, len(files), len(firmware)]) + firmware)
    for number, (name, content) in enumerate(files):
        size = len(content) if sizes is None else sizes[number]
        parts.append(bytes([len(name)]) + name.encode() + size.to_bytes(4, "big") + hashlib.sha256(content).digest())
    body = b"".join(parts)
    return b"SGU1" + (6 + len(body)).to_bytes(2, "big") + body


def package(files, **given):
    head = header(files, **given)
    return head + signed(head) + b"".join([content for _, content in files])


_x, _y = _times(_PRIVATE)
KEYS = _number(_x) + _number(_y)
PACKAGE = package(sorted(CONTENTS.items()))
