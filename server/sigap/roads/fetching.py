"""`sigap roads fetch`: a map from where OpenStreetMap's data is given away."""

import importlib.metadata
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from sigap.errors import CommandError
from sigap.roads import catalogue, download
from sigap.roads.boxes import parse_box
from sigap.roads.command import Source
from sigap_roads.osm import ATTRIBUTION, Box

SERVERS = {
    Source.GEOFABRIK: "https://download.geofabrik.de",
    Source.OVERPASS: "https://overpass-api.de/api/interpreter",
}
_TIMEOUT_S = 30.0
_OVERPASS_TIMEOUT_S = 300

# Nodes come before ways and ways before relations: the order in which `out` prints.
_QUERY = """\
[out:xml][timeout:{timeout_s}];
way["highway"]({south},{west},{north},{east})->.roads;
(.roads; node(w.roads); rel(bw.roads)["type"="restriction"];);
out body;
"""


def fetch_map(place: str | None, bbox: str | None, source: Source, server: str | None, out: Path | None) -> None:
    """Downloads and tells what to do with it. Raises CommandError."""
    box = parse_box(bbox) if bbox is not None else None
    if (place is None) == (box is None):
        raise CommandError("expected either a PLACE or --bbox")
    base = server or SERVERS[source]
    agent = f"sigap/{importlib.metadata.version('sigap')}"
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True, headers={"User-Agent": agent}) as client:
        if source is Source.GEOFABRIK:
            path = _from_geofabrik(client, base, place, box, out)
        elif box is not None:
            path = _from_overpass(client, base, box, out)
        else:
            raise CommandError("--source overpass knows no places, expected --bbox")
    console = Console()
    console.print(f"{path}: map data {ATTRIBUTION}", soft_wrap=True, highlight=False)
    clipped = f" --bbox={bbox}" if bbox is not None and source is Source.GEOFABRIK else ""
    console.print(f"next: sigap roads import {path}{clipped}", soft_wrap=True, highlight=False)


def _from_geofabrik(client: httpx.Client, base: str, place: str | None, box: Box | None, out: Path | None) -> Path:
    """Without a place its borders are needed: the larger of the two indexes."""
    index = download.get(client, f"{base}/{'index-v1.json' if box else 'index-v1-nogeom.json'}")
    try:
        extracts = catalogue.read_index(index.json())
    except ValueError:
        raise CommandError(f"{index.url} is no index of extracts: it is not JSON") from None
    extract = catalogue.around(extracts, box) if box is not None else catalogue.by_name(extracts, place or "")
    path = out or Path(extract.url.rpartition("/")[2])
    md5 = download.get(client, extract.url + ".md5").text.partition(" ")[0].strip()
    if path.exists() and download.file_md5(path) == md5:
        return path
    with _bar(extract.name) as progress:
        download.download(client, extract.url, path, md5, progress)
    return path


def _from_overpass(client: httpx.Client, base: str, box: Box, out: Path | None) -> Path:
    """Made on demand: cannot be resumed. The server tells of its own troubles within the answer."""
    south, west, north, east = (f"{e7 / 1e7:.7f}" for e7 in (box.south_e7, box.west_e7, box.north_e7, box.east_e7))
    query = _QUERY.format(timeout_s=_OVERPASS_TIMEOUT_S, south=south, west=west, north=north, east=east)
    path = out or Path(f"roads_{box.west_e7}_{box.south_e7}_{box.east_e7}_{box.north_e7}.osm")
    part = path.with_name(path.name + ".part")
    last, there = b"", 0
    try:
        with (
            _bar("overpass") as progress,
            client.stream("POST", base, data={"data": query}, timeout=_OVERPASS_TIMEOUT_S + _TIMEOUT_S) as response,
        ):
            download.check(response)
            with part.open("wb") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    there += len(chunk)
                    last = (last + chunk)[-2000:]
                    progress(there, None)
    except httpx.TransportError as error:
        raise CommandError(f"{base}: {download.words(error)}") from error
    if b"<remark>" in last:
        said = last.partition(b"<remark>")[2].partition(b"</remark>")[0].decode(errors="replace").strip()
        raise CommandError(f"{base} did not finish: {said}; a smaller box, or --source geofabrik")
    if not last.rstrip().endswith(b"</osm>"):
        raise CommandError(f"{base} answered something else than a map, or not all of it")
    os.replace(part, path)
    return path


@contextmanager
def _bar(words: str) -> Iterator[download.Progress]:
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(TextColumn(words, markup=False), *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda there, total: bar.update(task, completed=there, total=total)
