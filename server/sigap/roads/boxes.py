"""Boxes as people give them on the command line."""

from sigap.errors import CommandError
from sigap_roads.osm import Box


def parse_box(text: str) -> Box:
    """WEST,SOUTH,EAST,NORTH in degrees, in the order of osmium and Geofabrik. Raises CommandError."""
    try:
        west, south, east, north = (round(float(part) * 1e7) for part in text.split(","))
    except (ValueError, OverflowError):
        raise CommandError(f"--bbox is {text!r}, expected WEST,SOUTH,EAST,NORTH in degrees") from None
    if not (-900_000_000 <= south < north <= 900_000_000 and -1_800_000_000 <= west < east <= 1_800_000_000):
        raise CommandError(
            f"--bbox is {text!r}, expected WEST,SOUTH,EAST,NORTH with west less than east and south less than north"
        )
    return Box(south, west, north, east)
