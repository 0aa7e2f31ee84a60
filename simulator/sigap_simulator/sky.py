"""The navigation satellites above a place: where they stand, which are seen, and what geometry they give.

Circular orbits in the nominal planes of GPS and GLONASS. Nobody can navigate by them, but their number, their
slow movement and the dilution of precision they give are what a receiver at that place would see.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_EARTH_RADIUS_M = 6371000.0
_SIDEREAL_DAY_S = 86164.1
_TAU = 2.0 * math.pi


@dataclass(frozen=True, slots=True)
class Constellation:
    talker: str
    first_number: int  # as NMEA numbers its satellites
    planes: int
    per_plane: int
    inclination_deg: float
    radius_m: float
    period_s: float


# Nominal values of the two systems' interface documents (IS-GPS-200; GLONASS ICD).
GPS = Constellation("GP", 1, 6, 5, 55.0, 26_560_000.0, 43_082.0)
GLONASS = Constellation("GL", 65, 3, 8, 64.8, 25_510_000.0, 40_544.0)


@dataclass(frozen=True, slots=True)
class Satellite:
    talker: str
    number: int
    elevation_deg: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True)
class Dilution:
    """Dilution of precision: how much the satellites' geometry multiplies the ranging error."""

    position: float
    horizontal: float
    vertical: float


NO_DILUTION = Dilution(99.99, 99.99, 99.99)


def satellites(time_s: float, lat_deg: float, lon_deg: float) -> list[Satellite]:
    """Everything above the horizon at Unix time `time_s`, in the order of the NMEA numbers."""
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    up = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    east = (-math.sin(lon), math.cos(lon), 0.0)
    north = (-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat))
    found = []
    for system in (GPS, GLONASS):
        for index in range(system.planes * system.per_plane):
            x, y, z = _earth_fixed(system, index, time_s)
            sight = (x - up[0] * _EARTH_RADIUS_M, y - up[1] * _EARTH_RADIUS_M, z - up[2] * _EARTH_RADIUS_M)
            height = math.asin(_dot(sight, up) / math.sqrt(_dot(sight, sight)))
            if height > 0.0:
                azimuth = math.atan2(_dot(sight, east), _dot(sight, north)) % _TAU
                found.append(
                    Satellite(system.talker, system.first_number + index, math.degrees(height), math.degrees(azimuth))
                )
    return found


def _earth_fixed(system: Constellation, index: int, time_s: float) -> tuple[float, float, float]:
    plane, slot = divmod(index, system.per_plane)
    # Neighbouring planes are shifted, or all planes' satellites would cross the equator together.
    along = _TAU * (slot / system.per_plane + plane / (system.planes * system.per_plane) + time_s / system.period_s)
    node = _TAU * (plane / system.planes - time_s / _SIDEREAL_DAY_S)
    tilt = math.radians(system.inclination_deg)
    x, y, z = math.cos(along), math.sin(along) * math.cos(tilt), math.sin(along) * math.sin(tilt)
    return (
        system.radius_m * (x * math.cos(node) - y * math.sin(node)),
        system.radius_m * (x * math.sin(node) + y * math.cos(node)),
        system.radius_m * z,
    )


def _dot(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def dilution(used: Sequence[Satellite]) -> Dilution:
    """From the inverse of the normal matrix of the unit vectors to the satellites; NO_DILUTION with fewer than 4."""
    if len(used) < 4:
        return NO_DILUTION
    rows = []
    for satellite in used:
        height, azimuth = math.radians(satellite.elevation_deg), math.radians(satellite.azimuth_deg)
        flat = math.cos(height)
        rows.append((flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(height), 1.0))
    variance = _inverse_diagonal([[sum(row[i] * row[j] for row in rows) for j in range(4)] for i in range(4)])
    if variance is None:
        return NO_DILUTION
    horizontal = variance[0] + variance[1]
    return Dilution(
        min(99.99, math.sqrt(horizontal + variance[2])),
        min(99.99, math.sqrt(horizontal)),
        min(99.99, math.sqrt(variance[2])),
    )


def _inverse_diagonal(matrix: list[list[float]]) -> list[float] | None:
    """The diagonal of a symmetric positive matrix's inverse by Gauss–Jordan, or None if it has none."""
    size = len(matrix)
    work = [row + [1.0 if i == j else 0.0 for j in range(size)] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        if abs(work[pivot][column]) < 1e-9:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [value / head for value in work[column]]
        for row in range(size):
            if row != column:
                factor = work[row][column]
                work[row] = [value - factor * top for value, top in zip(work[row], work[column], strict=True)]
    diagonal = [work[i][size + i] for i in range(size)]
    return diagonal if all(value >= 0.0 for value in diagonal) else None
