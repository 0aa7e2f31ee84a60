"""The road graph: directed edges between junctions, and the turns from one edge into the next."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """n junctions, m directed edges, t turns; integers throughout, so that the same file gives the same times anywhere.

    node_lat_e7 node_lon_e7        (n,)
    edge_from edge_to              (m,) junctions
    edge_length_dm                 (m,) decimetres along the shape, at least 1
    edge_time_ms                   (m,) driving from its beginning to its end by the profile, at least 1
    edge_class                     (m,) ways.RoadClass
    edge_twin                      (m,) the same carriageway the other way, -1 for a one-way
    edge_name                      (m,) index into `names`; names[0] is ""
    edge_way                       (m,) index into `way_ids`: the source's way
    edge_shape                     (m+1,) points of edge e: shape_*[edge_shape[e]:edge_shape[e+1]], both ends included
    shape_lat_e7 shape_lon_e7      (s,)
    turn_first                     (m+1,) edges that may follow e: turn_to[turn_first[e]:turn_first[e+1]]
    turn_to turn_ms                (t,) the edge turned into, and what the turn costs, 0 or more
    into_first                     (m+1,) the same from behind: edges that may lead into e
    into_from into_ms              (t,)
    info                           JSON values: source, attribution, profile, built_from (hash), what was cut and why
    """

    node_lat_e7: Int32
    node_lon_e7: Int32
    edge_from: Int32
    edge_to: Int32
    edge_length_dm: Int32
    edge_time_ms: Int32
    edge_class: UInt8
    edge_twin: Int32
    edge_name: Int32
    edge_way: Int32
    edge_shape: Int32
    shape_lat_e7: Int32
    shape_lon_e7: Int32
    turn_first: Int32
    turn_to: Int32
    turn_ms: Int32
    into_first: Int32
    into_from: Int32
    into_ms: Int32
    way_ids: npt.NDArray[np.int64]
    names: tuple[str, ...]
    info: dict[str, Any]

    @property
    def node_count(self) -> int:
        return len(self.node_lat_e7)

    @property
    def edge_count(self) -> int:
        return len(self.edge_from)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Every array by its name, in the order above."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("names", "info")}

    def name_of(self, edge: int) -> str:
        """The street's name, "" if it has none."""
        return self.names[int(self.edge_name[edge])]
