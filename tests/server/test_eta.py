"""The straight-line ETA against figures from elsewhere."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_roads.geometry import EARTH_RADIUS_M
from sigap_server.eta import StraightLine, distance_m
from sigap_server.fleet import UnitPosition

LATS = st.integers(-900_000_000, 900_000_000)
LONS = st.integers(-1_800_000_000, 1_800_000_000)


def at(lat_e7: int, lon_e7: int) -> UnitPosition:
    return UnitPosition(1, 0, 0, lat_e7, lon_e7, 0, None, 1, 9, None, 0)


def test_a_degree_of_a_meridian() -> None:
    expected_m = math.pi * EARTH_RADIUS_M / 180
    assert distance_m(-69_000_000, 1_076_000_000, -59_000_000, 1_076_000_000) == pytest.approx(expected_m, rel=1e-9)


def test_a_degree_of_a_parallel_shrinks_with_the_latitude() -> None:
    """On the 60th parallel a great circle is a little shorter than half a degree of the equator."""
    found_m = distance_m(600_000_000, 0, 600_000_000, 10_000_000)
    assert 0.9999 * math.pi * EARTH_RADIUS_M / 360 < found_m < math.pi * EARTH_RADIUS_M / 360


def test_eleven_millimetres_are_not_lost_in_rounding() -> None:
    assert distance_m(-69_000_000, 1_076_000_000, -69_000_001, 1_076_000_000) == pytest.approx(0.01112, rel=1e-3)


def test_across_the_date_line_is_near() -> None:
    assert distance_m(0, 1_799_999_999, 0, -1_799_999_999) < 1


@given(LATS, LONS, LATS, LONS)
def test_distance_is_symmetric_and_at_most_half_way_round(lat: int, lon: int, lat_2: int, lon_2: int) -> None:
    there = distance_m(lat, lon, lat_2, lon_2)
    assert 0 <= there <= math.pi * EARTH_RADIUS_M * (1 + 1e-12)
    assert there == pytest.approx(distance_m(lat_2, lon_2, lat, lon), abs=1e-6)


@given(LATS, LONS, LATS, LONS)
def test_distance_agrees_with_the_chord_through_the_earth(lat: int, lon: int, lat_2: int, lon_2: int) -> None:
    def on_sphere(lat_e7: int, lon_e7: int) -> tuple[float, float, float]:
        phi, lam = math.radians(lat_e7 / 1e7), math.radians(lon_e7 / 1e7)
        return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)

    chord = math.dist(on_sphere(lat, lon), on_sphere(lat_2, lon_2))
    expected_m = 2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / 2))
    assert distance_m(lat, lon, lat_2, lon_2) == pytest.approx(expected_m, rel=1e-6, abs=0.2)


def test_etas_come_in_the_order_of_the_positions_and_say_how_they_were_found() -> None:
    method = StraightLine(10)
    far, near = method.eta(0, 0, [at(10_000_000, 0), at(1_000_000, 0)])
    assert far.distance_m == pytest.approx(111_195, rel=1e-4)
    assert far.eta_s == pytest.approx(11_119.5, rel=1e-4)
    assert near.eta_s == pytest.approx(1_111.95, rel=1e-4)
    assert near.method == method.method == "straight_line"
    assert method.eta(0, 0, []) == []


@pytest.mark.parametrize("speed_mps", [0, -1, math.nan, math.inf])
def test_a_speed_that_makes_no_sense_is_refused(speed_mps: float) -> None:
    with pytest.raises(ValueError, match="assumed_speed_mps"):
        StraightLine(speed_mps)
