"""Travel times: one interface, whatever finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import Protocol

from sigap_roads.geometry import EARTH_RADIUS_M
from sigap_server.fleet import UnitPosition

_RADIANS_PER_E7 = radians(1e-7)


class Problem(StrEnum):
    """Why there is no travel time, or one that is less than it seems."""

    OFF_MAP = "off_map"  # the unit is far from every road that is known
    NO_WAY = "no_way"  # no open road leads there
    PLACE_OFF_MAP = "place_off_map"  # the place is: what is told is the straight line's


@dataclass(frozen=True, slots=True)
class Eta:
    """Travel time and length of the way from where the unit was last seen; both None if there is no way.

    turn_s    so much longer, if the car drove away from the place since: turning round
    problem   what is wrong with it, None if nothing is
    """

    eta_s: float | None
    distance_m: float | None
    method: str
    turn_s: float = 0.0
    problem: Problem | None = None


class EtaMethod(Protocol):
    """Anything that knows how long units need to a place."""

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> Sequence[Eta]:
        """One Eta for each position, in the same order, to the place at lat_e7, lon_e7 (degrees × 10⁷)."""
        ...


class StraightLine:
    """Great-circle distance at one assumed speed: blind to roads, and it says so."""

    method = "straight_line"

    def __init__(self, assumed_speed_mps: float) -> None:
        if not (isfinite(assumed_speed_mps) and assumed_speed_mps > 0):
            raise ValueError(f"assumed_speed_mps is {assumed_speed_mps!r}, expected more than 0")
        self._speed_mps = assumed_speed_mps

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
        found = []
        for position in positions:
            length_m = distance_m(lat_e7, lon_e7, position.lat_e7, position.lon_e7)
            found.append(Eta(length_m / self._speed_mps, length_m, self.method))
        return found


def distance_m(lat_e7: int, lon_e7: int, other_lat_e7: int, other_lon_e7: int) -> float:
    """Great-circle distance by the haversine formula, which stays exact for points metres apart."""
    half_lat = sin((lat_e7 - other_lat_e7) * _RADIANS_PER_E7 / 2)
    half_lon = sin((lon_e7 - other_lon_e7) * _RADIANS_PER_E7 / 2)
    chord = half_lat * half_lat + cos(lat_e7 * _RADIANS_PER_E7) * cos(other_lat_e7 * _RADIANS_PER_E7) * (
        half_lon * half_lon
    )
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))
