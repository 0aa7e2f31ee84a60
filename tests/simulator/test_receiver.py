"""What the simulated receiver writes is well-formed NMEA, and errs as much as its model says, not less."""

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pynmea2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_simulator import nmea_sentence, sky
from sigap_simulator.geometry import Plane, Truth, course_deg
from sigap_simulator.receiver import COLD_START, HOT_START, Receiver
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser

START_S = 1_790_000_000
BANDUNG = Truth(-6.9147, 107.6098)
PLANE = Plane(BANDUNG.lat_deg, BANDUNG.lon_deg)


@dataclass
class Second:
    """One second of sentences, parsed."""

    rmc: pynmea2.RMC
    gga: pynmea2.GGA
    gsa: list[pynmea2.GSA]
    gsv: list[pynmea2.GSV]
    vtg: pynmea2.VTG

    def error_m(self) -> tuple[float, float]:
        return PLANE.to_metres(self.rmc.latitude, self.rmc.longitude)


def parse(content: bytes) -> Second:
    """Raises pynmea2.ChecksumError or ParseError for anything wrong."""
    assert content.endswith(b"\r\n")
    found: dict[str, list[pynmea2.NMEASentence]] = {}
    for line in content.decode("ascii").splitlines():
        sentence = pynmea2.parse(line, check=True)
        found.setdefault(sentence.sentence_type, []).append(sentence)
    assert set(found) == {"RMC", "VTG", "GGA", "GSA", "GSV", "GLL"}
    assert (found["GLL"][0].status, found["GLL"][0].lat) == (found["RMC"][0].status, found["RMC"][0].lat)
    return Second(found["RMC"][0], found["GGA"][0], found["GSA"], found["GSV"], found["VTG"][0])


def drive(receiver: Receiver, truth: Truth, seconds: int) -> Iterator[Second]:
    for second in range(seconds):
        yield parse(receiver.sentences(START_S + second, truth))


def fixes(seed: int, truth: Truth, seconds: int) -> list[Second]:
    return [second for second in drive(Receiver(seed, HOT_START), truth, seconds) if second.rmc.status == "A"]


def test_sentences_are_what_a_u_blox_receiver_sends() -> None:
    second = fixes(1, Truth(-6.9147, 107.6098, speed_mps=10.0, course_deg=45.0), 10)[-1]
    assert (second.rmc.talker, second.gga.talker) == ("GN", "GN")
    assert {sentence.talker for sentence in second.gsv} == {"GP", "GL"}
    assert len(second.gsa) == 2
    assert second.rmc.datetime.timestamp() == START_S + 9
    assert second.gga.timestamp == second.rmc.timestamp
    assert second.gga.gps_qual == 1
    for field in (second.rmc.lat, second.rmc.lon):
        assert len(field.split(".")[1]) == 5
    assert float(second.vtg.spd_over_grnd_kmph) == pytest.approx(float(second.rmc.spd_over_grnd) * 1.852, abs=0.01)


