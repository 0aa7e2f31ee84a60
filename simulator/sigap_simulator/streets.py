"""A made-up city of straight streets: endless, slightly irregular blocks, main roads among lanes."""

from dataclasses import dataclass
from random import Random

Junction = tuple[int, int]
"""The (column, row) of two crossing streets."""
Point = tuple[float, float]
"""(east_m, north_m) from the plan's origin."""

_SPREAD = 0.25  # of the block's length, to either side
_MAIN_EVERY = 4
_MAIN_LIMIT_MPS = 13.9
_LANE_LIMIT_MPS = 8.3


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the street between two neighbouring junctions."""

    point: Point
    ends: tuple[Junction, Junction]


class StreetGrid:
    """Streets running north and east. The same seed gives the same city, however far one drives."""

    def __init__(self, seed: int = 0, block_east_m: float = 130.0, block_north_m: float = 100.0) -> None:
        self._seed = seed
        self._blocks = (block_east_m, block_north_m)
        self._lines: dict[Junction, float] = {}

    def point(self, junction: Junction) -> Point:
        return self._line_m(0, junction[0]), self._line_m(1, junction[1])

    def _line_m(self, axis: int, index: int) -> float:
        """Where the `index`th street across `axis` (0 east, 1 north) lies."""
        key = (axis, index)
        if key not in self._lines:
            shift = Random(f"{self._seed}:{axis}:{index}").uniform(-_SPREAD, _SPREAD)
            self._lines[key] = (index + shift) * self._blocks[axis]
        return self._lines[key]

    def neighbours(self, junction: Junction) -> list[Junction]:
        column, row = junction
        return [(column, row + 1), (column + 1, row), (column, row - 1), (column - 1, row)]

    def limit_mps(self, a: Junction, b: Junction) -> float:
        """The speed that drivers keep to between two neighbouring junctions."""
        street = a[0] if a[0] == b[0] else a[1]
        return _MAIN_LIMIT_MPS if street % _MAIN_EVERY == 0 else _LANE_LIMIT_MPS

    def nearest(self, point: Point) -> Place:
        """The nearest place on any street."""
        east, north = point
        column, row = self._below(0, east), self._below(1, north)
        candidates = []
        for side in (column, column + 1):
            on = (self._line_m(0, side), north)
            candidates.append((abs(east - on[0]), Place(on, ((side, row), (side, row + 1)))))
        for side in (row, row + 1):
            on = (east, self._line_m(1, side))
            candidates.append((abs(north - on[1]), Place(on, ((column, side), (column + 1, side)))))
        return min(candidates, key=lambda item: item[0])[1]

    def _below(self, axis: int, at_m: float) -> int:
        """The street at or before a coordinate."""
        index = round(at_m / self._blocks[axis])
        while self._line_m(axis, index) > at_m:
            index -= 1
        while self._line_m(axis, index + 1) <= at_m:
            index += 1
        return index

    def route(self, start: Junction, end: Junction, column_first: bool) -> list[Junction]:
        """The junctions from `start` (left out) to `end` (included), turning once."""
        corner = (start[0], end[1]) if column_first else (end[0], start[1])
        return _straight(start, corner) + _straight(corner, end)


def _straight(start: Junction, end: Junction) -> list[Junction]:
    found = []
    column, row = start
    while (column, row) != end:
        column += (end[0] > column) - (end[0] < column)
        row += (end[1] > row) - (end[1] < row)
        found.append((column, row))
    return found
