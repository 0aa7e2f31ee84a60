"""`sigap roads eta` and `sigap roads field`: how long it takes, in words, as a picture or as GeoJSON."""

import sys
from pathlib import Path
from typing import Any

import orjson

from sigap.errors import CommandError
from sigap.roads.opening import open_named
from sigap_roads.field import Outcome, TravelTimeField, Way
from sigap_roads.graph import RoadGraph
from sigap_roads.live import LiveRoads
from sigap_roads.places import Cars
from sigap_roads.reach import reach_of, to_geojson
from sigap_roads.snap import COURSE_UNKNOWN

_MOVING_CMPS = 1000  # a course was given: it drives
_WORDS = {
    Outcome.NO_WAY: "there is no way from there",
    Outcome.CAR_OFF_MAP: "no road is near enough to the car",
    Outcome.INCIDENT_OFF_MAP: "no road is near enough to the place",
}


def tell_eta(begin: str, end: str, file: Path | None, as_json: bool) -> None:
    """Prints how long a car at `begin` needs to `end`, and by which streets."""
    lat_e7, lon_e7, course_cdeg = parse_place(begin, "--from", with_course=True)
    to_lat_e7, to_lon_e7, _ = parse_place(end, "--to")
    roads = LiveRoads(open_named(file))
    cars = roads.snap(lat_e7, lon_e7, course_cdeg, _MOVING_CMPS if course_cdeg != COURSE_UNKNOWN else 0)
    field = roads.field(to_lat_e7, to_lon_e7)
    document = _document(field, cars)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
        return
    if document["eta_s"] is None:
        raise CommandError(_WORDS[Outcome[document["outcome"].upper()]])
    print(f"{document['eta_s'] / 60:.1f} min, {document['distance_m'] / 1000:.1f} km")
    for words, said in (
        ("turning round first", document["turns_round"]),
        ("by " + ", ".join(document["streets"]), document["streets"]),
        (f"the last {document['on_foot_m']} m on foot", document["on_foot_m"]),
        ("out of a closed road", document["outcome"] == "leaves_closed_road"),
    ):
        if said:
            print(words)


def draw_field(place: str, out: Path, file: Path | None, minutes: float) -> None:
    """Writes the travel times to a place."""
    lat_e7, lon_e7, _ = parse_place(place, "LAT,LON")
    if out.suffix not in (".png", ".geojson", ".json"):
        raise CommandError(f"--out is {str(out)!r}, expected a name that ends with .png or .geojson")
    field = LiveRoads(open_named(file)).field(lat_e7, lon_e7)
    if not field.is_on_map:
        raise CommandError(_WORDS[Outcome.INCIDENT_OFF_MAP])
    reach = reach_of(field, round(minutes * 60_000))
    if out.suffix == ".png":
        from sigap_roads.picture import draw

        draw(field, reach, lat_e7, lon_e7).save(out)
    else:
        out.write_bytes(orjson.dumps(to_geojson(field, reach)))
    share = float((reach.time_ms >= 0).mean())
    print(f"{out}: {share:.0%} of all streets are within {minutes:g} min")


def parse_place(text: str, name: str, with_course: bool = False) -> tuple[int, int, int]:
    """(lat_e7, lon_e7, course_cdeg), the course -1 if there is none. Raises CommandError."""
    form = "LAT,LON or LAT,LON,COURSE" if with_course else "LAT,LON"
    try:
        lat, lon, *course = (float(part) for part in text.split(","))
        if len(course) > with_course or not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError
        if course and not 0 <= course[0] <= 360:
            raise ValueError
    except ValueError:
        raise CommandError(f"{name} is {text!r}, expected {form} in degrees") from None
    return round(lat * 1e7), round(lon * 1e7), round(course[0] * 100) % 36_000 if course else COURSE_UNKNOWN


def _document(field: TravelTimeField, cars: Cars) -> dict[str, Any]:
    etas = field.etas(cars)
    outcome = Outcome(int(etas.outcome[0])).name.lower()
    way = field.way(cars, 0)
    if way is None:
        return {"outcome": outcome, "eta_s": None}
    return {
        "outcome": outcome,
        "eta_s": int(etas.eta_ms[0]) / 1000,
        "distance_m": round(int(etas.length_dm[0]) / 10),
        "on_foot_m": _on_foot_m(field, way),
        "turns_round": way.turns_round,
        "streets": _streets(field.traffic.graph, way),
    }


def _on_foot_m(field: TravelTimeField, way: Way) -> int:
    return next((int(m) for m, ms in zip(field.stops.foot_m, field.stops.foot_ms, strict=True) if ms == way.foot_ms), 0)


def _streets(graph: RoadGraph, way: Way) -> list[str]:
    """Their names in order, each once in a row."""
    names: list[str] = []
    for edge in way.edges:
        name = graph.name_of(edge)
        if name and names[-1:] != [name]:
            names.append(name)
    return names
