"""GLL, VTG, GSA and GSV against `pynmea2`: what the parser takes from them where RMC and GGA have gaps."""

from datetime import datetime, time

import pynmea2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.position import sky
from sigap_tracker.position.nmea import NmeaParser
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, Fix
from tests.firmware.nmea_streams import sentence
from tests.firmware.test_nmea_oracle import courses, fraction, number, places, speeds, talkers

ZDA = sentence("GNZDA,083000,19,03,2026,00,00")
DAY_S = 1773878400
PLACE = "0655.0500,S,10737.1460,E"


def heard(*parts: bytes) -> tuple[list[Fix], NmeaParser]:
    """The fixes of the last part, and the parser."""
    parser = NmeaParser()
    found: list[Fix] = []
    for part in parts:
        found = parser.feed(bytearray(part), len(part))
    return found, parser


def gga(at: int, hdop: str = "0.95") -> bytes:
    return sentence(f"GNGGA,08300{at},{PLACE},1,09,{hdop},710.2,M,3.1,M,,")


GLLS = [sentence(f"GNGLL,{PLACE},08300{at},A,A") for at in range(3)]
GGAS = [gga(at) for at in range(3)]


@given(talkers, places, st.times(time(8, 31)), fraction(6))
def test_gll(talker: str, place: str, clock: time, rest: str) -> None:
    text = sentence(f"{talker}GLL,{place},{clock:%H%M%S}{rest},A,A")
    (fix,), parser = heard(ZDA, *GLLS, text)
    told = pynmea2.parse(text.decode(), check=True)
    assert parser.unparsable == 0
    assert abs(fix.lat_e7 - told.latitude * 1e7) <= 1
    assert abs(fix.lon_e7 - told.longitude * 1e7) <= 1
    moment = datetime.combine(datetime(2026, 3, 19), told.timestamp.replace(microsecond=0))
    assert fix.fix_time_s == int(moment.timestamp())


@given(talkers, speeds, courses)
def test_vtg(talker: str, speed: str, course: str) -> None:
    text = sentence(f"{talker}VTG,{course},T,,M,{speed},N,22.2,K,A")
    (fix, *_), parser = heard(ZDA, *GGAS, text, gga(3))
    told = pynmea2.parse(text.decode(), check=True)
    assert parser.unparsable == 0
    assert abs(fix.speed_cmps - float(told.spd_over_grnd_kts or 0) * 185200 / 3600) <= 1
    if not course or not speed:
        # Without a speed there is no motion to tell of; pynmea2 hands out the course all the same.
        assert fix.course_cdeg == COURSE_UNKNOWN
    else:
        apart = abs(fix.course_cdeg - float(told.true_track) * 100) % 36000
        assert min(apart, 36000 - apart) <= 1


@given(talkers, st.integers(1, 3), number(0, 99, 2, 3) | st.just(""))
def test_gsa(talker: str, dimension: int, hdop: str) -> None:
    text = sentence(f"{talker}GSA,A,{dimension},10,32,23,27,,,,,,,,,1.61,{hdop},1.37")
    told = pynmea2.parse(text.decode(), check=True)
    (*_, fix), parser = heard(ZDA, *GGAS, text, gga(3, hdop=""))
    assert parser.unparsable == 0
    assert parser.sky[sky.DIMENSION] == int(told.mode_fix_type)
    assert abs(fix.hdop_centi - (min(float(told.hdop) * 100, HDOP_UNKNOWN) if told.hdop else HDOP_UNKNOWN)) <= 1


satellites = st.lists(st.tuples(st.integers(1, 99), st.none() | st.integers(0, 60)), max_size=24)


@given(st.dictionaries(st.sampled_from(["GP", "GL", "GA", "GB"]), satellites, max_size=4))
def test_gsv(systems: dict[str, list[tuple[int, int | None]]]) -> None:
    texts = [sentence(body) for talker, seen in systems.items() for body in _gsv(talker, seen)]
    _, parser = heard(*texts, sentence(f"GNRMC,083000,A,{PLACE},1,2,190326,,,A"), gga(0))
    told = [pynmea2.parse(text.decode(), check=True) for text in texts]
    in_view = {text.talker: int(text.num_sv_in_view) for text in told}
    fields = [getattr(text, f"snr_{place}", "") for text in told for place in range(1, 5)]
    signals = [int(text) for text in fields if text and int(text)]
    assert parser.unparsable == 0
    assert parser.sky[sky.IN_VIEW] == sum(in_view.values())
    assert parser.sky[sky.SIGNALS] == len(signals)
    assert parser.sky[sky.STRONGEST_DBHZ] == max(signals, default=0)
    assert parser.sky[sky.MEAN_DBHZ] == (sum(signals) // len(signals) if signals else 0)


def _gsv(talker: str, seen: list[tuple[int, int | None]]) -> list[str]:
    groups = [seen[at : at + 4] for at in range(0, len(seen), 4)] or [[]]
    return [
        f"{talker}GSV,{len(groups)},{index + 1},{len(seen):02d}"
        + "".join(f",{name:02d},40,083,{'' if signal is None else f'{signal:02d}'}" for name, signal in group)
        for index, group in enumerate(groups)
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("GPVTG,87.3,T,,M,-1.5,N,,K,A", "ours takes no negative speed"),
        ("GPVTG,87.3,T,,M,1e1,N,,K,A", "ours takes no exponent"),
        ("GPVTG,54.7,54.7,5.5,10.2", "the form of before 1992, without units, is another sentence"),
        ("GPGSV,1,1,999,01,02,003,40", "no sky has so many"),
        ("GPGSV,1,1,01,01,02,003,140", "no signal is so strong"),
        ("GPGSV,1,0,01,01,02,003,40", "sentences are counted from one"),
        ("GPGSA,A,9,10,32,23,27,,,,,,,,,1.61,0.9,1.37", "space has three dimensions"),
        ("GPGSA,A,3,10,32", "cut short"),
        ("GPGLL,0660.00,S,10737.146,E,083003,A,A", "ours wants minutes below 60"),
        ("GPGLL,0655.05,S,10737.146,E,083003", "ours wants the status: without it a position may be void"),
        ("GPGLL,0655.05,S,10737.146,E,,A,A", "a valid position has a time"),
    ],
)
def test_what_pynmea2_takes_and_ours_does_not(body: str, why: str) -> None:
    text = sentence(body)
    assert pynmea2.parse(text.decode(), check=True) is not None
    prelude = GLLS if "GLL" in body else GGAS
    found, parser = heard(ZDA, *prelude, text)
    assert parser.unparsable == 1, why
    assert not any(fix.quality for fix in found), why
