"""The unit's P-256 against OpenSSL's: random signatures, and those that catch careless arithmetic."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import strategies as st

from tests.portable.interpreters import ask_both, samples

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None  # None is infinity


def added(one: Point, other: Point) -> Point:
    """Schoolbook addition, with a division each time: another way than the unit's."""
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope**2 - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(factor: int, point: Point) -> Point:
    total: Point = None
    while factor:
        if factor & 1:
            total = added(total, point)
        point = added(point, point)
        factor >>= 1
    return total


@dataclass(frozen=True)
class Case:
    key: tuple[int, int]
    digest: int
    r: int
    s: int

    def question(self) -> list[str]:
        parts = (*self.key, self.digest, self.r, self.s)
        x, y, digest, r, s = (part.to_bytes(32, "big").hex() for part in parts)
        return [x + y, digest, r + s]

    def good(self) -> bool:
        """OpenSSL's word. What it refuses to take as a key is not good either."""
        try:
            key = ec.EllipticCurvePublicNumbers(*self.key, ec.SECP256R1()).public_key()
            prehashed = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
            key.verify(utils.encode_dss_signature(self.r, self.s), self.digest.to_bytes(32, "big"), prehashed)
        except (InvalidSignature, ValueError):
            return False
        return True


def signed(private: int, digest: int, nonce: int) -> Case:
    key, point = times(private, G), times(nonce, G)
    assert key is not None
    assert point is not None
    r = point[0] % N
    return Case(key, digest, r, pow(nonce, -1, N) * (digest + r * private) % N)


def recovered(x: int, digest: int, s: int) -> Case:
    """A good signature whose nonce's point has that x: the key is made to fit it."""
    y = pow(x**3 - 3 * x + B, (P + 1) // 4, P)
    assert (y * y - x**3 + 3 * x - B) % P == 0, "x is on the curve"
    r = x % N
    key = times(pow(r, -1, N), added(times(s, (x, y)), times(N - digest % N, G)))
    assert key is not None
    return Case(key, digest, r, s)


def on_curve_from(x: int) -> int:
    while pow(x**3 - 3 * x + B, (P - 1) // 2, P) != 1:
        x += 1
    return x


def special() -> dict[str, tuple[Case, bool]]:
    """Name → (case, whether it is good)."""
    plain = signed(123456789, 987654321, 555)
    over_n = recovered(on_curve_from(N + 1), 42, 77)  # x of the point is above the order: r is x - n
    assert over_n.r < 1 << 130
    tiny_s = recovered(on_curve_from(2), 42, 1)
    to_infinity = Case(plain.key, (N - 9) * 123456789 % N, 9, 1)
    return {
        "plain": (plain, True),
        "the other s": (Case(plain.key, plain.digest, plain.r, N - plain.s), True),
        "digest 0": (signed(5, 0, 7), True),
        "digest n": (signed(5, N, 7), True),
        "digest all ones": (signed(5, 2**256 - 1, 7), True),
        "key is the base point": (signed(1, 1000, 3), True),
        "key is its opposite": (signed(N - 1, 1000, 3), True),
        "key is twice it": (signed(2, 1000, 3), True),
        "nonce 1": (signed(99, 1000, 1), True),
        "nonce n - 1": (signed(99, 1000, N - 1), True),
        "nonce is the key": (signed(99, 1000, 99), True),
        "nonce is half, so that equal points are added": (signed(99, 99, 2), True),
        "r beyond the order": (over_n, True),
        "that r itself in place of what is left": (Case(over_n.key, 42, over_n.r + N, 77), False),
        "s 1": (tiny_s, True),
        "s n + 1": (Case(tiny_s.key, 42, tiny_s.r, N + 1), False),
        "a sum at infinity": (to_infinity, False),
        "r and s exchanged": (Case(plain.key, plain.digest, plain.s, plain.r), False),
        "x and y exchanged": (Case((plain.key[1], plain.key[0]), plain.digest, plain.r, plain.s), False),
        "the opposite key": (Case((plain.key[0], P - plain.key[1]), plain.digest, plain.r, plain.s), False),
        "a point off the curve": (Case((plain.key[0], plain.key[1] ^ 1), plain.digest, plain.r, plain.s), False),
        "no point": (Case((0, 0), plain.digest, plain.r, plain.s), False),
        "y beyond the prime": (Case((plain.key[0], 2**256 - 1), plain.digest, plain.r, plain.s), False),
        "r 0": (Case(plain.key, plain.digest, 0, plain.s), False),
        "s 0": (Case(plain.key, plain.digest, plain.r, 0), False),
        "r n": (Case(plain.key, plain.digest, N, plain.s), False),
        "s n": (Case(plain.key, plain.digest, plain.r, N), False),
        "all ones": (Case(plain.key, 2**256 - 1, 2**256 - 1, 2**256 - 1), False),
    }


def test_signatures_that_catch_careless_arithmetic(tmp_path: Path) -> None:
    cases = special()
    for name, (case, good) in cases.items():
        assert case.good() is good, f"the oracle on {name}"
    said = ask_both("signature", [case.question() for case, _ in cases.values()], tmp_path)
    for (name, (_, good)), answer in zip(cases.items(), said, strict=True):
        assert answer == str(good), name


def test_random_signatures_and_what_is_left_of_them_with_one_bit_changed(tmp_path: Path) -> None:
    below_n = st.integers(1, N - 1)
    bits = st.one_of(st.none(), st.integers(0, 5 * 256 - 1))
    cases = []
    for private, digest, nonce, bit in samples(st.tuples(below_n, st.integers(0, 2**256 - 1), below_n, bits), 60):
        case = signed(private, digest, nonce)
        parts = [*case.key, case.digest, case.r, case.s]
        if bit is not None:
            parts[bit // 256] ^= 1 << bit % 256
        cases.append(Case((parts[0], parts[1]), *parts[2:]))
    said = ask_both("signature", [case.question() for case in cases], tmp_path)
    assert said == [str(case.good()) for case in cases]
    assert {"True", "False"} == set(said)
