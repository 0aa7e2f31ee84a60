"""What a source of roads says, before anybody has weighed it: OpenStreetMap's extract and the built-in city alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class RoadClass(IntEnum):
    """Classes of roads from the greatest on, as OpenStreetMap's `highway`; a `_link` belongs to its class."""

    MOTORWAY = 0
    TRUNK = 1
    PRIMARY = 2
    SECONDARY = 3
    TERTIARY = 4
    UNCLASSIFIED = 5
    RESIDENTIAL = 6
    LIVING_STREET = 7
    SERVICE = 8
    TRACK = 9


class Access(StrEnum):
    """Who may drive there. What nobody may, not even the police, is no way at all."""

    OPEN = "open"
    PRIVATE = "private"
    BUS = "bus"
    DESTINATION = "destination"


class Obstacle(StrEnum):
    """What a junction or a point on the way costs time for."""

    SIGNALS = "signals"
    CROSSING = "crossing"
    LEVEL_CROSSING = "level_crossing"
    BARRIER = "barrier"


@dataclass(frozen=True, slots=True)
class Way:
    """One street or part of it.

    node_ids       at least two, in the direction in which it was drawn
    oneway         0 both directions, 1 as drawn, -1 against
    maxspeed_kmh   what a sign says, None if not known
    avgspeed_kmh   what was measured, None if not known: then it counts before everything else
    """

    way_id: int
    node_ids: tuple[int, ...]
    road_class: RoadClass
    name: str = ""
    oneway: int = 0
    maxspeed_kmh: float | None = None
    avgspeed_kmh: float | None = None
    access: Access = Access.OPEN
    is_link: bool = False
    is_roundabout: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn from one way into another over a node, or over a way between, that is forbidden, or the only one allowed.

    via   one node_id (`via_is_way` False), or the way_ids between
    """

    from_way: int
    via: tuple[int, ...]
    to_way: int
    only: bool = False
    via_is_way: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """All roads of a source.

    nodes         node_id → (lat_e7, lon_e7)
    obstacles     node_id → what is there
    attribution   what a map made from it must show, e.g. "© OpenStreetMap contributors"; "" for a made-up city
    unread        what the source had that is not here: reason → count
    """

    nodes: Mapping[int, tuple[int, int]]
    ways: tuple[Way, ...]
    restrictions: tuple[Restriction, ...] = ()
    obstacles: Mapping[int, Obstacle] = field(default_factory=dict)
    attribution: str = ""
    source: str = ""
    unread: Mapping[str, int] = field(default_factory=dict)
