"""What a travel-time field says of streets, for people to look at: how long each takes, as GeoJSON."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sigap_roads.field import TravelTimeField
from sigap_roads.ways import RoadClass

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Reach:
    """Streets, one edge of each, and how long a car at its better end needs; -1 for longer than until_ms or never.

    edge time_ms   (s,)
    """

    edge: Int32
    time_ms: npt.NDArray[np.int64]
    until_ms: int


def reach_of(field: TravelTimeField, until_ms: int) -> Reach:
    """Of every street, in whichever of its directions is quicker."""
    graph = field.traffic.graph
    before_ms, _ = field.edge_times(until_ms)
    edges = np.arange(graph.edge_count, dtype=np.int32)
    twin = graph.edge_twin
    streets = edges[(twin < 0) | (edges < twin)]
    never = np.int64(1) << 62
    there = np.where(before_ms < 0, never, before_ms)
    back = np.where(twin[streets] < 0, never, there[twin[streets]])
    quicker = np.minimum(there[streets], back)
    return Reach(streets, np.where(quicker == never, -1, quicker), until_ms)


def to_geojson(field: TravelTimeField, reach: Reach) -> dict[str, Any]:
    """Streets within reach as lines with `minutes`, `street` and `class`; the attribution as a member of its own."""
    graph = field.traffic.graph
    features = []
    for edge, time_ms in zip(reach.edge.tolist(), reach.time_ms.tolist(), strict=True):
        if time_ms >= 0:
            points = slice(int(graph.edge_shape[edge]), int(graph.edge_shape[edge + 1]))
            lon, lat = graph.shape_lon_e7[points] / 1e7, graph.shape_lat_e7[points] / 1e7
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "LineString", "coordinates": np.column_stack((lon, lat)).tolist()},
                    "properties": {
                        "minutes": round(time_ms / 60_000, 2),
                        "street": graph.name_of(edge),
                        "class": RoadClass(int(graph.edge_class[edge])).name.lower(),
                    },
                }
            )
    return {
        "type": "FeatureCollection",
        "attribution": str(graph.info.get("attribution", "")),
        "features": features,
    }
