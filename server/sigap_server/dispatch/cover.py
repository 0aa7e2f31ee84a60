"""How much the city would miss each free unit: the share of its calls that are covered worse without it.

A point of the city is covered with the chance that not all units near it are busy: one of k units that are each busy
for a share q of the time is free with 1 - q^k, and the last of them counts (1 - q)·q^(k-1). That is the marginal
coverage of Daskin's maximum expected covering location (1983), as Jagtenberg, Bhulai and van der Mei use it to choose
whom to send (2017, "Dynamic ambulance dispatching: is the closest-idle policy always optimal?").
"""

import numpy as np
from numpy.typing import NDArray

from sigap_server.dispatch.policy import ChoiceRules


def cover_ppm(lines_m: NDArray[np.float64], rules: ChoiceRules) -> NDArray[np.int64]:
    """What each unit's leaving costs, in millionths of all calls. `lines_m`: straight lines of the units that could be
    sent now (rows) to the points (columns)."""
    calls = np.array([point.calls for point in rules.cover_points])
    near = lines_m <= rules.cover_within_m
    last = (1 - rules.cover_busy_share) * rules.cover_busy_share ** np.maximum(0, near.sum(axis=0) - 1)
    lost: NDArray[np.float64] = near @ (calls * last) / calls.sum()
    return np.rint(lost * 1e6).astype(np.int64)
