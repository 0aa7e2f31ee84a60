"""A receiver's line as it is: cut, merged, shaken, with other bytes between. Nothing raises, everything is counted."""

from bisect import bisect
from itertools import accumulate, cycle

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigap_tracker.position.nmea import NmeaParser
from tests.firmware.nmea_streams import count, drive, epoch, parse

PARTS = [part for number in range(4) for part in epoch(number)]
DRIVE = drive(4)
FIXES, _ = parse(DRIVE)
ENDS = list(accumulate(sum(map(len, epoch(number))) for number in range(4)))

lengths = st.lists(st.integers(1, 600), min_size=1, max_size=30)
# What noise is made of: bytes that mean something to the parser more often than not.
pieces = (b"$", b"*", b"\r", b"\n", b",", b"$GPRMC,", b"$$", b"*4A", b"$GPGLL,x*", b"\xb5\x62\x01", b"0" * 300)
noise = st.lists(st.sampled_from(pieces), max_size=5).map(b"".join) | st.binary(max_size=20)


@st.composite
def shaken(draw: st.DrawFn) -> bytes:
    """The drive with bytes changed, lost, doubled and put in."""
    data = bytearray(DRIVE)
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(data) - 1))
        length = draw(st.integers(1, 90))
        match draw(st.sampled_from(("flip", "lose", "double", "put in"))):
            case "flip":
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "lose":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case _:
                data[at:at] = draw(noise)
        if not data:
            break
    return bytes(data)


def _counts(parser: NmeaParser) -> tuple[int, int, int]:
    right = parser.sentences - parser.bad_checksum - parser.unparsable
    return right, parser.bad_checksum, parser.unparsable


@settings(max_examples=400)
@given(shaken() | noise)
@example(b"$*$")
def test_every_sentence_is_counted_once_as_what_it_is(data: bytes) -> None:
    found, parser = parse(data)
    right, wrong, unreadable = count(data)
    assert parser.sentences == right + wrong + unreadable
    assert parser.bad_checksum == wrong
    # Those with a right checksum and nonsense in their fields are unparsable as well.
    assert unreadable <= parser.unparsable <= unreadable + right
    assert parser.fixes == len(found)


@settings(max_examples=400)
@given(shaken() | noise, lengths)
def test_chunks_make_no_difference(data: bytes, chunks: list[int]) -> None:
    whole, at_once = parse(data, len(data) or 1)
    found, parser = parse(data, cycle(chunks))
    assert found == whole
    assert _counts(parser) == _counts(at_once)


@given(st.lists(st.tuples(st.integers(0, len(PARTS) - 1), noise.filter(lambda junk: b"*" not in junk)), max_size=9))
def test_noise_between_sentences_costs_no_fix(put_in: list[tuple[int, bytes]]) -> None:
    parts = list(PARTS)
    for at, junk in put_in:
        parts[at] = junk + parts[at]
    assert parse(b"".join(parts))[0] == FIXES


@given(st.integers(0, len(DRIVE) - 1), st.integers(1, 40))
def test_a_loss_costs_only_the_second_that_it_hits(at: int, length: int) -> None:
    seconds = {fix.fix_time_s - FIXES[0].fix_time_s for fix in parse(DRIVE[:at] + DRIVE[at + length :])[0]}
    hit = {bisect(ENDS, at), bisect(ENDS, min(at + length, len(DRIVE)) - 1)}
    assert seconds >= set(range(len(ENDS))) - hit


@given(shaken())
def test_no_fix_is_made_up(data: bytes) -> None:
    """A checksum of 8 bits lets one damaged sentence in 256 pass; what it lets pass is still on Earth."""
    for fix in parse(data)[0]:
        assert -900000000 <= fix.lat_e7 <= 900000000
        assert -1800000000 <= fix.lon_e7 <= 1800000000
        assert 0 <= fix.course_cdeg <= 36000
        assert 0 <= fix.quality <= 8
        assert 0 <= fix.satellites <= 99
        assert 0 <= fix.hdop_centi <= 9999
        assert fix.speed_cmps >= 0
        assert fix.fix_time_s >= 0


def test_the_drive_itself() -> None:
    assert [fix.fix_time_s for fix in FIXES] == [1773909000, 1773909001, 1773909002, 1773909003]
    assert count(DRIVE) == (44, 0, 0)
