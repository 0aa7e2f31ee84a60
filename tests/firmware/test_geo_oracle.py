"""Integer geometry against Vincenty's formulae on the WGS 84 ellipsoid, in floats."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_tracker.position import geo

A_M, F = 6378137.0, 1 / 298.257223563
B_M = A_M * (1 - F)


def vincenty(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float]:
    """(metres, initial bearing in degrees) between places in degrees; T. Vincenty, Survey Review 176 (1975)."""
    turn = math.radians(lon2 - lon1)
    u1, u2 = (math.atan((1 - F) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    sin1, cos1, sin2, cos2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    lam = turn
    for _ in range(200):
        east, north = cos2 * math.sin(lam), cos1 * sin2 - sin1 * cos2 * math.cos(lam)
        sin_s = math.hypot(east, north)
        if sin_s == 0:
            return 0.0, 0.0
        cos_s = sin1 * sin2 + cos1 * cos2 * math.cos(lam)
        sigma = math.atan2(sin_s, cos_s)
        sin_a = cos1 * cos2 * math.sin(lam) / sin_s
        cos2_a = 1 - sin_a**2
        mid = cos_s - 2 * sin1 * sin2 / cos2_a if cos2_a else 0.0
        c = F / 16 * cos2_a * (4 + F * (4 - 3 * cos2_a))
        before, lam = lam, turn + (1 - c) * F * sin_a * (sigma + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1)))
        if abs(lam - before) < 1e-13:
            break
    u = cos2_a * (A_M**2 - B_M**2) / B_M**2
    a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    inner = cos_s * (2 * mid**2 - 1) - b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3)
    bearing = math.degrees(math.atan2(cos2 * math.sin(lam), cos1 * sin2 - sin1 * cos2 * math.cos(lam)))
    return B_M * a * (sigma - b * sin_s * (mid + b / 4 * inner)), bearing % 360


@st.composite
def pairs(draw: st.DrawFn, low_m: float, high_m: float) -> tuple[int, int, int, int]:
    """Two places about that far apart, near the poles and the antimeridian as often as elsewhere."""
    lat = draw(st.integers(-900000000, 900000000) | st.integers(898000000, 900000000)) * draw(st.sampled_from([1, -1]))
    lon = draw(st.integers(-1800000000, 1800000000) | st.integers(1799900000, 1800000000))
    away = draw(st.floats(low_m, high_m)) / 6371000
    heading = draw(st.floats(0, 2 * math.pi))
    phi = math.radians(lat / 1e7)
    sine = math.sin(phi) * math.cos(away) + math.cos(phi) * math.sin(away) * math.cos(heading)
    lat2 = math.asin(max(-1.0, min(1.0, sine)))
    turn = math.atan2(math.sin(heading) * math.sin(away) * math.cos(phi), math.cos(away) - math.sin(phi) * sine)
    lon2 = (lon / 1e7 + math.degrees(turn) + 540) % 360 - 180
    return lat, lon, round(math.degrees(lat2) * 1e7), round(lon2 * 1e7)


def told(places: tuple[int, int, int, int]) -> tuple[float, float]:
    return vincenty(*(place / 1e7 for place in places))


@pytest.mark.parametrize(("low_m", "high_m", "share"), [(0, 100, 0.001), (100, 50000, 0.0005), (50000, 500000, 0.001)])
def test_distances(low_m: float, high_m: float, share: float) -> None:
    @settings(max_examples=300)
    @given(pairs(low_m, high_m))
    def check(places: tuple[int, int, int, int]) -> None:
        metres, _ = told(places)
        # Centimetres are cut three times.
        assert abs(geo.distance_cm(*places) - metres * 100) <= metres * 100 * share + 3
        assert abs(geo.distance_m(*places) - metres) <= metres * share + 0.52

    check()


@settings(max_examples=500)
@given(pairs(10, 500000))
def test_bearings(places: tuple[int, int, int, int]) -> None:
    metres, bearing = told(places)
    if metres < 10 or 90 - abs(places[0] / 1e7) < 1e-4:
        return  # within 11 m of a pole a step of the longitude is a turn
    apart = (geo.bearing_cdeg(*places) / 100 - bearing + 180) % 360 - 180
    assert abs(apart) <= 0.1


@given(st.integers(-900000000, 900000000), st.integers(-1800000000, 1800000000), st.data())
def test_any_two_places(lat: int, lon: int, data: st.DataObject) -> None:
    other = data.draw(st.integers(-900000000, 900000000)), data.draw(st.integers(-1800000000, 1800000000))
    away = geo.distance_cm(lat, lon, *other)
    assert away == geo.distance_cm(*other, lat, lon)
    assert 0 <= away <= 1276000000  # the Earth's diameter, and what an interpolated sine adds
    assert 0 <= geo.bearing_cdeg(lat, lon, *other) < 36000
    assert 0 <= geo.compass_point(geo.bearing_cdeg(lat, lon, *other)) < 16


def test_the_table_of_sines() -> None:
    assert [round(math.sin(math.radians(degree)) * 10**9) for degree in range(91)] == list(geo._SINE_E9)
