"""What OpenStreetMap's tags mean for a patrol car. Pure; the rules are those of wiki.openstreetmap.org by key."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sigap_roads.ways import Access, Obstacle, RoadClass

Tags = Mapping[str, str]

# Of `highway`, beside the classes' own names. `busway` is a road for buses alone.
_CLASS = {road_class.name.lower(): road_class for road_class in RoadClass}
_CLASS |= {"road": RoadClass.UNCLASSIFIED, "busway": RoadClass.SERVICE}
_LINK = "_link"

# The more exact key counts before the general one.
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_ONEWAY_KEYS = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
_RESTRICTION_KEYS = ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction")
# Nothing else in a file needs to be looked at.
NODE_KEYS = ("highway", "railway", "barrier")
WAY_KEYS = ("highway",)
RELATION_KEYS = (*_RESTRICTION_KEYS, "restriction:conditional")

_ACCESS = {
    **dict.fromkeys(("destination", "customers", "delivery"), Access.DESTINATION),
    **dict.fromkeys(("private", "permit", "residents", "agricultural", "forestry", "military"), Access.PRIVATE),
}
_ALLOWED = ("yes", "designated", "permissive", "official")
_ONEWAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1, "no": 0, "false": 0, "0": 0, "alternating": 0}
_REVERSIBLE = "reversible"

# Barriers that a car gets past; at the others on a street it ends. Kerbs, bumps and the like are none for a car.
_PASSABLE = {"gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "bump_gate", "toll_booth", "chain"}
_PASSABLE |= {"rope", "border_control", "checkpoint", "police"}
_NO_BARRIER = {"kerb", "entrance", "cattle_grid", "height_restrictor", "speed_bump", "sally_port", "no"}
_MARKED = {"marked", "zebra", "uncontrolled", "traffic_signals", "pelican", "puffin", "toucan"}

_SPEED = re.compile(r"(\d+(?:\.\d+)?) ?(km/h|kmh|kph|mph|knots)?")
_KMH = {None: 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_TURN = re.compile(r"(no|only)_(left_turn|right_turn|straight_on|u_turn|entry|exit)")

# Why a way is not among the roads.
NO_ROAD = "ways not for cars"
FORBIDDEN = "roads closed to every car"
REVERSIBLE = "roads whose direction changes by the hour"


@dataclass(frozen=True, slots=True)
class Road:
    """What a way's tags say; as in ways.Way."""

    road_class: RoadClass
    name: str
    oneway: int
    maxspeed_kmh: float | None
    avgspeed_kmh: float | None
    access: Access
    is_link: bool
    is_roundabout: bool


def road(tags: Tags) -> Road | str:
    """The road, or the reason for which it is none to a patrol car."""
    highway = tags.get("highway", "")
    road_class = _CLASS.get(highway.removesuffix(_LINK))
    if road_class is None or tags.get("area") == "yes":
        return NO_ROAD
    allowed = access(tags)
    if allowed is None:
        return FORBIDDEN
    direction = _first(tags, _ONEWAY_KEYS)
    if direction == _REVERSIBLE:
        return REVERSIBLE
    is_roundabout = tags.get("junction") in ("roundabout", "circular")
    return Road(
        road_class=road_class,
        name=tags.get("name") or tags.get("ref", ""),
        oneway=_ONEWAY.get(direction, int(is_roundabout or highway == "motorway")),
        maxspeed_kmh=speed_kmh(tags.get("maxspeed", "")),
        avgspeed_kmh=speed_kmh(tags.get("avgspeed", "")),
        access=Access.BUS if highway == "busway" and allowed is Access.OPEN else allowed,
        is_link=highway.endswith(_LINK),
        is_roundabout=is_roundabout,
    )


def access(tags: Tags) -> Access | None:
    """Who may drive there, None for nobody. Where cars are forbidden, buses or emergency services may be allowed."""
    said = _first(tags, _ACCESS_KEYS)
    if said not in ("no", "emergency"):
        return _ACCESS.get(said, Access.OPEN)
    if said == "emergency" or tags.get("emergency") in _ALLOWED:
        return Access.PRIVATE
    if any(tags.get(key) in _ALLOWED for key in ("bus", "psv")):
        return Access.BUS
    return None


def speed_kmh(text: str) -> float | None:
    """ "40", "30 mph"; None for what is no number, as "none" or "ID:urban" are. Of several the lowest."""
    found = [_SPEED.fullmatch(part.strip()) for part in text.split(";")]
    speeds = [float(match[1]) * _KMH[match[2]] for match in found if match]
    return min(speeds) or None if speeds else None


def obstacle(tags: Tags) -> Obstacle | None:
    """What a node on a street costs time for."""
    kinds = tags.get("highway", "").split(";")
    if tags.get("railway") == "level_crossing":
        return Obstacle.LEVEL_CROSSING
    if tags.get("barrier") in _PASSABLE:
        return Obstacle.BARRIER
    if "traffic_signals" in kinds:
        return Obstacle.SIGNALS
    if "crossing" in kinds and tags.get("crossing") in _MARKED:
        return Obstacle.CROSSING
    return None


def is_end(tags: Tags) -> bool:
    """No car gets past this node: bollards, blocks, or a gate that is nobody's."""
    barrier = tags.get("barrier")
    if barrier is None or barrier in _NO_BARRIER:
        return False
    if barrier in _PASSABLE:
        return access(tags) is None
    return not any(tags.get(key) in _ALLOWED for key in _ACCESS_KEYS)


def turn(tags: Tags) -> tuple[bool, str] | None:
    """(only, what), e.g. (False, "left_turn"), of a turn restriction that holds for the police; None if it does not."""
    found = _TURN.fullmatch(_first(tags, _RESTRICTION_KEYS))
    excepted = re.split(r"[;, ]+", tags.get("except", ""))
    if found is None or {"motorcar", "motor_vehicle", "emergency", "police"} & set(excepted):
        return None
    return found[1] == "only", found[2]


def _first(tags: Tags, keys: tuple[str, ...]) -> str:
    return next(_given(tags, keys), "")


def _given(tags: Tags, keys: tuple[str, ...]) -> Iterator[str]:
    return (tags[key] for key in keys if key in tags)
