"""Where cars and incidents are on the roads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]

NOWHERE = -1  # as an edge: there is no such place


@dataclass(frozen=True, slots=True)
class Cars:
    """n cars. Each is at one place, or may be at a second one, after `second_extra_ms`; the earlier way counts.

    The second place is the other direction of the same street: at once for a car of which nobody knows where it points,
    after turning round for one that moves, and not at all where nobody can turn.

    edge second_edge               (n,) -1 for no such place; a car without any is off the map
    along_q16 second_along_q16     (n,) how far along its edge, in 1/65536 of it
    second_extra_ms                (n,) 0 or more
    off_m                          (n,) from the position to the road, metres
    """

    edge: Int32
    along_q16: Int32
    second_edge: Int32
    second_along_q16: Int32
    second_extra_ms: Int32
    off_m: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.edge)


@dataclass(frozen=True, slots=True)
class Stops:
    """Where a car may stop for one incident: both directions of a street, and the carriageway across.

    edge        (k,) none if the incident is off the map
    along_q16   (k,) how far along its edge, in 1/65536 of it
    foot_ms     (k,) on foot from there to the incident
    foot_m      (k,) the same in metres
    off_m       from the incident to the nearest road, metres
    """

    edge: Int32
    along_q16: Int32
    foot_ms: Int32
    foot_m: Int32
    off_m: float
