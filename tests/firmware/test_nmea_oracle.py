"""The parser against `pynmea2`, which reads each sentence by itself and in floats."""

from datetime import UTC, date, datetime, time

import pynmea2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, Fix
from tests.firmware.nmea_streams import parse, sentence

DIGITS = "0123456789"


def fraction(most: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, max_size=most).map(lambda digits: "." + digits if digits else "")


def number(low: int, high: int, width: int, most: int) -> st.SearchStrategy[str]:
    """A decimal as receivers write them: leading zeros or none, any number of digits after the point."""
    return st.builds(
        lambda value, pad, rest: f"{value:0{width if pad else 1}d}{rest}",
        st.integers(low, high),
        st.booleans(),
        fraction(most),
    )


def angle(limit: int, width: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda degrees, minutes, rest: f"{degrees:0{width}d}{minutes:02d}.{rest}",
        st.integers(0, limit - 1),
        st.integers(0, 59),
        st.text(DIGITS, min_size=2, max_size=8),
    )


talkers = st.sampled_from(["GP", "GN", "GL", "GA", "GB", "BD", "QZ", "GI"])
places = st.tuples(angle(90, 2), st.sampled_from("NS"), angle(180, 3), st.sampled_from("EW")).map(",".join)
moments = st.datetimes(datetime(1980, 1, 6), datetime(2068, 12, 31))
speeds = st.just("") | number(0, 1200, 3, 4)
courses = st.just("") | number(0, 359, 3, 4)
modes = st.sampled_from(["", ",A", ",D", ",E", ",R", ",F", ",A,V"])


@st.composite
def epochs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """An RMC and a GGA of one moment, all fields within the standard."""
    moment, place = draw(moments), draw(places)
    clock = moment.strftime("%H%M%S") + draw(fraction(6))
    rmc = f"{draw(talkers)}RMC,{clock},A,{place},{draw(speeds)},{draw(courses)},{moment:%d%m%y},,{draw(modes)}"
    quality, satellites = draw(st.integers(1, 8)), draw(number(0, 60, 2, 0) | st.just(""))
    hdop = draw(number(0, 120, 2, 3) | st.just(""))
    gga = f"{draw(talkers)}GGA,{clock},{place},{quality},{satellites},{hdop},700.4,M,3.1,M,,"
    return sentence(rmc), sentence(gga)


def told(rmc: bytes, gga: bytes) -> Fix:
    """What pynmea2 reads in the two, in the wire's units."""
    motion = pynmea2.parse(rmc.decode(), check=True)
    solution = pynmea2.parse(gga.decode(), check=True)
    moment = datetime.combine(motion.datestamp, motion.timestamp.replace(microsecond=0))
    course = COURSE_UNKNOWN if motion.true_course is None else round(motion.true_course * 100) % 36000
    hdop = HDOP_UNKNOWN if solution.horizontal_dil == "" else round(float(solution.horizontal_dil) * 100)
    return Fix(
        fix_time_s=int(moment.timestamp()),
        lat_e7=round(motion.latitude * 1e7),
        lon_e7=round(motion.longitude * 1e7),
        speed_cmps=round((motion.spd_over_grnd or 0) * 185200 / 3600),
        course_cdeg=course,
        quality=solution.gps_qual,
        satellites=int(solution.num_sats or 0),
        hdop_centi=min(hdop, HDOP_UNKNOWN),
    )


# Where a float and an integer may round to neighbours.
LEEWAY = {"lat_e7": 1, "lon_e7": 1, "speed_cmps": 1, "course_cdeg": 1, "hdop_centi": 1}


def same(found: Fix, expected: Fix) -> bool:
    for name, value in vars(expected).items():
        apart = abs(getattr(found, name) - value)
        if name == "course_cdeg":
            apart = min(apart, 36000 - apart) if COURSE_UNKNOWN not in (value, found.course_cdeg) else apart
        if apart > LEEWAY.get(name, 0):
            return False
    return True


@settings(max_examples=500)
@given(epochs(), st.booleans(), st.integers(1, 200))
def test_whole_moments_are_read_as_pynmea2_reads_them(parts: tuple[bytes, bytes], swap: bool, chunk: int) -> None:
    found, parser = parse(b"".join(reversed(parts) if swap else parts), chunk)
    assert (parser.sentences, parser.bad_checksum, parser.unparsable) == (2, 0, 0)
    assert len(found) == 1
    assert same(found[0], told(*parts)), (found[0], told(*parts))


scrap = st.text("0123456789.-+eANSEWV ", max_size=10)
usual = (
    moments.map(lambda moment: moment.strftime("%H%M%S")),
    st.just("A"),
    angle(90, 2),
    st.sampled_from("NS"),
    angle(180, 3),
    st.sampled_from("EW"),
    speeds,
    courses,
    moments.map(lambda moment: moment.strftime("%d%m%y")),
)
unusual = (
    number(0, 249999, 6, 3),
    st.just("V"),
    angle(100, 2) | number(0, 9999, 4, 4),
    st.sampled_from("EW"),
    angle(190, 3) | number(0, 19999, 5, 4),
    st.sampled_from("NS"),
    number(0, 99999999, 3, 4),
    number(0, 720, 3, 4),
    number(0, 329999, 6, 0),
)


@st.composite
def fields(draw: st.DrawFn) -> tuple[str, ...]:
    """An RMC's fields, up to two of them other than a receiver would write them."""
    values = [draw(each) for each in usual]
    for at in draw(st.lists(st.integers(0, len(values) - 1), max_size=2)):
        values[at] = draw(scrap | unusual[at])
    return tuple(values)


