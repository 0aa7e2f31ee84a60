"""From labels to the travel times of cars."""

import numpy as np
import numpy.typing as npt

from sigap_roads.compiled import compiled
from sigap_roads.search import EVERYTHING_MS, Int32, Int64, Whole, part, settle

NEVER = np.int64(1) << 62  # a value later than every label; also what is said of a car that has no way
_LENGTH = (np.int64(1) << 32) - 1
_ALONG_ROAD = -1


@compiled
def from_place(
    edge: int,
    along_q16: Whole,
    label: Int64,
    final_ms: Whole,
    time_ms: Int32,
    length_dm: Int32,
    stop_edge: Int32,
    stop_q16: Int32,
    stop_foot_ms: Int32,
) -> tuple[np.int64, np.int64, int]:
    """What is left from a place on the road: (value, bound, stop).

    value   milliseconds and decimetres as in a label, but of the true length; NEVER if none is known yet
    bound   milliseconds that any way not known yet takes at least
    stop    the stop ahead on the same edge, -1 if the way leads over the edge's end
    """
    rest_ms = time_ms[edge] - part(time_ms[edge], along_q16)
    rest_dm = length_dm[edge] - part(length_dm[edge], along_q16)
    value, stop = NEVER, _ALONG_ROAD
    bound = final_ms + 1 + rest_ms
    if label[edge]:
        value = label[edge] - 1 + (np.int64(rest_ms) << 32) + rest_dm
        if label[edge] >> 32 <= final_ms:
            bound = NEVER
    elif final_ms == EVERYTHING_MS:
        bound = NEVER
    for i in range(len(stop_edge)):
        if stop_edge[i] == edge and stop_q16[i] >= along_q16:
            ahead_ms = part(time_ms[edge], stop_q16[i]) - part(time_ms[edge], along_q16) + stop_foot_ms[i]
            ahead_dm = part(length_dm[edge], stop_q16[i]) - part(length_dm[edge], along_q16)
            ahead = (np.int64(ahead_ms) << 32) + ahead_dm
            if ahead < value:
                value, stop = ahead, i
    return value, bound, stop


@compiled
def _is_far(edge: int, second_edge: int, label: Int64, stop_edge: Int32) -> bool:
    """Whether the search has come to neither of a car's places. Most cars are far: this is what a look costs."""
    if edge < 0 or label[edge] or (second_edge >= 0 and label[second_edge]):
        return False
    here = False
    for i in range(len(stop_edge)):
        here |= stop_edge[i] == edge or stop_edge[i] == second_edge
    return not here


@compiled
def look_up(
    label: Int64,
    final_ms: Whole,
    time_ms: Int32,
    length_dm: Int32,
    stop_edge: Int32,
    stop_q16: Int32,
    stop_foot_ms: Int32,
    edge: Int32,
    along_q16: Int32,
    second_edge: Int32,
    second_q16: Int32,
    second_extra_ms: Int32,
    value: Int64,
    is_final: npt.NDArray[np.bool_],
) -> tuple[int, int]:
    """Fill in `value` and `is_final` of every car; returns how many are final, and how many of those up to final_ms."""
    final, nearest = 0, 0
    for i in range(len(edge)):
        best, bound = NEVER, NEVER
        if final_ms != EVERYTHING_MS and _is_far(edge[i], second_edge[i], label, stop_edge):
            value[i], is_final[i] = NEVER, False
            continue
        if edge[i] >= 0:
            best, bound, _ = from_place(
                edge[i], along_q16[i], label, final_ms, time_ms, length_dm, stop_edge, stop_q16, stop_foot_ms
            )
        if second_edge[i] >= 0:
            extra_ms = np.int64(second_extra_ms[i])
            other, other_bound, _ = from_place(
                second_edge[i], second_q16[i], label, final_ms, time_ms, length_dm, stop_edge, stop_q16, stop_foot_ms
            )
            if other != NEVER:
                best = min(best, other + (extra_ms << 32))
            if other_bound != NEVER:
                bound = min(bound, other_bound + extra_ms)
        value[i] = best
        is_final[i] = bound == NEVER or best >> 32 < bound
        if is_final[i]:
            final += 1
            if best >> 32 <= final_ms:
                nearest += 1
    return final, nearest


@compiled
def settle_until_known(
    wanted: int,
    latest_ms: Whole,
    label: Int64,
    head: Int32,
    link: Int32,
    counts: Int64,
    shift: int,
    final_ms: Whole,
    into_first: Int32,
    into_from: Int32,
    into_ms: Int32,
    cost: Int64,
    time_ms: Int32,
    length_dm: Int32,
    stop_edge: Int32,
    stop_q16: Int32,
    stop_foot_ms: Int32,
    edge: Int32,
    along_q16: Int32,
    second_edge: Int32,
    second_q16: Int32,
    second_extra_ms: Int32,
    value: Int64,
    is_final: npt.NDArray[np.bool_],
) -> tuple[Int32, Whole]:
    """Search on until the `wanted` earliest cars are known, all if there are no more, or those up to latest_ms.

    Fills in as `look_up`.

    The cars are looked at after 512 settled edges, and then after a quarter more each time: a look costs less than that
    many edges. Returns as `settle`.
    """
    step = np.int64(512)
    while True:
        final, nearest = look_up(
            label, final_ms, time_ms, length_dm, stop_edge, stop_q16, stop_foot_ms,
            edge, along_q16, second_edge, second_q16, second_extra_ms, value, is_final,
        )  # fmt: skip
        if final == len(edge) or nearest >= wanted or final_ms >= latest_ms:
            return link, final_ms
        link, final_ms = settle(label, head, link, counts, shift, into_first, into_from, into_ms, cost, latest_ms, step)
        step += step >> 2
