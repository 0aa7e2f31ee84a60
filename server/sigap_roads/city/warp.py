"""The plan's straight lines become a city's: every point is moved a little, smoothly, so that nothing ever tangles."""

import math
from random import Random

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# (amplitude, wave length) in metres: the bend of a valley, of a road, of a lane. A move must never change by as much as
# the distance along which it does, or the plane would fold: 2π·amplitude/length of all waves together stays below 0.8.
_WAVES = ((95.0, 5200.0), (70.0, 3100.0), (30.0, 1150.0), (14.0, 640.0), (3.5, 230.0))
_METRES_PER_DEGREE = 111_195.0  # a sphere of 6,371 km


class Warp:
    """Metres on the plan → where it is on the globe, around `middle` (lat_deg, lon_deg)."""

    def __init__(self, random: Random, middle: tuple[float, float]) -> None:
        self._waves = []
        for amplitude_m, length_m in _WAVES:
            for axis in (0, 1):
                angle = random.uniform(0.0, 2.0 * math.pi)
                phase = random.uniform(0.0, 2.0 * math.pi)
                per_m = 2.0 * math.pi / (length_m * random.uniform(0.9, 1.15))
                self._waves.append((axis, amplitude_m, per_m * math.cos(angle), per_m * math.sin(angle), phase))
        self._lat_deg, self._lon_deg = middle

    def bend(self, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        """Metres to metres; the middle stays where it is."""
        moved = [east_m.copy(), north_m.copy()]
        for axis, amplitude_m, east, north, phase in self._waves:
            moved[axis] += amplitude_m * (np.sin(east * east_m + north * north_m + phase) - math.sin(phase))
        return moved[0], moved[1]

    def to_e7(self, east_m: Floats, north_m: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(lat_e7, lon_e7) of bent metres."""
        lon_m = _METRES_PER_DEGREE * math.cos(math.radians(self._lat_deg))
        lat = np.rint((self._lat_deg + north_m / _METRES_PER_DEGREE) * 1e7).astype(np.int64)
        lon = np.rint((self._lon_deg + east_m / lon_m) * 1e7).astype(np.int64)
        return lat, lon
