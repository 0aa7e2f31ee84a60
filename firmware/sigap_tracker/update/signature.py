"""ECDSA over the curve P-256 (FIPS 186-5, SEC 1 §4.1.4): is a digest signed by the owner of a public key?

In integers of any size, which MicroPython has as well. Points are in Jacobian coordinates, (x, y, z) for the point
(x / z², y / z³) and z = 0 for infinity, so that no division is needed on the way (formulas: hyperelliptic.org/EFD,
short Weierstrass with a = -3, dbl-2001-b and madd). Both multiples are added up at once, bit by bit (Shamir's trick).
Nothing here is secret, so nothing needs to take the same time for every input.
"""

from sigap_tracker.interfaces import Verdicts

# SEC 2 §2.4.2, secp256r1: the field's prime, the curve's b, the base point and its order.
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
_GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_BITS = 256


def verification(public_key: bytes, digest: bytes, signature: bytes) -> "Verdicts":
    """Yields None some 260 times while it works, a few milliseconds of an ESP32 apart, and at last True or False.

    public_key   64 bytes: x and y of the point, big-endian
    digest       32 bytes: SHA-256 of what is signed
    signature    64 bytes: r and s, big-endian
    """
    if len(public_key) != 64 or len(digest) != 32 or len(signature) != 64:
        yield False
        return
    x, y = _number(public_key[:32]), _number(public_key[32:])
    r, s = _number(signature[:32]), _number(signature[32:])
    if not 0 < r < _N or not 0 < s < _N or not is_on_curve(x, y):
        yield False
        return
    yield None
    w = _inverse(s, _N)
    of_base = _number(digest) * w % _N
    of_key = r * w % _N
    yield None
    both = _sum(x, y)
    yield None
    point = (0, 1, 0)
    for bit in range(_BITS - 1, -1, -1):
        point = _double(point)
        base, key = of_base >> bit & 1, of_key >> bit & 1
        if base and key:
            if both is not None:
                point = _add(point, both[0], both[1])
        elif base:
            point = _add(point, _GX, _GY)
        elif key:
            point = _add(point, x, y)
        yield None
    # The point's x, modulo the order, has to be r: compared without dividing by z².
    zz = point[2] * point[2] % _P
    same = zz != 0 and (point[0] == r * zz % _P or (r + _N < _P and point[0] == (r + _N) * zz % _P))
    yield same


def is_on_curve(x: int, y: int) -> bool:
    """Whether (x, y) is a point of the curve; infinity has no coordinates and is none."""
    return 0 <= x < _P and 0 <= y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _inverse(value: int, modulus: int) -> int:
    """1 / value by Euclid's algorithm: a power would block an ESP32 for longer, and not every build has one."""
    low, high = value % modulus, modulus
    of_low, of_high = 1, 0
    while low > 1:
        quotient = high // low
        low, high = high - quotient * low, low
        of_low, of_high = of_high - quotient * of_low, of_low
    return of_low % modulus


def _sum(x: int, y: int) -> "tuple[int, int] | None":
    """Base point + (x, y) as x and y; None for infinity."""
    point = _add((_GX, _GY, 1), x, y)
    if point[2] == 0:
        return None
    w = _inverse(point[2], _P)
    return point[0] * w * w % _P, point[1] * w * w * w % _P


def _double(point: "tuple[int, int, int]") -> "tuple[int, int, int]":
    x, y, z = point
    delta = z * z % _P
    gamma = y * y % _P
    beta = x * gamma % _P
    alpha = 3 * (x - delta) * (x + delta) % _P
    x_2 = (alpha * alpha - 8 * beta) % _P
    return x_2, (alpha * (4 * beta - x_2) - 8 * gamma * gamma) % _P, 2 * y * z % _P


def _add(point: "tuple[int, int, int]", x: int, y: int) -> "tuple[int, int, int]":
    x_1, y_1, z_1 = point
    if z_1 == 0:
        return x, y, 1
    zz = z_1 * z_1 % _P
    h = (x * zz - x_1) % _P
    r = (y * zz * z_1 - y_1) % _P
    if h == 0:
        return (0, 1, 0) if r else _double(point)
    hh = h * h % _P
    hhh = h * hh % _P
    v = x_1 * hh % _P
    x_3 = (r * r - hhh - 2 * v) % _P
    return x_3, (r * (v - x_3) - y_1 * hhh) % _P, z_1 * h % _P
