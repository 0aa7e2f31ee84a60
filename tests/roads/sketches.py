"""Random little maps, and what a textbook says may be driven on them: step by step along the ways, node by node."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from hypothesis import strategies as st

from sigap_roads.graph import RoadGraph
from sigap_roads.profile import Profile
from sigap_roads.ways import Obstacle, Restriction, RoadClass, Way, Ways

LAT_E7, LON_E7 = -69_175_000, 1_076_191_000
# From a place to the next along a way.
Step = tuple[int, int, int]


@st.composite
def maps(draw: st.DrawFn) -> Ways:
    """Up to ten nodes, up to eight ways between them, restrictions and obstacles at random."""
    spots = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=10, unique=True))
    nodes = {100 + i: (LAT_E7 + x * 5_000, LON_E7 + y * 5_000) for i, (x, y) in enumerate(spots)}
    ways = tuple(draw(way(10 + i, sorted(nodes))) for i in range(draw(st.integers(1, 8))))
    restrictions = draw(st.lists(restriction(ways), max_size=6))
    obstacles = draw(st.dictionaries(st.sampled_from(sorted(nodes)), st.sampled_from(list(Obstacle)), max_size=4))
    return Ways(nodes, ways, tuple(restrictions), obstacles)


@st.composite
def way(draw: st.DrawFn, way_id: int, nodes: list[int]) -> Way:
    node_ids = draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=6).filter(_never_back))
    return Way(
        way_id,
        tuple(node_ids),
        draw(st.sampled_from([RoadClass.MOTORWAY, RoadClass.PRIMARY, RoadClass.RESIDENTIAL, RoadClass.SERVICE])),
        name=draw(st.sampled_from(["", "Jalan Braga", "Jalan Naripan"])),
        oneway=draw(st.sampled_from([0, 0, 0, 1, -1])),
        is_roundabout=draw(st.sampled_from([False, False, False, True])),
    )


def _never_back(node_ids: list[int]) -> bool:
    """No way twice between the same two nodes: which time was meant could not be told."""
    pairs = [frozenset(pair) for pair in pairwise(node_ids)]
    return len(set(pairs)) == len(pairs) and all(len(pair) == 2 for pair in pairs)


@st.composite
def restriction(draw: st.DrawFn, ways: tuple[Way, ...]) -> Restriction:
    """Mostly one that is about ways that meet."""
    first, last = draw(st.sampled_from(ways)), draw(st.sampled_from(ways))
    common = sorted(set(first.node_ids) & set(last.node_ids)) or list(first.node_ids)
    return Restriction(first.way_id, (draw(st.sampled_from(common)),), last.way_id, draw(st.booleans()))


@dataclass(frozen=True)
class Textbook:
    """What may be driven on a map, told without any of the product's arrays."""

    ways: Ways
    profile: Profile

    @cached_property
    def steps(self) -> list[Step]:
        """(way, from, to) of every step that its way's direction allows."""
        found = []
        for w in self.ways.ways:
            for a, b in pairwise(w.node_ids):
                found += [(w.way_id, a, b)] if w.oneway >= 0 else []
                found += [(w.way_id, b, a)] if w.oneway <= 0 else []
        return found

    @cached_property
    def arms(self) -> Counter[int]:
        return Counter(node for w in self.ways.ways for pair in pairwise(w.node_ids) for node in pair)

    @cached_property
    def stops(self) -> set[int]:
        """Where one edge ends and others begin, so that one can also turn round there."""
        on_ways = Counter(node for w in self.ways.ways for node in w.node_ids)
        ends = {node for w in self.ways.ways for node in (w.node_ids[0], w.node_ids[-1])}
        told = {*self.ways.obstacles, *(r.via[0] for r in self.ways.restrictions if not r.via_is_way)}
        return ends | {node for node, count in on_ways.items() if count > 1} | (told & set(on_ways))

    @cached_property
    def follows(self) -> dict[Step, set[Step]]:
        leaving: dict[int, list[Step]] = {}
        for step in self.steps:
            leaving.setdefault(step[1], []).append(step)
        return {
            step: {after for after in leaving.get(step[2], []) if self._allowed(step, after)} for step in self.steps
        }

    def _allowed(self, step: Step, after: Step) -> bool:
        node = step[2]
        if _is_back(step, after):
            road_class = next(w.road_class for w in self.ways.ways if w.way_id == step[0])
            if node not in self.stops or not (self.arms[node] == 1 or self.profile.may_turn_round(road_class)):
                return False
        only = [r for r in self._rules(step) if r.only]
        if only and not any(_is_meant(r, step, after) for r in only):
            return False
        return not any(_is_meant(r, step, after) for r in self._rules(step) if not r.only)

    def _rules(self, step: Step) -> Iterator[Restriction]:
        """About this step, and about a turn that there is at all."""
        for rule in self.ways.restrictions:
            if not rule.via_is_way and rule.from_way == step[0] and rule.via[0] == step[2] and self._exists(rule):
                yield rule

    def _exists(self, rule: Restriction) -> bool:
        arriving = [s for s in self.steps if s[0] == rule.from_way and s[2] == rule.via[0]]
        leaving = [s for s in self.steps if s[0] == rule.to_way and s[1] == rule.via[0]]
        return any(_is_meant(rule, s, after) for s in arriving for after in leaving)

    def circuits(self) -> list[frozenset[Step]]:
        """The sets of steps in which each can be driven to from each, and back to itself."""
        ahead = {step: self._reached(step) for step in self.steps}
        return list(
            {frozenset(s for s in ahead[step] if step in ahead[s]) for step in self.steps if step in ahead[step]}
        )

    def _reached(self, start: Step) -> set[Step]:
        found: set[Step] = set()
        todo = [start]
        while todo:
            new = self.follows[todo.pop()] - found
            found |= new
            todo += new
        return found


def _is_back(step: Step, after: Step) -> bool:
    return after == (step[0], step[2], step[1])


def _is_meant(rule: Restriction, step: Step, after: Step) -> bool:
    return after[0] == rule.to_way and (rule.from_way != rule.to_way or _is_back(step, after))


def steps_of(graph: RoadGraph, ways: Ways) -> list[list[Step]]:
    """What each edge is made of, found by where its points lie."""
    node_at = {place: node for node, place in ways.nodes.items()}
    found = []
    for edge in range(graph.edge_count):
        points = slice(graph.edge_shape[edge], graph.edge_shape[edge + 1])
        places = zip(graph.shape_lat_e7[points].tolist(), graph.shape_lon_e7[points].tolist(), strict=True)
        way_id = int(graph.way_ids[graph.edge_way[edge]])
        found.append([(way_id, a, b) for a, b in pairwise(node_at[place] for place in places)])
    return found