def test_satellites_in_view_are_listed_whole() -> None:
    second = fixes(2, BANDUNG, 10)[-1]
    for talker in ("GP", "GL"):
        group = [sentence for sentence in second.gsv if sentence.talker == talker]
        assert [int(sentence.msg_num) for sentence in group] == list(range(1, int(group[0].num_messages) + 1))
        listed = sum((len(sentence.data) - 3) // 4 for sentence in group)
        assert listed == int(group[0].num_sv_in_view)
    used = sum(1 for gsa in second.gsa for field in gsa.data[2:14] if field)
    assert int(second.gga.num_sats) == min(used, 12)


def test_a_cold_start_knows_the_time_before_the_place() -> None:
    seconds = list(drive(Receiver(3, COLD_START), BANDUNG, 60))
    states = ["fix" if s.rmc.status == "A" else "time" if s.rmc.timestamp else "nothing" for s in seconds]
    first_fix_s = states.index("fix")
    assert states.index("time") == COLD_START.time_known_s
    assert COLD_START.first_fix_s[0] <= first_fix_s <= COLD_START.first_fix_s[1] + 1
    assert states[first_fix_s:].count("fix") > 20
    for second in seconds[:first_fix_s]:
        assert not second.rmc.lat
        assert second.gga.gps_qual == 0


def test_the_position_errs_as_the_model_says() -> None:
    east, north, steps = [], [], []
    for seed in range(40):
        seconds = fixes(seed, BANDUNG, 300)
        errors = [second.error_m() for second in seconds]
        hdops = [float(second.gga.horizontal_dil) for second in seconds]
        east += [error[0] / hdop for error, hdop in zip(errors, hdops, strict=True)]
        north += [error[1] / hdop for error, hdop in zip(errors, hdops, strict=True)]
        steps += [math.dist(a, b) for a, b in pairwise(errors)]
    model = HOT_START
    for axis in (east, north):
        # 40 runs of a few correlation times each: the mean and the spread are known to about a tenth.
        assert abs(statistics.fmean(axis)) < 0.35 * model.range_error_m
        assert statistics.pstdev(axis) == pytest.approx(model.range_error_m, rel=0.25)
    # It wanders: a second later it errs almost alike, although the errors are metres wide.
    assert statistics.fmean(steps) < 0.6


def test_speed_and_course_err_a_little() -> None:
    moving = fixes(5, Truth(-6.9147, 107.6098, speed_mps=12.0, course_deg=350.0), 300)
    speeds = [float(second.rmc.spd_over_grnd) * nmea_sentence.MPS_PER_KNOT for second in moving]
    assert statistics.fmean(speeds) == pytest.approx(12.0, abs=0.03)
    assert statistics.pstdev(speeds) == pytest.approx(HOT_START.speed_error_mps, rel=0.3)
    courses = [float(second.rmc.true_course) for second in moving]
    assert statistics.fmean(courses) == pytest.approx(350.0, abs=0.2)
    assert 0.1 < statistics.pstdev(courses) < 1.0


def test_at_rest_there_is_no_course() -> None:
    resting = fixes(6, BANDUNG, 100)
    assert all(second.rmc.true_course is None for second in resting)
    assert all(float(second.rmc.spd_over_grnd) < 1.0 for second in resting)


def test_satellites_and_dilution_vary() -> None:
    seconds = fixes(7, BANDUNG, 600)
    assert len({second.gga.horizontal_dil for second in seconds}) > 5
    assert all(0.4 < float(second.gga.horizontal_dil) < 6.0 for second in seconds)
    assert len({sum(1 for gsa in s.gsa for field in gsa.data[2:14] if field) for s in seconds}) > 3


@pytest.mark.parametrize("seed", range(5))
def test_the_firmware_understands_and_believes_it(seed: int) -> None:
    parser, gate, receiver = NmeaParser(), FixGate(), Receiver(seed, COLD_START)
    truth = Truth(-6.9147, 107.6098, speed_mps=8.0, course_deg=200.0)
    believed = []
    for second in range(120):
        content = bytearray(receiver.sentences(START_S + second, truth))
        believed += [fix for fix in parser.feed(content, len(content)) if gate.check(fix) is None]
    assert (parser.bad_checksum, parser.unparsable) == (0, 0)
    # Every second from the first fix on, but for those in which houses hide too much of the sky.
    assert len(believed) >= 80
    assert set(gate.rejected) <= {"no_fix"}
    for fix in believed:
        error_m = math.hypot(*PLANE.to_metres(fix.lat_e7 / 1e7, fix.lon_e7 / 1e7))
        # Five standard deviations of both axes together.
        assert error_m < 5.0 * math.sqrt(2.0) * COLD_START.range_error_m * fix.hdop_centi / 100.0 + 1.5
        assert fix.speed_cmps == pytest.approx(800, abs=60)
        assert fix.course_cdeg == pytest.approx(20000, abs=500)
    assert believed[-1].fix_time_s == START_S + 119


def test_the_same_seed_gives_the_same_bytes() -> None:
    def recording(seed: int) -> bytes:
        receiver = Receiver(seed)
        return b"".join(receiver.sentences(START_S + second, BANDUNG) for second in range(60))

    assert recording(8) == recording(8)
    assert recording(8) != recording(9)


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_any_position_survives_its_fields(lat: float, lon: float) -> None:
    sentence = pynmea2.parse(
        nmea_sentence.rmc("120000.00", "010126", nmea_sentence.position_fields(lat, lon), 0, 0).decode()
    )
    # Half of the last digit, 1e-5 minutes.
    assert sentence.latitude == pytest.approx(lat, abs=1e-7)
    assert sentence.longitude == pytest.approx(lon, abs=1e-7)
    assert float(sentence.lat[2:]) < 60.0


@given(time_s=st.floats(0, 4_000_000_000))
def test_any_time_survives_its_fields(time_s: float) -> None:
    clock, date = nmea_sentence.clock_fields(time_s)
    sentence = pynmea2.parse(nmea_sentence.rmc(clock, date, nmea_sentence.position_fields(0, 0), 0, None).decode())
    assert date == datetime.fromtimestamp(round(time_s, 2), UTC).strftime("%d%m%y")
    seconds = sentence.timestamp.hour * 3600 + sentence.timestamp.minute * 60 + sentence.timestamp.second
    assert abs((seconds + sentence.timestamp.microsecond / 1e6 - time_s + 43200) % 86400 - 43200) < 0.006


@given(course=st.floats(-720, 720))
def test_a_printed_course_is_below_360(course: float) -> None:
    sentence = pynmea2.parse(
        nmea_sentence.rmc("120000.00", "010126", nmea_sentence.position_fields(0, 0), 5, course).decode()
    )
    assert 0.0 <= float(sentence.true_course) < 360.0


@given(east=st.floats(-1e4, 1e4), north=st.floats(-1e4, 1e4))
def test_plane_and_degrees_are_inverse(east: float, north: float) -> None:
    assert PLANE.to_metres(*PLANE.to_degrees(east, north)) == pytest.approx((east, north), abs=1e-3)


@given(east=st.floats(-10, 10), north=st.floats(-10, 10))
def test_course_is_in_range(east: float, north: float) -> None:
    assert 0.0 <= course_deg(east, north) < 360.0


def test_the_sky_is_one_that_navigation_works_under() -> None:
    for hour in range(24):
        seen = sky.satellites(START_S + 3600 * hour, BANDUNG.lat_deg, BANDUNG.lon_deg)
        assert 15 <= len(seen) <= 30
        assert all(0 < s.elevation_deg <= 90 and 0 <= s.azimuth_deg < 360 for s in seen)
        geometry = sky.dilution([s for s in seen if s.elevation_deg > 10])
        assert geometry.horizontal < geometry.position < 3.0


def test_three_satellites_give_no_dilution() -> None:
    seen = sky.satellites(START_S, BANDUNG.lat_deg, BANDUNG.lon_deg)
    assert sky.dilution(seen[:3]) == sky.NO_DILUTION
    # Four in one spot have no geometry either.
    assert sky.dilution([seen[0]] * 4) == sky.NO_DILUTION
