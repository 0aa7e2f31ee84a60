"""Cars and incidents anywhere on the roads of a graph."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sigap_roads.geometry import bearing_deg, haversine_m
from sigap_roads.graph import RoadGraph

Int32 = npt.NDArray[np.int32]

_ASIDE_E7 = 900  # 10 m


class Positions(NamedTuple):
    """Degrees × 10⁷, hundredths of a degree, cm/s; each (n,)."""

    lat_e7: Int32
    lon_e7: Int32
    course_cdeg: Int32
    speed_cmps: Int32

    def some(self, which: npt.NDArray[np.intp]) -> "Positions":
        return Positions(*(column[which] for column in self))


def scatter(graph: RoadGraph, n: int, seed: int) -> Positions:
    """n cars that drive along a road, each metre of each direction as likely as any other, up to 10 m aside."""
    random = np.random.default_rng(seed)
    begins = np.ones(len(graph.shape_lat_e7), np.bool_)
    begins[graph.edge_shape[1:] - 1] = False
    first = np.flatnonzero(begins)
    lat, lon = graph.shape_lat_e7, graph.shape_lon_e7
    length_m = haversine_m(lat[first], lon[first], lat[first + 1], lon[first + 1])
    piece = first[random.choice(len(first), n, p=length_m / length_m.sum())]
    along = random.random(n)
    course_cdeg = np.round(bearing_deg(lat[piece], lon[piece], lat[piece + 1], lon[piece + 1]) * 100).astype(np.int32)
    return Positions(
        _between(lat, piece, along) + random.integers(-_ASIDE_E7, _ASIDE_E7, n, dtype=np.int32),
        _between(lon, piece, along) + random.integers(-_ASIDE_E7, _ASIDE_E7, n, dtype=np.int32),
        course_cdeg % 36_000,
        np.full(n, 800, np.int32),
    )


def _between(values: Int32, piece: npt.NDArray[np.intp], along: npt.NDArray[np.float64]) -> Int32:
    a, b = values[piece].astype(np.float64), values[piece + 1].astype(np.float64)
    return np.round(a + (b - a) * along).astype(np.int32)
