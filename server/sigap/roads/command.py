"""The commands `sigap roads …`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

roads = typer.Typer(
    name="roads",
    help="The city's roads: from a map to a road file, and how long driving takes on them.",
    no_args_is_help=True,
)


class Source(StrEnum):
    """GEOFABRIK: whole countries and islands, made once a day, resumable. OVERPASS: the roads of a box as of now."""

    GEOFABRIK = "geofabrik"
    OVERPASS = "overpass"


_Box = Annotated[
    str | None, typer.Option("--bbox", help="WEST,SOUTH,EAST,NORTH in degrees: of the map only what is inside.")
]


@roads.command("import")
def import_map(
    file: Annotated[Path, typer.Argument(help="An extract of OpenStreetMap: .osm.pbf, .osm, .osm.gz or .osm.bz2.")],
    bbox: _Box = None,
    profile: Annotated[
        Path | None, typer.Option(help="TOML file with what driving costs; without it, as measured in Bandung.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Road file to write; without it, the map's name with .roads, in this folder.")
    ] = None,
) -> None:
    """Make the road file that the server and the demo drive on from a map."""
    from sigap.roads.importing import import_file

    import_file(file, bbox, profile, out)


@roads.command()
def fetch(
    place: Annotated[
        str | None, typer.Argument(help="A country, state or island as Geofabrik names it, such as java.")
    ] = None,
    bbox: _Box = None,
    source: Annotated[
        Source,
        typer.Option(help="geofabrik: whole regions, resumable. overpass: the roads of a --bbox alone."),
    ] = Source.GEOFABRIK,
    server: Annotated[str | None, typer.Option(help="Another server of the same kind: its base address.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; without it, as the server names it.")] = None,
) -> None:
    """Download a map; the same command goes on after an interruption."""
    from sigap.roads.fetching import fetch_map

    fetch_map(place, bbox, source, server, out)


@roads.command()
def info(
    file: Annotated[Path | None, typer.Argument(help="A road file, or a map; without it, the built-in city.")] = None,
) -> None:
    """What a road file holds, and what of its map is not in it."""
    from sigap.roads.info import show

    show(file)


_Roads = Annotated[Path | None, typer.Option("--roads", help="Road file or map; without it, the built-in city.")]


@roads.command()
def eta(
    begin: Annotated[str, typer.Option("--from", help="Where the car is: LAT,LON, and its COURSE if it drives.")],
    end: Annotated[str, typer.Option("--to", help="Where it is needed: LAT,LON.")],
    file: _Roads = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How long a car needs to a place, and by which streets."""
    from sigap.roads.looking import tell_eta

    tell_eta(begin, end, file, as_json)


# A latitude in the southern hemisphere looks like an option.
@roads.command(context_settings={"ignore_unknown_options": True})
def field(
    place: Annotated[str, typer.Argument(metavar="LAT,LON", help="Where somebody is needed.")],
    out: Annotated[Path, typer.Option(help="What to write: a picture (.png), or lines with minutes (.geojson).")],
    file: _Roads = None,
    minutes: Annotated[float, typer.Option(min=1, max=600, help="How far to look.")] = 15,
) -> None:
    """From where one is there in how many minutes: every street, as a picture or as GeoJSON."""
    from sigap.roads.looking import draw_field

    draw_field(place, out, file, minutes)
