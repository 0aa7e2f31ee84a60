"""Positions: degrees on the globe, metres on a local plane, and what a car truly does at one moment."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])

# WGS 84.
_SEMI_MAJOR_M = 6378137.0
_ECCENTRICITY2 = 0.00669437999014


@dataclass(frozen=True, slots=True)
class Truth:
    """Where an antenna really is and how it moves; course_deg is degrees true, meaningless at rest."""

    lat_deg: float
    lon_deg: float
    speed_mps: float = 0.0
    course_deg: float = 0.0
    altitude_m: float = 720.0


class Plane:
    """A plane of metres touching the globe at an origin; within 20 km good to a few metres."""

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg
        sine = math.sin(math.radians(lat_deg))
        curvature = 1.0 - _ECCENTRICITY2 * sine * sine
        self._north_m_per_deg = math.radians(_SEMI_MAJOR_M * (1 - _ECCENTRICITY2) / curvature**1.5)
        self._east_m_per_deg = math.radians(_SEMI_MAJOR_M / math.sqrt(curvature)) * math.cos(math.radians(lat_deg))

    def to_degrees(self, east_m: float, north_m: float) -> tuple[float, float]:
        """(lat_deg, lon_deg)"""
        return self.lat_deg + north_m / self._north_m_per_deg, self.lon_deg + east_m / self._east_m_per_deg

    def to_metres(self, lat_deg: Number, lon_deg: Number) -> tuple[Number, Number]:
        """(east_m, north_m), of one place or of arrays of them."""
        return (lon_deg - self.lon_deg) * self._east_m_per_deg, (lat_deg - self.lat_deg) * self._north_m_per_deg


def course_deg(east: float, north: float) -> float:
    """The direction of a vector, degrees clockwise from north in [0, 360)."""
    course = math.degrees(math.atan2(east, north))
    # -1e-15 + 360 is 360.0 in floats, so wrap after adding.
    return (course + 360.0) % 360.0
