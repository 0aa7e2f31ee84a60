"""`sigap roads import`."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from sigap.errors import CommandError
from sigap.roads.boxes import parse_box
from sigap.roads.info import show_graph
from sigap_roads.build import build
from sigap_roads.file import save
from sigap_roads.osm import read_osm
from sigap_roads.profile import Profile, load_profile

_SUFFIXES = (".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2", ".osm.xml", ".osm")


def import_file(file: Path, bbox: str | None, profile: Path | None, out: Path | None) -> None:
    """Writes the road file and tells what is in it."""
    box = parse_box(bbox) if bbox is not None else None
    costs = load_profile(profile) if profile is not None else Profile()
    out = out or Path(_without_suffix(file.name) + ".roads")
    if not out.parent.is_dir():
        raise CommandError(f"--out is {out}, but there is no folder {out.parent}")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        reading = bar.add_task(f"reading {file.name}", total=1.0)
        building = bar.add_task("building the graph", total=1.0)
        ways = read_osm(file, box, lambda part: bar.update(reading, completed=part))
        graph = build(ways, costs, lambda part: bar.update(building, completed=part))
    save(graph, out)
    show_graph(graph, out)


def _without_suffix(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
