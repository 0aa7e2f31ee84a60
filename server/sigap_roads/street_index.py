"""Which streets are near a point: a grid over the pieces of all shapes, and the nearest of them."""

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.compiled import compiled
from sigap_roads.geometry import METRES_PER_E7
from sigap_roads.graph import RoadGraph
from sigap_roads.search import FULL, Int32, Int64, Whole, fixed

GPS_ERROR_M = 8.0  # how far from the middle of its carriageway a car's position typically is
COURSE_ERROR_DEG = 30.0  # and its course from the street's, in a bend or when it changes lanes
ANY_COURSE = -1.0
_CELL_E7 = 10_000  # 111 m from north to south
_CELLS_MAX = 4_000_000
NONE = -1
_ACROSS_M = 15.0  # a standing car may as well be on a carriageway that is so much further away


@dataclass(frozen=True, slots=True)
class StreetIndex:
    """Pieces are straight, between two points of a shape; a street of both directions has them once.

    piece_edge piece_point   (p,) the edge, the one with the lower number of two directions, and the piece's first point
    cell_first               (rows × columns + 1,) pieces that touch a cell: cell_piece[cell_first[c]:cell_first[c+1]]
    shape                    of the grid: south, west (degrees × 10⁷), cell_e7, rows, columns
    """

    piece_edge: Int32
    piece_point: Int32
    cell_first: Int64
    cell_piece: Int32
    shape: tuple[int, int, int, int, int]


