"""Lengths and bearings on the globe, over arrays."""

import numpy as np
import numpy.typing as npt

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid, (2a + b) / 3
METRES_PER_E7 = EARTH_RADIUS_M * np.pi / 180 * 1e-7  # of latitude
_RADIANS_PER_E7 = np.pi / 180 / 1e7

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]


def haversine_m(lat1_e7: Int32, lon1_e7: Int32, lat2_e7: Int32, lon2_e7: Int32) -> Float64:
    """Great-circle distances in metres; all of one shape."""
    lat1, lon1, lat2, lon2 = (values * _RADIANS_PER_E7 for values in (lat1_e7, lon1_e7, lat2_e7, lon2_e7))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    distances: Float64 = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1)))
    return distances


def bearing_deg(lat1_e7: Int32, lon1_e7: Int32, lat2_e7: Int32, lon2_e7: Int32) -> Float64:
    """Degrees clockwise from north, −180 to 180, of short ways from the first points to the second."""
    north = lat2_e7.astype(np.float64) - lat1_e7
    east = (lon2_e7.astype(np.float64) - lon1_e7) * np.cos(lat1_e7 * _RADIANS_PER_E7)
    bearings: Float64 = np.degrees(np.arctan2(east, north))
    return bearings


def along_a_curve(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Each point's place on the Z-order curve (Morton, 1966): what is close to each other mostly stays so in a list.

    x y   0 to 2³²-1
    """
    return _spread(x.astype(np.uint64)) | (_spread(y.astype(np.uint64)) << np.uint64(1))


def _spread(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The lower 32 bits with a zero between each two."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