def difference(values: tuple[str, ...]) -> str | None:
    """Why the two may read this RMC's fields in different ways, or None if they may not."""
    clock, status, lat, north, lon, east, *numbers, day = values
    if status != "A":
        return "ours reads nothing but the time of a void sentence"
    if any(set(text) - set(DIGITS + ".") for text in (clock, lat, lon, day, *numbers)):
        return "ours takes digits and a point; Python's float also takes signs, exponents and blanks"
    if north not in ("N", "S") or east not in ("E", "W"):
        return "ours wants a hemisphere; pynmea2 then says 0"
    if any("." not in text for text in (lat, lon)):
        return "ours takes whole minutes, pynmea2 does not; and to pynmea2 an empty angle is 0"
    for text, limit in ((lat, 90), (lon, 180)):
        whole, _, rest = text.partition(".")
        if len(whole) < 3 or not rest.isdigit():
            return "ours wants degrees and two digits of minutes"
        minutes = float(f"{whole[-2:]}.{rest}")
        if minutes >= 60 or int(whole[:-2]) + minutes / 60 > limit:
            return "ours wants minutes below 60 and a place on Earth"
    if len(clock.partition(".")[0]) != 6 or clock.endswith(".") or clock[4:6] == "60":
        return "pynmea2 cuts the time by its columns; ours reads a number, and takes a leap second"
    if any(len(text.partition(".")[0].lstrip("0")) > 6 or text == "." for text in numbers):
        return "ours takes six digits before the point, pynmea2 any number; a point alone is 0 to ours"
    if len(day) != 6:
        return "strptime also takes days and months of one digit"
    if 69 <= int(day[4:]) <= 79:
        return "GPS began in 1980: to ours 79 is 2079, to strptime 1979"
    if numbers[1].count(".") < 2 and float(numbers[1] or 0) >= 360:
        return "a course of 360 is 0 to ours, one beyond is unknown"
    return None


@settings(max_examples=1500)
@given(fields())
@example(("083000", "A", "0655.05", "S", "10737.146", "E", "1.5", "87.3", "190326"))
@example(("083000", "A", "0655.05", "S", "10737.146", "E", "1.5", "87.3", "310226"))
def test_every_difference_is_one_that_is_meant(values: tuple[str, ...]) -> None:
    text = sentence("GNRMC," + ",".join(values) + ",,,A")
    found, parser = parse(text)
    assert parser.sentences == 1
    if difference(values) is not None:
        return
    try:
        motion = pynmea2.parse(text.decode(), check=True)
        # What it cannot read, pynmea2 hands out as text.
        read = (motion.datestamp, motion.timestamp, motion.spd_over_grnd or 0.0, motion.true_course or 0.0)
        readable = [type(value) for value in read] == [date, time, float, float]
    except ValueError:
        readable = False
    assert readable == (parser.unparsable == 0) == bool(found)
    if readable:
        gga = sentence(f"GNGGA,{values[0]},{','.join(values[2:6])},1,,")
        assert same(found[0], told(text, gga)), (found[0], told(text, gga))


@pytest.mark.parametrize("body", ["GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,,,,,,", "GPZDA,123519,1,1,2026,,"])
def test_a_wrong_checksum_is_wrong_to_both(body: str) -> None:
    right = sentence(body)
    for wrong in range(256):
        text = right[:-4] + b"%02X\r\n" % wrong
        _, parser = parse(text)
        try:
            pynmea2.parse(text.decode(), check=True)
        except pynmea2.ChecksumError:
            assert parser.bad_checksum == 1
        else:
            assert parser.bad_checksum == 0


def test_the_start_of_gps_and_the_last_day_of_two_digits() -> None:
    for moment in (datetime(1980, 1, 6, tzinfo=UTC), datetime(2079, 12, 31, 23, 59, 59, tzinfo=UTC)):
        text = sentence(f"GNRMC,{moment:%H%M%S},A,0655.05,S,10737.146,E,,,{moment:%d%m%y},,,A")
        assert parse(text)[0][0].fix_time_s == int(moment.timestamp())


USUAL = ("083000", "A", "0655.05", "S", "10737.146", "E", "1.5", "87.3", "190326")


@pytest.mark.parametrize(
    ("at", "text", "ours", "theirs"),
    [
        (1, "V", "no fix", "a place"),
        (6, "-1.5", "nothing", "a place"),
        (6, "1e2", "nothing", "a place"),
        (3, "", "nothing", "a place"),
        (2, "0655", "a place", "nothing"),
        (2, "", "nothing", "a place"),
        (2, "0660.00", "nothing", "a place"),
        (2, "9000.01", "nothing", "a place"),
        (0, "235960", "a place", "nothing"),
        (0, "83000", "a place", "nothing"),
        (6, "1234567.0", "nothing", "a place"),
        (8, "11326", "nothing", "a place"),
        (8, "010179", "a place", "a place"),
        (7, "400", "a place", "a place"),
    ],
)
def test_what_the_differences_come_to(at: int, text: str, ours: str, theirs: str) -> None:
    values = (*USUAL[:at], text, *USUAL[at + 1 :])
    assert difference(USUAL) is None
    assert difference(values) is not None
    data = sentence("GNRMC," + ",".join(values) + ",,,A")
    found, _ = parse(data)
    assert ours == ("nothing" if not found else "a place" if found[0].quality else "no fix")
    try:
        motion = pynmea2.parse(data.decode())
        readable = isinstance(motion.latitude, float) and isinstance(motion.timestamp, time)
        readable = readable and isinstance(motion.datestamp, date)
    except ValueError:
        readable = False
    assert theirs == ("a place" if readable else "nothing")
