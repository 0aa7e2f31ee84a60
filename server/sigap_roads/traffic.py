"""What driving through every edge takes at present."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sigap_roads.graph import RoadGraph
from sigap_roads.search import CLOSED, Int32, Int64, cost_of


@dataclass(frozen=True, slots=True)
class Traffic:
    """A graph and its times at one moment; never changed, only followed by another of a higher version.

    time_ms   (m,) milliseconds from the beginning of each edge to its end, at least 1
    closed    (m,) nobody can turn into the edge; a car that is on it may drive on to its end
    """

    graph: RoadGraph
    time_ms: Int32
    closed: npt.NDArray[np.bool_]
    version: int = 0
    cost: Int64 = field(init=False, repr=False)
    longest_step_ms: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cost = cost_of(self.time_ms, self.graph.edge_length_dm)
        cost[self.closed] = CLOSED
        object.__setattr__(self, "cost", cost)
        longest_ms = int(self.time_ms.max(initial=0)) + int(self.graph.into_ms.max(initial=0))
        object.__setattr__(self, "longest_step_ms", longest_ms)

    @classmethod
    def by_profile(cls, graph: RoadGraph) -> "Traffic":
        """Nothing closed, every time as the profile has it."""
        return cls(graph, graph.edge_time_ms, np.zeros(graph.edge_count, np.bool_))
