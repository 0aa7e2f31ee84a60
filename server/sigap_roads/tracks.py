"""From a car's fixes to the roads that it drove on, and how long that took against the profile."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sigap_roads.field import TravelTimeField
from sigap_roads.learned import Drive, hour_of_week
from sigap_roads.places import NOWHERE, Cars, Stops
from sigap_roads.snap import MOVING_CMPS, Snapper
from sigap_roads.traffic import Traffic

# Between two fixes there must be a drive: long enough to be measured, short enough that the quickest way is the one
# that was taken, and no stop at a house.
_APART_MS = 5_000, 120_000
_WALKING_DM_PER_S = 15
_RATIO = 0.25, 4.0


class TrackPoint(NamedTuple):
    """A fix as the unit reported it: Unix milliseconds, degrees × 10⁷, hundredths of a degree (-1 unknown), cm/s."""

    time_ms: int
    lat_e7: int
    lon_e7: int
    course_cdeg: int
    speed_cmps: int


def drives(
    snapper: Snapper, profile_times: Traffic, track: Sequence[TrackPoint], utc_offset_s: int = 0
) -> Iterator[Drive]:
    """What one car's consecutive fixes say; pairs that say nothing about driving are left out.

    profile_times   Traffic.by_profile of the snapper's graph: what is learned is always relative to it
    """
    if len(track) < 2:
        return
    _, lat, lon, course, speed = (np.array(column) for column in zip(*track, strict=True))
    cars = snapper.cars(*(column.astype(np.int32) for column in (lat, lon, course, speed)))
    for i, (first, second) in enumerate(pairwise(track)):
        observed_ms = second.time_ms - first.time_ms
        moves = first.speed_cmps >= MOVING_CMPS and second.speed_cmps >= MOVING_CMPS
        if moves and _APART_MS[0] <= observed_ms <= _APART_MS[1]:
            drive = _between(profile_times, cars, i, observed_ms, hour_of_week(first.time_ms, utc_offset_s))
            if drive is not None:
                yield drive


def _between(traffic: Traffic, cars: Cars, i: int, observed_ms: int, hour: int) -> Drive | None:
    if NOWHERE in (cars.edge[i], cars.edge[i + 1]):
        return None
    one = slice(i, i + 1)
    nowhere = np.full(1, NOWHERE, np.int32)
    zero = np.zeros(1, np.int32)
    begin = Cars(cars.edge[one], cars.along_q16[one], nowhere, zero, zero, cars.off_m[one])
    end = slice(i + 1, i + 2)
    field = TravelTimeField(traffic, Stops(cars.edge[end], cars.along_q16[end], zero, zero, 0.0))
    first, etas = field.best(begin, 1, within_ms=round(observed_ms / _RATIO[0]))
    if not len(first):
        return None
    predicted_ms, length_dm = int(etas.eta_ms[0]), int(etas.length_dm[0])
    crawls = length_dm < _WALKING_DM_PER_S * observed_ms / 1000
    if crawls or not _RATIO[0] * predicted_ms <= observed_ms <= _RATIO[1] * predicted_ms:
        return None
    way = field.way(begin, 0)
    edges = way.edges if way else ()
    return Drive(edges[1:-1] or edges, hour, observed_ms, predicted_ms)
