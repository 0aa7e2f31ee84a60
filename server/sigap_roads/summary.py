"""What a road graph holds, in the figures that people compare."""

from dataclasses import dataclass

import numpy as np

from sigap_roads.graph import RoadGraph
from sigap_roads.ways import RoadClass


@dataclass(frozen=True, slots=True)
class Summary:
    """street_m      metres of street by class; a street with both directions once, each carriageway of a divided one
    oneway_m      of these, with one direction
    junctions     where three or more ends of street meet; `nodes` are all places where an edge ends
    south_e7 …    the box around it
    """

    street_m: dict[RoadClass, int]
    oneway_m: dict[RoadClass, int]
    nodes: int
    junctions: int
    edges: int
    turns: int
    names: int
    south_e7: int
    west_e7: int
    north_e7: int
    east_e7: int

    @property
    def middle_e7(self) -> tuple[int, int]:
        return (self.south_e7 + self.north_e7) // 2, (self.west_e7 + self.east_e7) // 2


def summarise(graph: RoadGraph) -> Summary:
    oneway = graph.edge_twin < 0
    once = oneway | (np.arange(graph.edge_count) < graph.edge_twin)
    ends = np.concatenate((graph.edge_from[once], graph.edge_to[once]))

    def metres(which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[RoadClass, int]:
        sums = np.bincount(graph.edge_class[which], graph.edge_length_dm[which], minlength=len(RoadClass))
        return {road_class: round(float(sums[road_class]) / 10) for road_class in RoadClass}

    return Summary(
        street_m=metres(once),
        oneway_m=metres(oneway),
        nodes=graph.node_count,
        junctions=int((np.bincount(ends, minlength=graph.node_count) > 2).sum()),
        edges=graph.edge_count,
        turns=len(graph.turn_to),
        names=len(graph.names) - 1,
        south_e7=int(graph.shape_lat_e7.min()),
        west_e7=int(graph.shape_lon_e7.min()),
        north_e7=int(graph.shape_lat_e7.max()),
        east_e7=int(graph.shape_lon_e7.max()),
    )
