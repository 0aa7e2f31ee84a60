"""The commands `sigap roads …`."""

from pathlib import Path
from typing import Annotated

import typer

roads = typer.Typer(name="roads", help="The city's roads: from a map to a road file.", no_args_is_help=True)

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
def info(
    file: Annotated[Path | None, typer.Argument(help="A road file, or a map; without it, the built-in city.")] = None,
) -> None:
    """What a road file holds, and what of its map is not in it."""
    from sigap.roads.info import show

    show(file)