def build_index(graph: RoadGraph, wanted: npt.NDArray[np.bool_] | None = None) -> StreetIndex:
    """Takes some 0.1 s for a large city. `wanted` (m,): of these edges alone; both directions of a street or none."""
    edges = np.arange(graph.edge_count, dtype=np.int32)
    kept = (graph.edge_twin < 0) | (edges < graph.edge_twin)
    if wanted is not None:
        kept &= wanted
    pieces = np.where(kept, np.diff(graph.edge_shape) - 1, 0)
    piece_edge = np.repeat(edges, pieces)
    within = np.arange(len(piece_edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    piece_point = (graph.edge_shape[piece_edge] + within).astype(np.int32)
    lat, lon = graph.shape_lat_e7, graph.shape_lon_e7
    south, height = _range(lat)
    west, width = _range(lon)
    cell_e7 = _CELL_E7
    while (height // cell_e7 + 1) * (width // cell_e7 + 1) > _CELLS_MAX:
        cell_e7 *= 2
    shape = (south, west, cell_e7, height // cell_e7 + 1, width // cell_e7 + 1)
    cell_first, cell_piece = _fill(fixed(lat), fixed(lon), piece_point, *shape)
    return StreetIndex(piece_edge, piece_point, cell_first, cell_piece, shape)


def _range(values: Int32) -> tuple[int, int]:
    """The least of them, and how much greater the greatest is."""
    return (int(values.min()), int(values.max()) - int(values.min())) if len(values) else (0, 0)


@compiled
def _fill(
    lat: Int32, lon: Int32, piece_point: Int32, south: int, west: int, cell_e7: int, rows: int, columns: int
) -> tuple[Int64, Int32]:
    """Every piece into all cells of the rectangle around it, in the order of the pieces."""
    first = np.zeros(rows * columns + 1, np.int64)
    piece = np.empty(0, np.int32)
    for filling in range(2):
        for i in range(len(piece_point)):
            a, b = piece_point[i], piece_point[i] + 1
            for row in range((min(lat[a], lat[b]) - south) // cell_e7, (max(lat[a], lat[b]) - south) // cell_e7 + 1):
                for column in range(
                    (min(lon[a], lon[b]) - west) // cell_e7, (max(lon[a], lon[b]) - west) // cell_e7 + 1
                ):
                    cell = row * columns + column
                    if filling:
                        piece[first[cell]] = i
                    first[cell] += 1
        if not filling:
            # From counts to the beginning of each list; filling then moves every beginning to its end.
            total = 0
            for cell in range(rows * columns):
                count = first[cell]
                first[cell] = total
                total += count
            piece = np.empty(total, np.int32)
    for cell in range(rows * columns, 0, -1):
        first[cell] = first[cell - 1]
    first[0] = 0
    return first, piece


@compiled
def piece_from(
    lat_e7: Whole, lon_e7: Whole, a_lat: Whole, a_lon: Whole, b_lat: Whole, b_lon: Whole
) -> tuple[float, float, float]:
    """(metres from the point, how far along the piece 0…1, the piece's bearing in degrees 0…360), on a flat Earth."""
    east = METRES_PER_E7 * np.cos(lat_e7 * (pi / 180 * 1e-7))
    ax, ay = (a_lon - lon_e7) * east, (a_lat - lat_e7) * METRES_PER_E7
    dx, dy = (b_lon - a_lon) * east, (b_lat - a_lat) * METRES_PER_E7
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / square))
    x, y = ax + along * dx, ay + along * dy
    return np.sqrt(x * x + y * y), along, np.degrees(np.arctan2(dx, dy)) % 360.0


@compiled
def angle_between(first_deg: float, second_deg: float) -> float:
    """0 to 180."""
    apart = abs(first_deg - second_deg) % 360.0
    return min(apart, 360.0 - apart)


@compiled
def match(
    lat_e7: Whole,
    lon_e7: Whole,
    course_deg: float,
    max_m: float,
    partner: Whole,
    edge_twin: Int32,
    edge_class: npt.NDArray[np.uint8],
    edge_name: Int32,
    lat: Int32,
    lon: Int32,
    piece_edge: Int32,
    piece_point: Int32,
    cell_first: Int64,
    cell_piece: Int32,
    south: int,
    west: int,
    cell_e7: int,
    rows: int,
    columns: int,
) -> tuple[int, int, float, float]:
    """The edge that a point is most likely on: (edge, piece, along the piece 0…1, metres away); edge -1 if none.

    With a course, the directed edge of the least (metres / GPS_ERROR_M)² + (degrees / COURSE_ERROR_DEG)²; without, the
    nearest, and of two directions the lower number. Of equals the lowest number.

    partner   only one-ways that can be the other carriageway of this one's street: of the same name, or both without
              one and of the same class; the course must fit by 30°. -1 for any edge
    """
    row, column = (lat_e7 - south) // cell_e7, (lon_e7 - west) // cell_e7
    cell_m = cell_e7 * METRES_PER_E7 * min(1.0, np.cos(lat_e7 * (pi / 180 * 1e-7)))
    # Outside the grid nothing is found before its border is reached.
    ring = max(0, -row, row - rows + 1, -column, column - columns + 1)
    best_edge, best_piece, best_along, best_m = NONE, NONE, 0.0, 0.0
    best = (max_m / GPS_ERROR_M) ** 2 + (180.0 / COURSE_ERROR_DEG) ** 2 + 1.0
    while True:
        nearest_m = (ring - 1) * cell_m
        if nearest_m > max_m or (nearest_m > 0 and (nearest_m / GPS_ERROR_M) ** 2 > best):
            return best_edge, best_piece, best_along, best_m
        for r in range(max(0, row - ring), min(rows, row + ring + 1)):
            inner = row - ring < r < row + ring
            for c in range(column - ring, column + ring + 1, max(1, 2 * ring) if inner else 1):
                if not 0 <= c < columns:
                    continue
                for i in range(cell_first[r * columns + c], cell_first[r * columns + c + 1]):
                    piece = cell_piece[i]
                    edge, point = piece_edge[piece], piece_point[piece]
                    if partner >= 0 and (
                        edge == partner
                        or edge_twin[edge] >= 0
                        or edge_name[edge] != edge_name[partner]
                        or (edge_name[edge] == 0 and edge_class[edge] != edge_class[partner])
                    ):
                        continue
                    away_m, along, bearing_deg = piece_from(
                        lat_e7, lon_e7, lat[point], lon[point], lat[point + 1], lon[point + 1]
                    )
                    if away_m > max_m:
                        continue
                    score = (away_m / GPS_ERROR_M) ** 2
                    if course_deg != ANY_COURSE:
                        apart_deg = angle_between(bearing_deg, course_deg)
                        if partner >= 0 and apart_deg > COURSE_ERROR_DEG:
                            continue
                        if edge_twin[edge] >= 0 and apart_deg > 90.0:
                            edge, along, apart_deg = edge_twin[edge], 1.0 - along, 180.0 - apart_deg
                        score += (apart_deg / COURSE_ERROR_DEG) ** 2
                    if score < best or (score == best and edge < best_edge):
                        best, best_edge, best_piece, best_along, best_m = score, edge, piece, along, away_m
        ring += 1


@compiled
def along_edge(
    edge: int,
    piece: int,
    along: float,
    piece_edge: Int32,
    piece_point: Int32,
    edge_shape: Int32,
    lat: Int32,
    lon: Int32,
) -> int:
    """How far along the whole directed edge a place on one of its pieces is, in 1/65536."""
    kept = piece_edge[piece]
    if kept != edge:
        along = 1.0 - along
    before_m, total_m = 0.0, 0.0
    for point in range(edge_shape[kept], edge_shape[kept + 1] - 1):
        east = np.cos(lat[point] * (pi / 180 * 1e-7))
        length_m = np.hypot(float(lat[point + 1] - lat[point]), (lon[point + 1] - lon[point]) * east)
        if point == piece_point[piece]:
            before_m = total_m + along * length_m
        total_m += length_m
    share = round(FULL * before_m / total_m) if total_m > 0 else 0
    return share if kept == edge else FULL - share


@compiled
def piece_bearing(piece: int, piece_point: Int32, lat: Int32, lon: Int32) -> float:
    """Degrees, 0 to 360, as the piece was drawn."""
    point = piece_point[piece]
    _, _, bearing_deg = piece_from(lat[point], lon[point], lat[point], lon[point], lat[point + 1], lon[point + 1])
    return bearing_deg


@compiled
def snap_all(
    lat_e7: Int32,
    lon_e7: Int32,
    course_deg: npt.NDArray[np.float64],
    max_m: float,
    turn_round_ms: Int32,
    edges: Int32,
    along: Int32,
    extra_ms: Int32,
    off_m: npt.NDArray[np.float32],
    edge_shape: Int32,
    streets: tuple[Int32, npt.NDArray[np.uint8], Int32, Int32, Int32],
    index: tuple[Any, ...],
) -> None:
    """Fill in the places of cars, see snap.Snapper.cars: `edges` and `along` (2, n), `extra_ms` and `off_m` (n,)."""
    twins, classes, _, lat, lon = streets
    for i in range(len(lat_e7)):
        edge, piece, at, away_m = match(lat_e7[i], lon_e7[i], course_deg[i], max_m, NONE, *streets, *index)
        if edge < 0:
            continue
        off_m[i] = away_m
        edges[0, i] = edge
        along[0, i] = along_edge(edge, piece, at, index[0], index[1], edge_shape, lat, lon)
        stands = course_deg[i] == ANY_COURSE
        if twins[edge] >= 0:
            extra = 0 if stands else turn_round_ms[classes[edge]]
            if extra >= 0:
                edges[1, i] = twins[edge]
                along[1, i] = FULL - along[0, i]
                extra_ms[i] = extra
        elif stands:
            back_deg = (piece_bearing(piece, index[1], lat, lon) + 180.0) % 360.0
            other, piece, at, _ = match(
                lat_e7[i], lon_e7[i], back_deg, min(max_m, away_m + _ACROSS_M), edge, *streets, *index
            )
            if other >= 0:
                edges[1, i] = other
                along[1, i] = along_edge(other, piece, at, index[0], index[1], edge_shape, lat, lon)
