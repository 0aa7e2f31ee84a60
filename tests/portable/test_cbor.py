"""CBOR: the shortest form and nothing else, on both interpreters."""

from sigap_wire import cbor
from sigap_wire.errors import WireError
from tests.portable.checks import error_of

# RFC 8949, appendix A, as far as the wire has it.
EXAMPLES = (
    (0, "00"),
    (10, "0a"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-10, "29"),
    (-100, "3863"),
    (-1000, "3903e7"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("IETF", "6449455446"),
    ('"\\', "62225c"),
    ("\u00fc", "62c3bc"),
    ("\u6c34", "63e6b0b4"),
    ("\U00010151", "64f0908591"),
    ([], "80"),
    ([1, 2, 3], "83010203"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    ({}, "a0"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
)


def loads(text):
    return cbor.loads(bytes.fromhex(text))


def test_examples_of_the_standard():
    for item, text in EXAMPLES:
        assert cbor.dumps(item).hex() == text
        assert loads(text) == item


def test_map_keys_are_ordered_by_length_then_bytes():
    assert cbor.dumps({"b": 1, "aa": 2, "a": 3}).hex() == "a3616103616201626161" + "02"
    assert "out of order" in error_of(WireError, loads, "a2616201616101")
    assert "repeated" in error_of(WireError, loads, "a2616101616102")
    assert "map key must be text" in error_of(WireError, loads, "a10101")


def test_longer_forms_than_need_be_are_refused():
    for text in ("1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5801ff", "780161", "980101"):
        assert "shortest" in error_of(WireError, loads, text), text


def test_what_the_wire_has_not_is_refused():
    for text in ("f4", "f5", "f6", "f7", "f97e00", "fb3ff0000000000000", "c074", "f818"):
        assert "not part of the wire" in error_of(WireError, loads, text), text
    for text in ("1c", "5f4101ff", "7f6161ff", "9f01ff", "bf616101ff", "ff"):
        assert "indefinite or reserved" in error_of(WireError, loads, text), text


def test_cut_short_and_too_long():
    for text in ("", "18", "1903", "6261", "8201", "a16161", "44010203"):
        assert "cut short" in error_of(WireError, loads, text), text
    assert error_of(WireError, loads, "0000") == "1 bytes after the message"


def test_announced_lengths_take_no_memory():
    for text in ("9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff", "7bffffffffffffffff"):
        assert "cut short" in error_of(WireError, loads, text), text


def test_text_is_utf8():
    bad = (b"\x80", b"\xc3", b"\xc3A", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff")
    for raw in bad:
        assert error_of(WireError, cbor.loads, bytes([0x60 + len(raw)]) + raw) == "text is not UTF-8", raw
    for text in ("a", "\u00e9", "\u20ac", "\U0001f600", "a\u00e9\u20ac\U0001f600"):
        assert cbor.loads(cbor.dumps(text)) == text
        assert cbor.utf8_length(text) == len(text.encode())


def test_depth_is_bounded_both_ways():
    assert loads("8181818101") == [[[[1]]]]
    assert "deeper than 4" in error_of(WireError, loads, "818181818101")
    assert "deeper than 4" in error_of(WireError, cbor.dumps, [[[[[1]]]]])
    assert "deeper than 4" in error_of(WireError, cbor.dumps, [[[{"a": {}}]]])
    assert "deeper than 4" in error_of(WireError, cbor.loads, b"\x81" * 5000)


def test_what_cannot_be_encoded():
    assert "float" in error_of(WireError, cbor.dumps, 1.5)
    assert "bool" in error_of(WireError, cbor.dumps, [True])
    assert "NoneType" in error_of(WireError, cbor.dumps, None)
    assert "map key must be text, not int" in error_of(WireError, cbor.dumps, {1: 2})
    assert "64 bits" in error_of(WireError, cbor.dumps, 1 << 64)
    assert "64 bits" in error_of(WireError, cbor.dumps, -(1 << 64) - 1)
