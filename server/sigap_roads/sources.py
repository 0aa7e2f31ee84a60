"""Roads from whatever file somebody has."""

from collections.abc import Callable
from pathlib import Path

from sigap_roads.build import build
from sigap_roads.file import MAGIC, load
from sigap_roads.graph import RoadGraph
from sigap_roads.profile import Profile


def open_roads(
    path: Path, profile: Profile | None = None, progress: Callable[[float], None] | None = None
) -> RoadGraph:
    """The graph in a road file, or of a map that is read on the spot, by the profile that is given or by Profile().

    progress   is told the part done, up to 1.0

    Raises RoadsError, or OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        is_road_file = file.read(len(MAGIC)) == MAGIC
    if is_road_file:
        return load(path)
    # Not needed by those who have a road file, and slow to load.
    from sigap_roads.osm import read_osm

    tell = progress or (lambda _part: None)
    ways = read_osm(path, progress=lambda part: tell(part * 0.8))
    return build(ways, profile or Profile(), lambda part: tell(0.8 + part * 0.2))
