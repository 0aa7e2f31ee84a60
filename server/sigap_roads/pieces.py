"""From ways to pieces of street: what lies between two neighbouring junctions of one way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from sigap_roads.errors import RoadsError
from sigap_roads.geometry import Float64, Int32, haversine_m
from sigap_roads.ways import Way, Ways

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
LAT_MAX_E7, LON_MAX_E7 = 900_000_000, 1_800_000_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """p pieces over the ways' points, one way after the other (k points, of n different nodes).

    point_node                 (k,) index into the next three
    node_id lat_e7 lon_e7      (n,)
    first last                 (p,) points of piece i: first[i] to last[i], both included
    way                        (p,) index into Ways.ways
    length_dm                  (p,) at least 1
    """

    point_node: Int64
    node_id: Int64
    lat_e7: Int32
    lon_e7: Int32
    first: Int64
    last: Int64
    way: Int64
    length_dm: Int32


def cut_at_junctions(ways: Ways, open_ways: Int64) -> Pieces:
    """The pieces of the ways with these indices.

    A junction is where ways meet or end, where a way meets itself, where something costs time, and where a turn is
    restricted. Raises RoadsError for a way whose node has no place.
    """
    chosen = [ways.ways[index] for index in open_ways.tolist()]
    counts = np.fromiter((len(way.node_ids) for way in chosen), np.int64, len(chosen))
    ids = np.fromiter(chain.from_iterable(way.node_ids for way in chosen), np.int64, int(counts.sum()))
    owner = np.repeat(np.arange(len(chosen)), counts)
    again = np.zeros(len(ids), bool)
    again[1:] = (ids[1:] == ids[:-1]) & (owner[1:] == owner[:-1])
    ids, owner = ids[~again], owner[~again]

    node_id, point_node = np.unique(ids, return_inverse=True)
    lat_e7, lon_e7 = _places(ways, node_id, chosen)
    ends = np.ones(len(ids) + 1, bool)
    ends[1:-1] = owner[1:] != owner[:-1]
    begins, closes = ends[:-1], ends[1:]
    marked = _among(node_id, chain(ways.obstacles, (r.via[0] for r in ways.restrictions if not r.via_is_way)))
    is_junction = (np.bincount(point_node, minlength=len(node_id)) > 1) | marked
    stops = np.flatnonzero(is_junction[point_node] | begins | closes)
    same_way = owner[stops[:-1]] == owner[stops[1:]]
    first, last = stops[:-1][same_way], stops[1:][same_way]
    return Pieces(
        point_node=point_node,
        node_id=node_id,
        lat_e7=lat_e7,
        lon_e7=lon_e7,
        first=first,
        last=last,
        way=open_ways[owner[first]],
        length_dm=_lengths_dm(lat_e7[point_node], lon_e7[point_node], first, last),
    )


def _places(ways: Ways, node_id: Int64, chosen: Iterable[Way]) -> tuple[Int32, Int32]:
    try:
        places = [ways.nodes[node] for node in node_id.tolist()]
    except KeyError as error:
        way = next(way.way_id for way in chosen if error.args[0] in way.node_ids)
        raise RoadsError(f"way {way} has node {error.args[0]}, of which the source tells no place") from None
    for node, (lat_e7, lon_e7) in zip(node_id.tolist(), places, strict=True):
        if abs(lat_e7) > LAT_MAX_E7 or abs(lon_e7) > LON_MAX_E7:
            raise RoadsError(f"node {node} lies at {lat_e7 / 1e7}, {lon_e7 / 1e7}, which is nowhere on earth")
    table = np.array(places, np.int32).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def _among(node_id: Int64, wanted: Iterable[int]) -> Bool:
    found: Bool = np.isin(node_id, np.fromiter(wanted, np.int64))
    return found


def _lengths_dm(lat_e7: Int32, lon_e7: Int32, first: Int64, last: Int64) -> Int32:
    """Sums over each piece's own steps: the same however many pieces there are before it."""
    if not len(first):
        return np.zeros(0, np.int32)
    steps_m: Float64 = haversine_m(lat_e7[:-1], lon_e7[:-1], lat_e7[1:], lon_e7[1:])
    of_a_piece = np.zeros(len(lat_e7) + 1, np.int64)
    np.add.at(of_a_piece, first, 1)
    np.add.at(of_a_piece, last, -1)
    steps_m[np.cumsum(of_a_piece)[: len(steps_m)] == 0] = 0  # from one way's end to the next one's beginning
    lengths: Int32 = np.maximum(np.rint(np.add.reduceat(steps_m, first) * 10), 1).astype(np.int32)
    return lengths


def names_of(ways: Iterable[Way]) -> Iterator[str]:
    """Every name once, "" first, then as they come."""
    return iter(dict.fromkeys(chain([""], (way.name for way in ways))))
