"""Which of Geofabrik's extracts to download; pure. The index is described at download.geofabrik.de/technical.html."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sigap.errors import CommandError
from sigap_roads.osm import Box

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Extract:
    """rings   the outer borders of what it covers, (longitude, latitude) in degrees; none if the index tells none"""

    id: str
    name: str
    url: str
    rings: tuple[Ring, ...] = ()


def read_index(index: Any) -> list[Extract]:
    """The extracts in Geofabrik's index, a GeoJSON document. Raises CommandError if it is something else."""
    try:
        return [
            Extract(said["id"], said["name"], said["urls"]["pbf"], tuple(_rings(feature.get("geometry"))))
            for feature in index["features"]
            if "pbf" in (said := feature["properties"])["urls"]
        ]
    except (KeyError, TypeError) as error:
        raise CommandError(f"the index of extracts is not as expected: {error!r} is not there") from None


def by_name(extracts: list[Extract], place: str) -> Extract:
    """The one with this id or name, however it is written. Raises CommandError, with what is like it."""
    wanted = place.strip().lower()
    found = [extract for extract in extracts if wanted in (extract.id.lower(), extract.name.lower())]
    if found:
        return found[0]
    ids = [extract.id for extract in extracts]
    inside = [extract.id for extract in extracts if wanted and wanted in extract.name.lower()]
    like = list(dict.fromkeys([*inside, *difflib.get_close_matches(wanted, ids, n=5)]))[:8]
    hint = f"; there are: {', '.join(like)}" if like else "; for a single city give --bbox"
    raise CommandError(f"no extract is called {place!r}{hint}")


def around(extracts: list[Extract], box: Box) -> Extract:
    """The smallest one that covers the box. Raises CommandError."""
    found = [extract for extract in extracts if _covers(extract, box)]
    if not found:
        raise CommandError("no extract covers the whole box; a smaller box, or --source overpass")
    return min(found, key=lambda extract: (sum(map(_area, extract.rings)), extract.id))


def _rings(geometry: Any) -> Iterator[Ring]:
    if geometry is None:
        return
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield [(point[0], point[1]) for point in polygon[0]]


def _covers(extract: Extract, box: Box) -> bool:
    """All corners in the same ring: borders of extracts are drawn generously, none bends into a city."""
    corners = [(lon / 1e7, lat / 1e7) for lon in (box.west_e7, box.east_e7) for lat in (box.south_e7, box.north_e7)]
    return any(all(_is_in(ring, *corner) for corner in corners) for ring in extract.rings)


def _is_in(ring: Ring, x: float, y: float) -> bool:
    """A ray to the east crosses the border an odd number of times."""
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


def _area(ring: Ring) -> float:
    """In square degrees: enough to tell smaller from larger (Gauss's area formula)."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))) / 2
