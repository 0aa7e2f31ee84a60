"""What the fleet's own tracks say about travel times: how much longer, or shorter, than the profile has it.

Kept are counts of ratios, observed to predicted, in classes of a few per cent: by class of road and hour of the week,
and by edge. Counts add up, need no more room with the years, and have a median, which a car that stopped for coffee
does not move.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.errors import RoadsError
from sigap_roads.graph import RoadGraph
from sigap_roads.search import Int32
from sigap_roads.ways import RoadClass

HOURS = 168
FASTEST, SLOWEST = 0.5, 2.5  # of the profile's time; what was learned is bounded by it
_BINS = 65  # from a quarter to four times, 4.4 % each; the middle one is around 1
_PER_DOUBLING = 16
_CLASS_MIN = 30  # observations before a class is believed in an hour, or over all hours
_EDGE_MIN = 20

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drive:
    """One car between two of its fixes.

    edges          driven on, in order; the first and the last, driven on in part, are there only if no others are
    hour           of the week when it began, see hour_of_week
    observed_ms    between the fixes
    predicted_ms   by the profile
    """

    edges: tuple[int, ...]
    hour: int
    observed_ms: int
    predicted_ms: int


def hour_of_week(now_ms: int, utc_offset_s: int = 0) -> int:
    """0 is Monday's first hour by the city's clock, 167 Sunday's last."""
    hours = (now_ms // 1000 + utc_offset_s) // 3600
    return (hours + 72) % HOURS  # 1970 began on a Thursday


class Learned:
    """Counts of what was observed on one graph; `built_from` names it, since edges have other numbers on another."""

    def __init__(self, built_from: str = "") -> None:
        self.built_from = built_from
        self._classes: Counts = np.zeros((len(RoadClass), HOURS, _BINS), np.int64)
        self._edges: dict[int, Counts] = {}

    def add(self, graph: RoadGraph, drives: Iterable[Drive]) -> None:
        """Count drives on the graph: once for every class of road and every edge in each."""
        for drive in drives:
            if drive.predicted_ms < 1 or drive.observed_ms < 1:
                continue
            bin_ = _bin(drive.observed_ms / drive.predicted_ms)
            for road_class in {int(graph.edge_class[edge]) for edge in drive.edges}:
                self._classes[road_class, drive.hour, bin_] += 1
            for edge in set(drive.edges):
                self._edges.setdefault(edge, np.zeros(_BINS, np.int64))[bin_] += 1

    def merge(self, other: "Learned") -> None:
        """Add another's counts of the same graph."""
        self._classes += other._classes
        for edge, counts in other._edges.items():
            self._edges[edge] = self._edges.get(edge, 0) + counts

    def times_ms(self, graph: RoadGraph, hour: int) -> Int32:
        """Of every edge in that hour of the week: the profile's times the edge's own median, else its class's in that
        hour, else its class's in all hours, else 1; between FASTEST and SLOWEST of the profile's time."""
        by_class = np.array([self._class_ratio(road_class, hour) for road_class in RoadClass])
        ratio = by_class[graph.edge_class]
        for edge, counts in self._edges.items():
            if counts.sum() >= _EDGE_MIN:
                ratio[edge] = _median(counts)
        bounded = np.clip(ratio, FASTEST, SLOWEST)
        times_ms: Int32 = np.maximum(np.rint(graph.edge_time_ms * bounded), 1).astype(np.int32)
        return times_ms

    def _class_ratio(self, road_class: int, hour: int) -> float:
        for counts in (self._classes[road_class, hour], self._classes[road_class].sum(axis=0)):
            if counts.sum() >= _CLASS_MIN:
                return _median(counts)
        return 1.0

    def to_plain(self) -> dict[str, Any]:
        """JSON values; see from_plain."""
        classes = [[*map(int, place), int(self._classes[tuple(place)])] for place in np.argwhere(self._classes)]
        edges = [
            [edge, int(bin_), int(counts[bin_])]
            for edge, counts in sorted(self._edges.items())
            for bin_ in np.flatnonzero(counts)
        ]
        return {"built_from": self.built_from, "classes": classes, "edges": edges}


def from_plain(values: Mapping[str, Any], graph: RoadGraph) -> Learned:
    """What to_plain gave. Counts by edge are left out if they are of another graph. Raises RoadsError."""
    learned = Learned(str(graph.info.get("built_from", "")))
    try:
        for road_class, hour, bin_, count in values["classes"]:
            learned._classes[road_class, hour, bin_] = count
        if values["built_from"] == learned.built_from:
            for edge, bin_, count in values["edges"]:
                if not 0 <= edge < graph.edge_count:
                    raise IndexError(edge)
                learned._edges.setdefault(edge, np.zeros(_BINS, np.int64))[bin_] = count
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise RoadsError(f"learned travel times are not as expected: {error!r}") from None
    return learned


def error_report(pairs: Sequence[tuple[int, int]]) -> dict[str, float]:
    """How good predictions were, from (predicted_ms, actual_ms).

    Quantiles of actual minus predicted, and of its amount, in seconds; the median ratio. Without any pair only n.
    """
    if not pairs:
        return {"n": 0}
    predicted, actual = np.array(pairs, np.float64).T / 1000
    late = actual - predicted
    return {
        "n": len(pairs),
        **{f"late_p{q}_s": round(float(np.percentile(late, q)), 1) for q in (10, 50, 90)},
        **{f"error_p{q}_s": round(float(np.percentile(np.abs(late), q)), 1) for q in (50, 90)},
        "ratio_p50": round(float(np.median(actual / np.maximum(predicted, 0.001))), 3),
    }


def _bin(ratio: float) -> int:
    return int(np.clip(round(float(np.log2(ratio)) * _PER_DOUBLING) + _BINS // 2, 0, _BINS - 1))


def _median(counts: Counts) -> float:
    """The ratio in the middle of the bin in which the median is."""
    middle = int(np.searchsorted(np.cumsum(counts), (int(counts.sum()) + 1) // 2))
    return float(2.0 ** ((middle - _BINS // 2) / _PER_DOUBLING))
