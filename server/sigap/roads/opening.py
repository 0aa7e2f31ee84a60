"""The roads that somebody named on the command line."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from sigap_roads.city import default_city
from sigap_roads.graph import RoadGraph
from sigap_roads.sources import open_roads


def open_named(file: Path | None, console: Console | None = None) -> RoadGraph:
    """The graph of a road file or a map, with a bar while it is read; without a file the built-in city.

    console   where the bar is drawn; without it, on standard error

    Raises RoadsError, or OSError if the file cannot be read.
    """
    if file is None:
        return default_city()
    with Progress(console=console or Console(stderr=True), transient=True) as bar:
        reading = bar.add_task(f"reading {file.name}", total=1.0)
        return open_roads(file, progress=lambda part: bar.update(reading, completed=part))
