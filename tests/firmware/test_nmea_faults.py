"""A receiver's line as it is: cut, merged, shaken, with other bytes between. Nothing raises, everything is counted."""

from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.nmea import NmeaParser
from tests.firmware.sentences import count, drive, epoch, parse

DRIVE = drive(4)
FIXES, _ = parse(DRIVE)

lengths = st.lists(st.integers(1, 600), min_size=1, max_size=30)
# What noise is made of: bytes that mean something to the parser more often than not.
noise = st.lists(
    st.sampled_from([b"$", b"*", b"\r", b"\n", b",", b"$GPRMC,", b"$$", b"*4A", b"\xb5\x62"]) | st.binary()
)


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
                data[at:at] = b"".join(draw(noise))
        if not data:
            break
    return bytes(data)


def _counts(parser: NmeaParser) -> tuple[int, int, int]:
    right = parser.sentences - parser.bad_checksum - parser.unparsable
    return right, parser.bad_checksum, parser.unparsable


@given(shaken() | noise.map(b"".join))
def test_every_sentence_is_counted_once_as_what_it_is(data: bytes) -> None:
    found, parser = parse(data)
    right, wrong, unreadable = count(data)
    assert parser.sentences == right + wrong + unreadable
    assert parser.bad_checksum == wrong
    # Those with a right checksum and nonsense in their fields are unparsable as well.
    assert unreadable <= parser.unparsable <= unreadable + right
    assert parser.fixes == len(found)


@given(shaken() | noise.map(b"".join), lengths)
def test_chunks_make_no_difference(data: bytes, chunks: list[int]) -> None:
    whole, at_once = parse(data, len(data) or 1)
    found, parser = parse(data, (length for _ in repeat(None) for length in chunks))
    assert found == whole
    assert _counts(parser) == _counts(at_once)


@given(st.lists(noise.map(b"".join).filter(lambda junk: b"*" not in junk), min_size=44, max_size=44))
def test_noise_between_sentences_costs_no_fix(junk: list[bytes]) -> None:
    parts = [part for number in range(4) for part in epoch(number)]
    data = b"".join(noise + part for noise, part in zip(junk, parts, strict=True))
    assert parse(data)[0] == FIXES


@given(st.integers(0, len(DRIVE) - 1), st.integers(1, 40))
def test_a_loss_costs_only_what_it_hits(at: int, length: int) -> None:
    found, _ = parse(DRIVE[:at] + DRIVE[at + length :])
    seconds = {fix.fix_time_s for fix in found}
    hit = {at * 4 // len(DRIVE), min(at + length, len(DRIVE) - 1) * 4 // len(DRIVE)}
    # An epoch is as long as the next, within a few bytes: hence one to either side.
    near = {number for each in hit for number in (each - 1, each, each + 1)}
    for number, fix in enumerate(FIXES):
        assert number in near or fix.fix_time_s in seconds


@given(shaken())
def test_no_fix_is_made_up(data: bytes) -> None:
    """A checksum of 8 bits lets one in 256 damaged sentences pass; a wrong place that it lets pass is still on Earth."""
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
