"""Roads that operators closed or slowed: which edges, for how long, and what that does to travel times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.errors import RoadsError
from sigap_roads.graph import RoadGraph
from sigap_roads.search import Int32

FACTOR_MAX = 20.0
_POINTS_MAX = 10_000

Ring = npt.NDArray[np.float64]  # (n, 2) longitude and latitude in degrees × 10⁷, without the first point again


@dataclass(frozen=True, slots=True)
class RoadChange:
    """One closed or slowed place; exactly one of area, street and edges says where.

    factor       travel times are multiplied by it, 1 to FACTOR_MAX; None for a closed road
    area         GeoJSON geometry, a Polygon or MultiPolygon: every edge that is at least partly inside
    street       a street's name, capitals or not: all of it, in both directions
    edges        edges of this graph
    expires_ms   from then on it does not hold any more; None if it holds until it is taken back
    """

    change_id: int
    factor: float | None
    area: Mapping[str, Any] | None = None
    street: str | None = None
    edges: tuple[int, ...] = ()
    expires_ms: int | None = None

    def holds(self, now_ms: int) -> bool:
        return self.expires_ms is None or now_ms < self.expires_ms


def edges_of(graph: RoadGraph, change: RoadChange) -> Int32:
    """The edges it is about. Raises RoadsError if there are none, or if what it says makes no sense."""
    if change.factor is not None and not (isfinite(change.factor) and 1 <= change.factor <= FACTOR_MAX):
        raise RoadsError(f"factor is {change.factor!r}, expected 1 to {FACTOR_MAX:g}, or nothing for a closed road")
    if (change.area is not None) + (change.street is not None) + bool(change.edges) != 1:
        raise RoadsError("expected an area, a street or edges, and only one of them")
    if change.area is not None:
        return _in_area(graph, _rings(change.area))
    if change.street is not None:
        return _of_street(graph, change.street)
    if not all(0 <= edge < graph.edge_count for edge in change.edges):
        raise RoadsError(f"edges are {change.edges!r}, expected 0 to {graph.edge_count - 1}")
    return np.array(change.edges, np.int32)


def changed_times(time_ms: Int32, changes: Iterable[tuple[RoadChange, Int32]]) -> tuple[Int32, npt.NDArray[np.bool_]]:
    """(time_ms, closed) under changes with their edges. Where several slow a road, the slowest counts, not all."""
    factor: npt.NDArray[np.float64] = np.ones(len(time_ms))
    closed: npt.NDArray[np.bool_] = np.zeros(len(time_ms), np.bool_)
    for change, edges in changes:
        if change.factor is None:
            closed[edges] = True
        else:
            factor[edges] = np.maximum(factor[edges], change.factor)
    return np.rint(time_ms * factor).astype(np.int32), closed


def _of_street(graph: RoadGraph, street: str) -> Int32:
    wanted = " ".join(street.casefold().split())
    names = [" ".join(name.casefold().split()) for name in graph.names]
    found = np.array([i for i, name in enumerate(names) if name == wanted and name], np.int32)
    edges = np.flatnonzero(np.isin(graph.edge_name, found)).astype(np.int32)
    if not len(edges):
        near = [graph.names[names.index(name)] for name in get_close_matches(wanted, names, 3)]
        raise RoadsError(f"there is no street {street!r}" + (f"; similar: {', '.join(near)}" if near else ""))
    return edges


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    """All rings, outer ones and holes alike. Raises RoadsError."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list | tuple):
        raise RoadsError(f"the area's type is {kind!r}, expected a GeoJSON Polygon or MultiPolygon with coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        rings = [np.array([point[:2] for point in ring], np.float64) for polygon in polygons for ring in polygon]
    except (TypeError, ValueError, KeyError):
        raise RoadsError(
            "the area's coordinates are expected to be lists of [longitude, latitude] in degrees"
        ) from None
    if not rings or sum(map(len, rings)) > _POINTS_MAX:
        raise RoadsError(f"the area has {sum(map(len, rings))} points, expected 3 to {_POINTS_MAX}")
    for ring in rings:
        if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3 or not np.isfinite(ring).all():
            raise RoadsError("a ring of the area has fewer than three points, or some that are not two numbers")
        if (np.abs(ring) > (180, 90)).any():
            raise RoadsError("a point of the area is off the Earth, expected [longitude, latitude] in degrees")
    return [ring * 1e7 for ring in rings]


def _in_area(graph: RoadGraph, rings: list[Ring]) -> Int32:
    """Edges with a point of their shape inside the rings (even-odd rule), or that cross one."""
    points = np.concatenate(rings)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    lon, lat = graph.shape_lon_e7, graph.shape_lat_e7
    # Pieces of shapes whose rectangle touches the area's; the last point of each shape begins none.
    begins = np.ones(len(lat), np.bool_)
    begins[graph.edge_shape[1:] - 1] = False
    first = np.flatnonzero(begins)
    near = (
        (np.minimum(lon[first], lon[first + 1]) <= east)
        & (np.maximum(lon[first], lon[first + 1]) >= west)
        & (np.minimum(lat[first], lat[first + 1]) <= north)
        & (np.maximum(lat[first], lat[first + 1]) >= south)
    )
    first = first[near]
    ax, ay, bx, by = (v.astype(np.float64) for v in (lon[first], lat[first], lon[first + 1], lat[first + 1]))
    inside = np.zeros(len(first), np.bool_)
    crossed = np.zeros(len(first), np.bool_)
    for ring in rings:
        for (px, py), (qx, qy) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if py != qy:
                inside ^= ((py > ay) != (qy > ay)) & (ax < (qx - px) * (ay - py) / (qy - py) + px)
            crossed |= (_side(px, py, qx, qy, ax, ay) != _side(px, py, qx, qy, bx, by)) & (
                _side(ax, ay, bx, by, px, py) != _side(ax, ay, bx, by, qx, qy)
            )
    # The end of a piece inside is the beginning of the next one; the end of the last one is crossed to get there.
    hit = first[inside | crossed]
    edges = np.unique(np.searchsorted(graph.edge_shape, hit, side="right") - 1).astype(np.int32)
    if not len(edges):
        raise RoadsError("there is no road in the area")
    return edges


def _side(ax: Any, ay: Any, bx: Any, by: Any, x: Any, y: Any) -> Any:
    """Whether points are to the left of lines."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
