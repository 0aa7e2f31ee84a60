"""From what a source says and what driving costs to the road graph."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.errors import MapError
from sigap_roads.geometry import along_a_curve, bearing_deg
from sigap_roads.graph import RoadGraph
from sigap_roads.parts import largest_part
from sigap_roads.pieces import LAT_MAX_E7, LON_MAX_E7, Bool, Int64, Pieces, cut_at_junctions, names_of
from sigap_roads.profile import Profile
from sigap_roads.turns import Ends, Turns, all_turns, obstacle_costs_ms
from sigap_roads.ways import Obstacle, Ways

Progress = Callable[[float], None]
NOT_ALLOWED = "closed by the profile"


def build(ways: Ways, profile: Profile, progress: Progress | None = None) -> RoadGraph:
    """The graph of all roads that a patrol car can drive to and away from.

    progress   is told the part done, up to 1.0

    The same ways and profile make the same graph, to the byte. `info` has:

    source attribution   as in Ways
    profile              see profile.profile_from()
    cut_m                metres of street that are not in the graph, by reason; one of both directions is a half
    restrictions         turn restrictions: how many were applied, and how many were not, by reason
    unread               as in Ways
    built_from           SHA-256 over the profile and all arrays: equal for equal graphs alone

    Raises RoadsError if a way makes no sense, MapError if there is nothing to drive on.
    """
    tell = progress or (lambda _part: None)
    pieces = cut_at_junctions(ways, _open_ways(ways, profile))
    tell(0.4)
    edges = _Edges(ways, profile, pieces)
    turns = all_turns(edges.ends, ways.restrictions, profile)
    tell(0.7)
    inside, outside = largest_part(turns.first, turns.to, edges.ends.length_dm)
    tell(0.8)
    graph = edges.graph(turns, inside)
    info = {
        "source": ways.source,
        "attribution": ways.attribution,
        "profile": profile.to_plain(),
        "cut_m": {
            NOT_ALLOWED: _closed_m(ways, profile),
            **{reason: edges.street_m(which) for reason, which in outside.items()},
        },
        "restrictions": turns.restrictions,
        "unread": dict(ways.unread),
    }
    graph = replace(graph, info=info | {"built_from": _hash(graph, info)})
    tell(1.0)
    return graph


def _open_ways(ways: Ways, profile: Profile) -> Int64:
    found = [index for index, way in enumerate(ways.ways) if len(set(way.node_ids)) > 1 and profile.may_drive(way)]
    if not found:
        closed = f", of its {len(ways.ways)} ways none is open to a patrol car" if ways.ways else ""
        raise MapError(f"{ways.source or 'the source'} has no road to drive on{closed}")
    return np.array(found, np.int64)


def _closed_m(ways: Ways, profile: Profile) -> int:
    closed = [i for i, way in enumerate(ways.ways) if len(set(way.node_ids)) > 1 and not profile.may_drive(way)]
    return round(int(cut_at_junctions(ways, np.array(closed, np.int64)).length_dm.sum()) / 10) if closed else 0


class _Edges:
    """Both directions of every piece that has them, in the order of the junctions where they begin."""

    def __init__(self, ways: Ways, profile: Profile, pieces: Pieces) -> None:
        self._ways = ways
        self._pieces = pieces
        oneway = np.array([way.oneway for way in ways.ways], np.int64)[pieces.way]
        ahead, back = np.flatnonzero(oneway >= 0), np.flatnonzero(oneway <= 0)
        piece = np.concatenate((ahead, back))
        is_back = np.arange(len(piece)) >= len(ahead)

        corners = pieces.point_node[np.stack((pieces.first, pieces.last))]
        junctions, corner = _along_a_curve(pieces, corners)
        begin, end = np.where(is_back, corner[::-1, piece], corner[:, piece])
        order = np.lexsort((is_back, piece, begin))
        self.piece, self.is_back = piece[order], is_back[order]
        self._junctions = junctions
        self.ends = self._ends(profile, begin[order], end[order], corner)
        self._time_ms = self._times_ms(profile)

    def _ends(self, profile: Profile, begin: Int64, end: Int64, corner: Int64) -> Ends:
        pieces, ways = self._pieces, self._ways.ways
        way = pieces.way[self.piece]
        node_id = pieces.node_id[self._junctions]
        costs = obstacle_costs_ms(profile.obstacles)
        there = [self._ways.obstacles.get(node) for node in node_id.tolist()]
        sets_out, arrives = self._bearings()
        return Ends(
            begin=begin,
            end=end,
            twin=self._twins(),
            way_id=np.array([w.way_id for w in ways], np.int64)[way],
            road_class=np.array([w.road_class for w in ways], np.uint8)[way],
            length_dm=pieces.length_dm[self.piece],
            is_roundabout=np.array([w.is_roundabout for w in ways], bool)[way],
            sets_out=sets_out,
            arrives=arrives,
            node_id=node_id,
            arms=np.bincount(corner.ravel(), minlength=len(node_id)),
            obstacle_ms=np.array([costs[kind] if kind else 0 for kind in there], np.int64),
            has_signals=np.array([kind is Obstacle.SIGNALS for kind in there], bool),
        )

    def _twins(self) -> Int64:
        of_piece = np.full((2, len(self._pieces.first)), -1)
        of_piece[self.is_back.astype(int), self.piece] = np.arange(len(self.piece))
        twins: Int64 = of_piece[1 - self.is_back.astype(int), self.piece]
        return twins

    def _bearings(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Of each edge's first and last step, in degrees."""
        first, last = self._pieces.first[self.piece], self._pieces.last[self.piece]
        step = np.where(self.is_back, -1, 1)
        out, into = np.where(self.is_back, last, first), np.where(self.is_back, first, last)
        return self._bearing(out, out + step), self._bearing(into - step, into)

    def _bearing(self, start: Int64, stop: Int64) -> npt.NDArray[np.float64]:
        pieces = self._pieces
        start, stop = pieces.point_node[start], pieces.point_node[stop]
        return bearing_deg(pieces.lat_e7[start], pieces.lon_e7[start], pieces.lat_e7[stop], pieces.lon_e7[stop])

    def _times_ms(self, profile: Profile) -> Int64:
        """Whole numbers from lengths and speeds that are whole: no rounding of one machine differs from another's."""
        tenths_kmh = np.array([max(round(profile.speed_of(way) * 10), 1) for way in self._ways.ways], np.int64)
        tenths_kmh = tenths_kmh[self._pieces.way[self.piece]]
        times: Int64 = np.maximum((self.ends.length_dm.astype(np.int64) * 3600 + tenths_kmh // 2) // tenths_kmh, 1)
        return times

    def street_m(self, which: Bool) -> int:
        """Metres of street that the edges stand for: each direction of a street with two is a half of it."""
        share = np.where(self.ends.twin[which] >= 0, 0.5, 1)
        return round(float((self.ends.length_dm[which] * share).sum()) / 10)

    def graph(self, turns: Turns, inside: Bool) -> RoadGraph:
        """Of the edges that are `inside` alone, without `info`."""
        ends, pieces, ways = self.ends, self._pieces, self._ways.ways
        kept = np.flatnonzero(inside)
        renumbered = np.where(inside, np.cumsum(inside) - 1, -1)
        nodes, corners = np.unique(np.stack((ends.begin[kept], ends.end[kept])), return_inverse=True)
        begin, end = corners.reshape(2, -1)
        place = self._junctions[nodes]
        twin = ends.twin[kept]
        way = pieces.way[self.piece[kept]]
        shape, points = self._shapes(kept)
        first, into, cost_ms, of = _turns_inside(turns, renumbered, len(kept))
        behind = np.argsort(into, kind="stable")
        way_ids, edge_way = np.unique(ends.way_id[kept], return_inverse=True)
        names = tuple(names_of([ways[index] for index in np.unique(way).tolist()]))
        number = {name: index for index, name in enumerate(names)}
        return RoadGraph(
            node_lat_e7=pieces.lat_e7[place],
            node_lon_e7=pieces.lon_e7[place],
            edge_from=_int32(begin),
            edge_to=_int32(end),
            edge_length_dm=ends.length_dm[kept],
            edge_time_ms=_int32(self._time_ms[kept]),
            edge_class=ends.road_class[kept],
            edge_twin=_int32(np.where(twin >= 0, renumbered[twin], -1)),
            edge_name=np.array([number[ways[index].name] for index in way.tolist()], np.int32),
            edge_way=_int32(edge_way),
            edge_shape=_int32(shape),
            shape_lat_e7=pieces.lat_e7[points],
            shape_lon_e7=pieces.lon_e7[points],
            turn_first=_int32(first),
            turn_to=_int32(into),
            turn_ms=_int32(cost_ms),
            into_first=_int32(_starts(into, len(kept))),
            into_from=_int32(of[behind]),
            into_ms=_int32(cost_ms[behind]),
            way_ids=way_ids,
            names=names,
            info={},
        )

    def _shapes(self, kept: Int64) -> tuple[Int64, Int64]:
        """(m+1,) where each edge's points begin, and (s,) the points as indices into the source's nodes."""
        first, last = self._pieces.first[self.piece[kept]], self._pieces.last[self.piece[kept]]
        shape = np.concatenate(([0], np.cumsum(last - first + 1)))
        step = np.arange(shape[-1]) - np.repeat(shape[:-1], last - first + 1)
        backward = np.repeat(self.is_back[kept], last - first + 1)
        at = np.where(backward, np.repeat(last, last - first + 1) - step, np.repeat(first, last - first + 1) + step)
        return shape, self._pieces.point_node[at]


def _along_a_curve(pieces: Pieces, corners: Int64) -> tuple[Int64, Int64]:
    """The junctions, neighbours close to each other in the list, and `corners` as indices into it.

    A search touches edges that are close on the map; close in memory as well, it is quicker.
    """
    junctions = np.unique(corners)
    x = pieces.lon_e7[junctions].astype(np.int64) + LON_MAX_E7
    y = pieces.lat_e7[junctions].astype(np.int64) + LAT_MAX_E7
    junctions = junctions[np.argsort(along_a_curve(x, y), kind="stable")]
    rank = np.full(len(pieces.node_id), -1)
    rank[junctions] = np.arange(len(junctions))
    return junctions, rank[corners]


def _turns_inside(turns: Turns, renumbered: Int64, count: int) -> tuple[Int64, Int64, Int64, Int64]:
    of = np.repeat(np.arange(len(renumbered)), np.diff(turns.first))
    chosen = (renumbered[of] >= 0) & (renumbered[turns.to] >= 0)
    of = renumbered[of[chosen]]
    return _starts(of, count), renumbered[turns.to[chosen]], turns.cost_ms[chosen], of


def _starts(keys: Int64, count: int) -> Int64:
    """(count+1,) where each key's run begins, were `keys` sorted."""
    return np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=count))))


def _int32(values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    return values.astype(np.int32)


def _hash(graph: RoadGraph, info: dict[str, Any]) -> str:
    digest = hashlib.sha256(repr((info["profile"], graph.names)).encode())
    for array in graph.arrays().values():
        digest.update(array.tobytes())
    return digest.hexdigest()
