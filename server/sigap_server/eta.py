"""Travel times: one interface, whatever finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sigap_server.fleet import UnitPosition

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of the WGS 84 ellipsoid (IUGG)


@dataclass(frozen=True, slots=True)
class Eta:
    """Travel time and length of the way; None if there is no way."""

    eta_s: float | None
    distance_m: float | None
    method: str


class EtaMethod(Protocol):
    """Anything that knows how long units need to a place."""

    @property
    def method(self) -> str:
        """Its name in records and APIs."""
        ...

    @property
    def words(self) -> str:
        """Its name in a sentence: "2.1 min by straight line at 8.3 m/s"."""
        ...

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> Sequence[Eta]:
        """One Eta for each position, in the same order, to the place at lat_e7, lon_e7 (degrees × 10⁷)."""
        ...


class StraightLine:
    """Great-circle distance at one assumed speed: blind to roads, and it says so."""

    method = "straight_line"

    def __init__(self, assumed_speed_mps: float) -> None:
        raise NotImplementedError

    @property
    def words(self) -> str:
        raise NotImplementedError

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
        raise NotImplementedError


def distance_m(lat_e7: int, lon_e7: int, other_lat_e7: int, other_lon_e7: int) -> float:
    """Great-circle distance by the haversine formula."""
    raise NotImplementedError
