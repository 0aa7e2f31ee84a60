"""How often the car that is nearest by straight line, or on the road but blind to where it points, is the wrong one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sigap.bench.traffic import Positions
from sigap_roads.geometry import haversine_m
from sigap_roads.live import LiveRoads

_NOT_WORSE_MS = 1000  # a car that is a second later is not the wrong one


def compare(roads: LiveRoads, cars: Positions, incidents: Positions, fleet: int) -> dict[str, Any]:
    """For every incident `fleet` other ones of the cars; minutes lost against the one that is there first."""
    random = np.random.default_rng(5)
    lost: dict[str, list[float]] = {"straight_line": [], "blind_to_heading": []}
    for lat_e7, lon_e7 in zip(incidents.lat_e7.tolist(), incidents.lon_e7.tolist(), strict=True):
        some = cars.some(random.choice(len(cars.lat_e7), fleet, replace=False))
        field = roads.field(lat_e7, lon_e7)
        eta_ms = field.etas(roads.snap(*some)).eta_ms
        if not (eta_ms >= 0).any():
            continue
        blind_ms = field.etas(roads.snap(some.lat_e7, some.lon_e7)).eta_ms
        here = np.full(fleet, lat_e7, np.int32), np.full(fleet, lon_e7, np.int32)
        first_ms = int(eta_ms[eta_ms >= 0].min())
        for name, chosen in (
            ("straight_line", int(np.argmin(haversine_m(*here, some.lat_e7, some.lon_e7)))),
            ("blind_to_heading", _first(blind_ms)),
        ):
            if eta_ms[chosen] >= 0:
                lost[name].append((int(eta_ms[chosen]) - first_ms) / 1000)
    return {"cars": fleet, **{name: _figures(values) for name, values in lost.items()}}


def _first(eta_ms: npt.NDArray[np.int64]) -> int:
    return int(np.argmin(np.where(eta_ms < 0, np.iinfo(np.int64).max, eta_ms)))


def _figures(lost_s: list[float]) -> dict[str, float]:
    wrong = np.array(lost_s) > _NOT_WORSE_MS / 1000
    return {
        "incidents": len(lost_s),
        "wrong": round(float(wrong.mean()), 3),
        "lost_mean_min": round(float(np.mean(lost_s)) / 60, 2),
        "lost_p95_min": round(float(np.percentile(lost_s, 95)) / 60, 2),
    }
