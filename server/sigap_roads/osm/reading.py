"""Reads an extract with libosmium, nodes before ways before relations as every extract has them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path

import osmium
from osmium.filter import KeyFilter
from osmium.osm import NODE, RELATION, WAY, Location, Node, Relation, osm_entity_bits
from osmium.osm import Way as OsmWay

from sigap_roads.errors import MapError
from sigap_roads.osm import tags
from sigap_roads.osm.blocks import parts
from sigap_roads.ways import Obstacle, Restriction, Way, Ways

ATTRIBUTION = "© OpenStreetMap contributors"
_XML = (".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
_MANY_SIDED = frozenset({"entry", "exit"})

# What is told of restrictions that were not read.
CONDITIONAL = "turn restrictions that hold at times"
MALFORMED = "turn restrictions that make no sense"


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of the world, edges included; degrees × 10⁷."""

    south_e7: int
    west_e7: int
    north_e7: int
    east_e7: int

    def has(self, lat_e7: int, lon_e7: int) -> bool:
        return self.south_e7 <= lat_e7 <= self.north_e7 and self.west_e7 <= lon_e7 <= self.east_e7


def read_osm(path: Path, box: Box | None = None, progress: Callable[[float], None] | None = None) -> Ways:
    """The roads in an extract, .osm.pbf or XML (.osm, .osm.gz, .osm.bz2); of streets that leave the box, what is in it.

    progress   is told the part of the file that has been read, up to 1.0; of a file in XML only that

    Raises MapError if the file is empty, broken, something else, or has no roads (there), OSError if it cannot be read.
    """
    size = path.stat().st_size
    if size == 0:
        raise MapError(f"{path} is empty")
    reader = _Reader(box)
    locations = osmium.index.create_map("flex_mem")
    try:
        if path.name.endswith(_XML):
            reader.read(_objects(path, locations))
        else:
            for part, position in parts(path):
                reader.read(_objects(osmium.io.FileBuffer(part, "pbf"), locations))
                if progress is not None:
                    progress(position / size)
    except RuntimeError as error:
        raise MapError(f"{path} cannot be read as a map: {error}") from error
    if progress is not None:
        progress(1.0)
    return reader.ways(path)


def _objects(source: Path | osmium.io.FileBuffer, locations: osmium.index.LocationTable) -> osmium.FileProcessor:
    """What may matter of the source, chosen by libosmium; `locations` gathers where all its nodes are."""
    processor = osmium.FileProcessor(source, NODE | WAY | RELATION)
    processor.with_locations(locations)  # type: ignore[arg-type] # a table is allowed, its typings forgot it
    for kind, keys in ((NODE, tags.NODE_KEYS), (WAY, tags.WAY_KEYS), (RELATION, tags.RELATION_KEYS)):
        processor.with_filter(_having(keys, kind))
    return processor


def _having(keys: tuple[str, ...], kind: osm_entity_bits) -> KeyFilter:
    chosen = KeyFilter(*keys)
    chosen.enable_for(kind)
    return chosen


@dataclass
class _Reader:
    box: Box | None
    nodes: dict[int, tuple[int, int]] = field(default_factory=dict)
    found: list[Way] = field(default_factory=list)
    restrictions: list[Restriction] = field(default_factory=list)
    obstacles: dict[int, Obstacle] = field(default_factory=dict)
    ends: set[int] = field(default_factory=set)
    unread: Counter[str] = field(default_factory=Counter)
    # Where no car gets past, each street has an end of its own: nodes with numbers that no source has, not even an
    # editor's for what was not uploaded yet (from -1 downwards).
    own_ids: Iterator[int] = field(default_factory=lambda: count(-(1 << 62)))

    def read(self, objects: osmium.FileProcessor) -> None:
        for one in objects:
            if isinstance(one, OsmWay):
                self._way(one)
            elif isinstance(one, Relation):
                self._relation(one)
            elif isinstance(one, Node):
                self._node(one)

    def _node(self, node: Node) -> None:
        said = dict(node.tags)
        kind = tags.obstacle(said)
        if tags.is_end(said):
            self.ends.add(node.id)
        elif kind is not None:
            self.obstacles[node.id] = kind

    def _way(self, way: OsmWay) -> None:
        # Where it lies comes first: it is quicker to see, and what is elsewhere is not counted as unread.
        if self.box is not None and not any(self._is_in(node.location) for node in way.nodes):
            return
        road = tags.road(dict(way.tags))
        if isinstance(road, str):
            self.unread[road] += 1
            return
        for node_ids in self._runs(way):
            self.found.append(
                Way(
                    way.id,
                    tuple(node_ids),
                    road.road_class,
                    road.name,
                    road.oneway,
                    road.maxspeed_kmh,
                    road.avgspeed_kmh,
                    road.access,
                    road.is_link,
                    road.is_roundabout,
                )
            )

    def _runs(self, way: OsmWay) -> Iterator[list[int]]:
        """The way's nodes without those that are not in the file or not in the box, and in parts where it is barred."""
        run: list[int] = []
        for node in way.nodes:
            place = node.location
            if not self._is_in(place):
                if len(run) > 1:
                    yield run
                run = []
                continue
            at, ref = (place.y, place.x), node.ref
            if ref in self.ends:
                run.append(self._own(at))
                if len(run) > 1:
                    yield run
                run = [self._own(at)]
                continue
            self.nodes[ref] = at
            run.append(ref)
        if len(run) > 1:
            yield run

    def _is_in(self, place: Location) -> bool:
        return place.valid() and (self.box is None or self.box.has(place.y, place.x))

    def _own(self, place: tuple[int, int]) -> int:
        node = next(self.own_ids)
        self.nodes[node] = place
        return node

    def _relation(self, relation: Relation) -> None:
        said = dict(relation.tags)
        if "restriction:conditional" in said:
            self.unread[CONDITIONAL] += 1
        rule = tags.turn(said)
        if rule is None:
            return
        only, what = rule
        by_role = {role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")}
        sides = [m.ref for m in by_role["from"] if m.type == "w"], [m.ref for m in by_role["to"] if m.type == "w"]
        kinds = {m.type for m in by_role["via"]}
        is_clear = all(len(side) == 1 or (side and what in _MANY_SIDED) for side in sides)
        via_is_way = kinds == {"w"}
        if not is_clear or not (via_is_way or (kinds == {"n"} and len(by_role["via"]) == 1)):
            self.unread[MALFORMED] += 1
            return
        via = tuple(m.ref for m in by_role["via"])
        self.restrictions += [Restriction(a, via, b, only, via_is_way) for a, b in product(*sides)]

    def ways(self, path: Path) -> Ways:
        if not self.found:
            where = " in the box" if self.box is not None else ""
            raise MapError(f"{path} has no roads{where}")
        return Ways(
            nodes=self.nodes,
            ways=tuple(self.found),
            restrictions=tuple(self.restrictions),
            obstacles={node: kind for node, kind in self.obstacles.items() if node in self.nodes},
            attribution=ATTRIBUTION,
            source=path.name,
            unread=dict(self.unread),
        )
