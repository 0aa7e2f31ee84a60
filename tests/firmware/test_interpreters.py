"""The fix's way on MicroPython: the same fixes, reasons and distances as on CPython, to the last digit."""

from pathlib import Path

from hypothesis import strategies as st

from tests.firmware.nmea_streams import drive
from tests.firmware.test_geo_oracle import pairs
from tests.firmware.test_nmea_faults import noise, shaken
from tests.firmware.test_nmea_oracle import epochs
from tests.portable.interpreters import ask_both, samples


@st.composite
def questions(draw: st.DrawFn) -> list[object]:
    parts = [part for pair in draw(st.lists(epochs(), max_size=3)) for part in pair]
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), draw(noise))
    return [b"".join(parts).hex(), draw(st.integers(1, 300))]


def test_receivers(tmp_path: Path) -> None:
    ask_both("nmea", samples(questions(), 300), tmp_path)


def test_damaged_drives(tmp_path: Path) -> None:
    asked = st.tuples(shaken().map(bytes.hex), st.integers(1, 600)).map(list)
    ask_both("nmea", samples(asked, 150), tmp_path)


def test_a_drive(tmp_path: Path) -> None:
    (answer,) = ask_both("nmea", [[drive(120).hex(), 100]], tmp_path)
    assert answer.endswith(", 1320, 0, 0, 120]")


def test_geometry(tmp_path: Path) -> None:
    ends = [-900000000, -1, 0, 1, 900000000]
    corners = [[a, 2 * b, c, 2 * d] for a in ends for b in ends for c in ends for d in ends]
    ask_both("geometry", corners + samples(pairs(0, 20000000).map(list), 300), tmp_path)


def test_policies(tmp_path: Path) -> None:
    row = st.tuples(
        st.integers(0, 90),
        st.integers(-69200000, -69100000),
        st.integers(1076100000, 1076200000),
        st.integers(0, 2000),
        st.integers(0, 36000),
        st.integers(50, 9999),
        st.booleans(),
    )
    still = [[time_s, -69175000, 1076191000, 0, 0, 95, True] for time_s in range(5)]
    said = ask_both("policy", [still, *samples(st.lists(row.map(list), max_size=20), 300)], tmp_path)
    assert said[0] == "0 4 4 4 4"
