"""ECDSA over P-256, by the published example of RFC 6979 A.2.5 and by what must never pass."""

import hashlib
from binascii import unhexlify

from sigap_tracker.update.signature import is_on_curve, verification

KEY = unhexlify(
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
)
SIGNATURES = {
    b"sample": unhexlify(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    ),
    b"test": unhexlify(
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
    ),
}
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def verdict(key, digest, signature):
    said = list(verification(key, digest, signature))
    assert all(step is None for step in said[:-1])
    return said[-1]


def digest_of(message):
    return hashlib.sha256(message).digest()


def number(value):
    return value.to_bytes(32, "big")


def test_the_published_signatures_are_good():
    for message, signature in SIGNATURES.items():
        assert verdict(KEY, digest_of(message), signature) is True


def test_a_signature_is_good_for_its_message_alone():
    assert verdict(KEY, digest_of(b"sample"), SIGNATURES[b"test"]) is False
    assert verdict(KEY, digest_of(b"Sample"), SIGNATURES[b"sample"]) is False


def test_every_byte_matters():
    digest, signature = digest_of(b"test"), SIGNATURES[b"test"]
    for at in range(0, 64, 5):
        wrong = bytearray(signature)
        wrong[at] ^= 1
        assert verdict(KEY, digest, bytes(wrong)) is False, at
    for at in range(0, 64, 5):
        wrong = bytearray(KEY)
        wrong[at] ^= 0x80
        assert verdict(bytes(wrong), digest, signature) is False, at


def test_numbers_out_of_their_range_are_no_signature():
    digest = digest_of(b"test")
    r, s = SIGNATURES[b"test"][:32], SIGNATURES[b"test"][32:]
    for wrong in (0, N, N + 1, 2**256 - 1):
        assert verdict(KEY, digest, number(wrong) + s) is False
        assert verdict(KEY, digest, r + number(wrong)) is False
    # 0 and 0 must not pass for any message whatever the key.
    assert verdict(KEY, digest, bytes(64)) is False


def test_a_point_off_the_curve_is_no_key():
    digest, signature = digest_of(b"test"), SIGNATURES[b"test"]
    x, y = int.from_bytes(KEY[:32], "big"), int.from_bytes(KEY[32:], "big")
    for wrong_x, wrong_y in ((0, 0), (x, 0), (y, x), (x, y ^ 1), (P, y), (x, P), (2**256 - 1, 2**256 - 1)):
        assert not is_on_curve(wrong_x, wrong_y)
        assert verdict(number(wrong_x) + number(wrong_y), digest, signature) is False
    assert verdict(KEY[:32] + number(P - y), digest, signature) is False  # on the curve, and another key


def test_lengths():
    digest, signature = digest_of(b"test"), SIGNATURES[b"test"]
    for key, hashed, signed in (
        (KEY[:-1], digest, signature),
        (KEY, digest[:-1], signature),
        (KEY, digest, signature[:-1]),
        (KEY, digest, signature + b"\0"),
        (b"\x04" + KEY, digest, signature),
        (b"", b"", b""),
    ):
        assert verdict(key, hashed, signed) is False


def test_it_can_be_left_often():
    steps = len(list(verification(KEY, digest_of(b"test"), SIGNATURES[b"test"])))
    assert steps >= 256
