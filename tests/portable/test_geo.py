"""Distances and directions, in integers."""

from sigap_tracker.position.geo import bearing_cdeg, compass_point, distance_cm, distance_m, square_root

BANDUNG = (-69175000, 1076191000)


def close(found, expected, within):
    return abs(found - expected) <= within


def test_nothing_from_a_place_to_itself():
    for place in (BANDUNG, (0, 0), (900000000, 0), (-900000000, 1800000000)):
        assert distance_cm(*place, *place) == 0
        assert bearing_cdeg(*place, *place) == 0


def test_known_distances():
    # WGS 84 geodesics.
    for first, second, metres in (
        (BANDUNG, (-69147000, 1076098000), 1073),
        (BANDUNG, (-62088000, 1068456000), 116019),  # Jakarta
        ((0, 0), (0, 10000000), 111319),
        ((0, 0), (10000000, 0), 110574),
        ((600000000, 0), (600000000, 10000000), 55800),
        ((890000000, 0), (900000000, 0), 111694),
    ):
        found = distance_m(*first, *second)
        assert close(found, metres, max(1, metres // 2000)), (first, second, found)
        assert distance_m(*second, *first) == found


def test_the_smallest_step():
    assert distance_cm(0, 0, 1, 0) == 1
    assert distance_cm(0, 0, 0, 90) == 100
    assert distance_m(0, 0, 45, 0) == 0
    assert distance_m(0, 0, 46, 0) == 1


def test_across_the_antimeridian():
    for lat_e7 in (0, -180000000, 650000000):
        across = distance_cm(lat_e7, 1799990000, lat_e7, -1799990000)
        assert close(across, distance_cm(lat_e7, -10000, lat_e7, 10000), 1)
        assert bearing_cdeg(lat_e7, 1799990000, lat_e7, -1799990000) == 9000
        assert bearing_cdeg(lat_e7, -1799990000, lat_e7, 1799990000) == 27000
    assert distance_cm(0, 1800000000, 0, -1800000000) == 0


def test_at_the_poles():
    for pole in (900000000, -900000000):
        assert distance_cm(pole, 0, pole, 1234567890) == 0
        near = pole - (10000 if pole > 0 else -10000)
        assert close(distance_cm(near, 0, near, 1800000000), 2 * 11169, 2)
        assert close(distance_cm(near, 0, pole, 770000000), 11169, 1)
    assert bearing_cdeg(899990000, 0, 899990000, 1800000000) == 0
    assert bearing_cdeg(-899990000, 0, -899990000, 1800000000) == 18000


def test_bearings_of_the_compass():
    lat, lon = BANDUNG
    for north, east, expected in (
        (1000, 0, 0),
        (1000, 1000, 4500),
        (0, 1000, 9000),
        (-1000, 1000, 13500),
        (-1000, 0, 18000),
        (-1000, -1000, 22500),
        (0, -1000, 27000),
        (1000, -1000, 31500),
    ):
        # Degrees of latitude and longitude are not the same length: 110,590 m and 110,523 m there.
        assert close(bearing_cdeg(lat, lon, lat + north, lon + east), expected, 10), (north, east)


def test_compass_points():
    for bearing, point in ((0, 0), (1124, 0), (1125, 1), (9000, 4), (18000, 8), (27000, 12), (34874, 15), (34875, 0)):
        assert compass_point(bearing) == point, bearing
    assert compass_point(35999) == 0


def test_square_roots():
    for value in list(range(70)) + [2**k + d for k in range(8, 160, 7) for d in (-1, 0, 1)]:
        root = square_root(value)
        assert root * root <= value < (root + 1) * (root + 1), value
