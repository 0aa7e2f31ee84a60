"""An extract is read as it was written; a file that is broken, empty or something else is refused with its reason."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation
from osmium.osm.mutable import Way as OsmWay

from sigap_roads.build import build
from sigap_roads.errors import MapError
from sigap_roads.osm import ATTRIBUTION, Box, read_osm
from sigap_roads.osm.reading import CONDITIONAL, MALFORMED
from sigap_roads.osm.tags import FORBIDDEN, NO_ROAD
from sigap_roads.profile import Profile
from sigap_roads.turns import ABSENT
from sigap_roads.ways import Obstacle, Restriction, RoadClass, Way, Ways
from tests.support.tools import REPOSITORY

SHARED = REPOSITORY.parent / "shared" / "data" / "osm"
LAT, LON = -6.9175, 107.6191


@dataclass
class Extract:
    """Nodes 1 to 12 in a row, 0.001° apart from west to east, as far as nothing else is said."""

    ways: dict[int, tuple[list[int], dict[str, str]]]
    nodes: dict[int, dict[str, str]] = field(default_factory=dict)
    relations: list[tuple[dict[str, str], list[tuple[str, int, str]]]] = field(default_factory=list)
    missing: tuple[int, ...] = ()

    def write(self, path: Path) -> Path:
        with osmium.SimpleWriter(str(path)) as writer:
            for node in range(1, 13):
                if node not in self.missing:
                    place = (LON + node / 1000, LAT)
                    writer.add_node(Node(id=node, location=place, tags=self.nodes.get(node, {})))
            for way_id, (refs, said) in self.ways.items():
                writer.add_way(OsmWay(id=way_id, nodes=refs, tags=said))
            for number, (said, members) in enumerate(self.relations, 1):
                writer.add_relation(Relation(id=number, members=members, tags=said))
        return path


def read(tmp_path: Path, *args: Any, **kwargs: Any) -> Ways:
    return read_osm(Extract(*args, **kwargs).write(tmp_path / "x.osm.pbf"))


def street(*refs: int, **said: str) -> tuple[list[int], dict[str, str]]:
    return list(refs), {"highway": "residential", **said}


def test_a_way_is_read(tmp_path: Path) -> None:
    said = {"name": "Jalan Braga", "oneway": "-1", "maxspeed": "30", "avgspeed": "17.5", "junction": "roundabout"}
    ways = read(
        tmp_path, {7: street(1, 2, 3, **said), 8: street(4, 5, highway="footway"), 9: street(5, 6, access="no")}
    )
    assert ways.ways == (Way(7, (1, 2, 3), RoadClass.RESIDENTIAL, "Jalan Braga", -1, 30.0, 17.5, is_roundabout=True),)
    assert ways.nodes == {i: (-69_175_000, 1_076_191_000 + i * 10_000) for i in (1, 2, 3)}
    assert (ways.attribution, ways.source) == (ATTRIBUTION, "x.osm.pbf")
    assert ways.unread == {NO_ROAD: 1, FORBIDDEN: 1}


def test_xml_is_the_same_as_pbf(tmp_path: Path) -> None:
    extract = Extract({7: street(1, 2, 3), 8: street(3, 4)}, {2: {"highway": "traffic_signals"}})
    pbf, xml = (read_osm(extract.write(tmp_path / name)) for name in ("a.osm.pbf", "a.osm"))
    assert (pbf.nodes, pbf.ways, pbf.obstacles) == (xml.nodes, xml.ways, xml.obstacles)


def test_obstacles_of_streets_alone(tmp_path: Path) -> None:
    nodes = {2: {"highway": "traffic_signals"}, 3: {"barrier": "gate"}, 9: {"railway": "level_crossing"}}
    assert read(tmp_path, {7: street(1, 2, 3)}, nodes).obstacles == {2: Obstacle.SIGNALS, 3: Obstacle.BARRIER}


def test_no_car_gets_past_a_bollard(tmp_path: Path) -> None:
    ways = read(tmp_path, {7: street(1, 2, 3), 8: street(2, 4)}, {2: {"barrier": "bollard"}})
    assert [way.way_id for way in ways.ways] == [7, 7, 8]
    ends = {ways.ways[0].node_ids[-1], ways.ways[1].node_ids[0], ways.ways[2].node_ids[0]}
    assert len(ends) == 3
    assert {ways.nodes[end] for end in ends} == {(-69_175_000, 1_076_211_000)}


def test_a_way_that_leaves_the_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    ways = read(tmp_path, {7: street(1, 2, 3, 4, 5, 6)}, missing=(3,))
    assert [way.node_ids for way in ways.ways] == [(1, 2), (4, 5, 6)]


def test_of_a_box_only_what_is_inside(tmp_path: Path) -> None:
    closed = {8: street(5, 6, access="no"), 9: street(2, 3, access="no")}
    path = Extract({7: street(1, 2, 3, 4, 5), **closed}).write(tmp_path / "x.osm.pbf")
    ways = read_osm(path, Box(-69_180_000, 1_076_191_000 + 20_000, -69_170_000, 1_076_191_000 + 40_000))
    assert [way.node_ids for way in ways.ways] == [(2, 3, 4)]
    assert ways.unread == {FORBIDDEN: 1}
    with pytest.raises(MapError, match="has no roads in the box"):
        read_osm(path, Box(0, 0, 10, 10))


def test_restrictions(tmp_path: Path) -> None:
    over_node = [("w", 7, "from"), ("n", 3, "via"), ("w", 8, "to")]
    over_way = [("w", 7, "from"), ("w", 8, "via"), ("w", 9, "to")]
    streets = {7: street(1, 2, 3), 8: street(3, 4), 9: street(4, 5)}
    relations = [
        ({"type": "restriction", "restriction": "no_left_turn"}, over_node),
        ({"type": "restriction", "restriction": "only_straight_on"}, over_way),
        ({"type": "restriction", "restriction": "no_entry"}, [("w", 9, "from"), *over_node]),
        ({"type": "restriction", "restriction": "no_left_turn"}, [("w", 9, "from"), *over_node]),
        ({"type": "restriction", "restriction": "no_left_turn"}, over_node[:2]),
        ({"type": "restriction", "restriction:conditional": "no_left_turn @ (07:00-09:00)"}, over_node),
        ({"type": "restriction", "restriction": "no_left_turn", "except": "motorcar"}, over_node),
    ]
    ways = read(tmp_path, streets, relations=relations)
    assert ways.restrictions == (
        Restriction(7, (3,), 8),
        Restriction(7, (8,), 9, only=True, via_is_way=True),
        Restriction(9, (3,), 8),
        Restriction(7, (3,), 8),
    )
    assert ways.unread == {MALFORMED: 2, CONDITIONAL: 1}


def test_progress_is_the_part_of_the_file(tmp_path: Path) -> None:
    told: list[float] = []
    read_osm(Extract({7: street(1, 2)}).write(tmp_path / "x.osm.pbf"), progress=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<html>not found</html>", "is no PBF file"),
        (b"\x00\x00\x00\x02ab", "is no PBF file"),
        (b"\x00\x00", "is no PBF file"),
    ],
)
def test_what_is_no_map(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(MapError, match=words):
        read_osm(path)


def test_broken_xml(tmp_path: Path) -> None:
    path = tmp_path / "x.osm"
    path.write_text("<osm version='0.6'><node id='1'")
    with pytest.raises(MapError, match="cannot be read as a map"):
        read_osm(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_osm(tmp_path / "none.osm.pbf")


def test_no_roads(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"has no roads$"):
        read(tmp_path, {8: street(4, 5, highway="footway")})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    extract = Extract({7: street(1, 2, 3, name="Jalan Braga"), 8: street(3, 4)}, {2: {"highway": "traffic_signals"}})
    return extract.write(tmp_path_factory.mktemp("maps") / "small.osm.pbf")


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_refused_or_read(small: Path, data: st.DataObject) -> None:
    content = bytearray(small.read_bytes())
    if data.draw(st.booleans(), "cut short"):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = small.with_name("damaged.osm.pbf")
    damaged.write_bytes(content)
    try:
        assert read_osm(damaged).ways
    except MapError as error:
        assert "damaged.osm.pbf" in str(error)


def real(name: str) -> Ways:
    path = SHARED / f"{name}.osm.pbf"
    if not path.exists():
        pytest.skip(f"{path} is not there: real extracts are not part of the project")
    return read_osm(path)


@pytest.mark.parametrize(("name", "km", "oneway"), [("bandung-skeleton", 1599, 0.30), ("porto-alegre", 1756, 0.37)])
def test_real_cities(name: str, km: float, oneway: float) -> None:
    graph = build(real(name), Profile())
    once = graph.edge_twin < graph.edge_to.dtype.type(0)
    length = graph.edge_length_dm.astype(int)
    street_dm = length[once].sum() + length[~once].sum() / 2
    assert street_dm / 10_000 == pytest.approx(km, rel=0.001)
    assert length[once].sum() / street_dm == pytest.approx(oneway, abs=0.01)


def test_real_restrictions() -> None:
    ways = real("helsinki")
    told = build(ways, Profile()).info["restrictions"]
    assert len(ways.restrictions) == 45
    assert told["applied"] + told[ABSENT] == 45
