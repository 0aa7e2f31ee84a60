"""What the fleet's own tracks say about travel times: how much longer, or shorter, than the profile has it.

Kept are counts of ratios, observed to predicted, in classes of a few per cent: by class of road and hour of the week,
and by edge. Counts add up, need no more room with the years, and have a median, which a car that stopped for coffee
does not move.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_AT_A_TIME = 1_000

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Paces:
    """What the counts amount to: of the profile's time, between FASTEST and SLOWEST. Never changed, so that one thread
    may use it while another goes on counting.

    by_class   (classes, HOURS)
    edges      (k,) with enough drives of their own, in ascending order …
    by_edge    (k,) … and their paces
    """

    by_class: Floats
    edges: Int32
    by_edge: Floats

    def ratio(self, graph: RoadGraph, hour: int) -> Floats:
        """(m,) of every edge in that hour of the week."""
        ratio: Floats = self.by_class[graph.edge_class, hour]
        ratio[self.edges] = self.by_edge
        return ratio

    def along(self, graph: RoadGraph, edges: Sequence[int], hour: int) -> float:
        """Of a way over these edges in that hour of the week: the mean, by their times. 1 for no edges."""
        if not edges:
            return 1.0
        on = np.asarray(edges, np.int32)
        ratio = self.by_class[graph.edge_class[on], hour]
        if len(self.edges):
            at = np.minimum(np.searchsorted(self.edges, on), len(self.edges) - 1)
            ratio = np.where(self.edges[at] == on, self.by_edge[at], ratio)
        return float(np.average(ratio, weights=graph.edge_time_ms[on]))

    def times_ms(self, graph: RoadGraph, hour: int) -> Int32:
        """(m,) of every edge in that hour of the week."""
        times_ms: Int32 = np.maximum(np.rint(graph.edge_time_ms * self.ratio(graph, hour)), 1).astype(np.int32)
        return times_ms


class Learned:
    """Counts of what was observed on one graph; `built_from` names it, since edges have other numbers on another.

    drives   that were counted
    """

    def __init__(self, built_from: str = "") -> None:
        self.built_from = built_from
        self.drives = 0
        self._classes: Counts = np.zeros((len(RoadClass), HOURS, _BINS), np.int64)
        self._edges: dict[int, Counts] = {}

    def add(self, graph: RoadGraph, drives: Iterable[Drive]) -> None:
        """Count drives on the graph: once for every class of road and every edge in each."""
        for drive in drives:
            if drive.predicted_ms < 1 or drive.observed_ms < 1:
                continue
            self.drives += 1
            bin_ = _bin(drive.observed_ms / drive.predicted_ms)
            for road_class in {int(graph.edge_class[edge]) for edge in drive.edges}:
                self._classes[road_class, drive.hour, bin_] += 1
            for edge in set(drive.edges):
                self._edges.setdefault(edge, np.zeros(_BINS, np.int64))[bin_] += 1

    def merge(self, other: "Learned") -> None:
        """Add another's counts of the same graph."""
        self.drives += other.drives
        self._classes += other._classes
        for edge, counts in other._edges.items():
            self._edges[edge] = self._edges.get(edge, 0) + counts

    def paces(self) -> Paces:
        """An edge's own median, else its class's in that hour, else its class's in all hours, else 1."""
        in_all_hours = self._classes.sum(axis=1)
        always = np.where(in_all_hours.sum(axis=-1) >= _CLASS_MIN, _medians(in_all_hours), 1.0)
        by_class = np.where(self._classes.sum(axis=-1) >= _CLASS_MIN, _medians(self._classes), always[:, np.newaxis])
        known, ratios = [np.zeros(0, np.int64)], [np.zeros(0)]
        for edges, counts in self._by_edge():
            enough = counts.sum(axis=-1) >= _EDGE_MIN
            known.append(edges[enough])
            ratios.append(_medians(counts[enough]))
        by_edge = np.clip(np.concatenate(ratios), FASTEST, SLOWEST)
        return Paces(np.clip(by_class, FASTEST, SLOWEST), np.concatenate(known).astype(np.int32), by_edge)

    def _by_edge(self) -> Iterator[tuple[Counts, Counts]]:
        """(k,) edges in ascending order and their (k, _BINS) counts, some at a time: no call in another thread may hold
        up who needs the interpreter."""
        edges = sorted(self._edges)
        for first in range(0, len(edges), _AT_A_TIME):
            some = edges[first : first + _AT_A_TIME]
            yield np.array(some, np.int64), np.array([self._edges[edge] for edge in some], np.int64)

    def times_ms(self, graph: RoadGraph, hour: int) -> Int32:
        """See Paces."""
        return self.paces().times_ms(graph, hour)

    def by_class(self) -> dict[str, tuple[int, float]]:
        """Of every class with enough drives to be believed, their number and the median of observed to predicted."""
        in_all_hours = self._classes.sum(axis=1)
        counts, ratios = in_all_hours.sum(axis=-1).tolist(), _medians(in_all_hours).tolist()
        return {
            road_class.name.lower(): (counts[road_class], ratios[road_class])
            for road_class in RoadClass
            if counts[road_class] >= _CLASS_MIN
        }

    def to_plain(self) -> dict[str, Any]:
        """JSON values; see from_plain. Counts are flat lists of (class, hour, bin, count) and (edge, bin, count): of a
        million little lists Python's garbage collector would stop every thread for a good part of a second."""
        classes = np.column_stack((np.argwhere(self._classes), self._classes[self._classes > 0]))
        edges: list[int] = []
        for some, counts in self._by_edge():
            row, bin_ = np.nonzero(counts)
            edges += np.column_stack((some[row], bin_, counts[row, bin_])).ravel().tolist()
        return {
            "built_from": self.built_from,
            "drives": self.drives,
            "classes": classes.ravel().tolist(),
            "edges": edges,
        }


def from_plain(values: Mapping[str, Any], graph: RoadGraph) -> Learned:
    """What to_plain gave. Counts by edge are left out if they are of another graph. Raises RoadsError."""
    learned = Learned(str(graph.info.get("built_from", "")))
    try:
        learned.drives = int(values["drives"])
        *place, count = np.array(values["classes"], np.int64).reshape(-1, 4).T
        learned._classes[tuple(place)] = count
        if values["built_from"] == learned.built_from:
            edge, bin_, count = np.array(values["edges"], np.int64).reshape(-1, 3).T
            known, row = np.unique(edge, return_inverse=True)
            if len(known) and not 0 <= known[0] <= known[-1] < graph.edge_count:
                raise IndexError(f"edge {known[0]} or {known[-1]}")
            counts = np.zeros((len(known), _BINS), np.int64)
            counts[row, bin_] = count
            learned._edges = dict(zip(known.tolist(), counts, strict=True))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
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


def _medians(counts: Counts) -> Floats:
    """Along the last axis, the ratio in the middle of the bin in which the median is; of no counts, any."""
    up_to = np.cumsum(counts, axis=-1)
    middle = (up_to >= (up_to[..., -1:] + 1) // 2).argmax(axis=-1)
    ratios: Floats = 2.0 ** ((middle - _BINS // 2) / _PER_DOUBLING)
    return ratios
