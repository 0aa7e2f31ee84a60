"""The search against the traffic: from a place to every edge that leads there, nearest first.

A label says what is left from the *end* of an edge to the place: whole milliseconds in the upper 32 bits, decimetres
along the road in the lower 32. Labels add up and compare as plain integers, so that the shortest of equally quick ways
is the one that is kept, in whatever order it was found. No label is 0, since its length counts one decimetre
too many: memory fresh from the system, all zero, means "not reached", and a search that stays in one district never
touches the rest of it.

Edges wait in buckets of a few milliseconds to seconds instead of a heap: a ring that is longer than any one step.
Within a bucket their order does not matter, since an edge whose label gets better is looked at again; once it is empty,
all labels up to its end are final.
"""

from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from sigap_roads.compiled import compiled

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Whole = int | np.signedinteger[Any]
Array = TypeVar("Array", bound=npt.NDArray[Any])

FULL = 1 << 16  # a place along an edge is told in 1/65536 of it
CLOSED = np.int64(-1)  # the cost of an edge that nobody can drive through
EVERYTHING_MS = np.int64((1 << 30) - 1)  # twelve days, later than any label
_ONE_MS = np.int64(1) << 32
NEVER = np.int64(1) << 62  # a value later than every label; also what is said of a car that has no way
_BUCKETS = 4096
_FIRST_LINKS = 4096
# What `Queue.counts` holds.
_BUCKET, _QUEUED, _USED, _FREE = 0, 1, 2, 3
_NONE = np.int32(-1)
_OVER_END = -1


def cost_of(time_ms: Int32, length_dm: Int32) -> Int64:
    """What driving through edges adds to a label."""
    return (time_ms.astype(np.int64) << 32) | length_dm


def bucket_shift(longest_ms: int) -> int:
    """Buckets of 2^shift milliseconds, so that all that waits together fits into the ring once."""
    return max(0, int(longest_ms) // (_BUCKETS - 1)).bit_length()


def fixed(array: Array) -> Array:
    """The array as one that nobody writes to.

    A graph in memory then looks to the compiler like one that is mapped from a file: one machine code serves both.
    """
    view = np.ascontiguousarray(array)[:]
    view.flags.writeable = False
    return cast(Array, view)


@compiled
def part(whole: Whole, along_q16: Whole) -> np.int64:
    """A time or a length from the beginning of an edge to a place along it, rounded to the nearest."""
    return (np.int64(whole) * along_q16 + 32768) >> 16


def new_queue() -> tuple[Int32, Int32, Int64]:
    """Nothing waits: (head, link, counts).

    head     of each bucket's list, an index into link, -1 for none
    link     (…, 2) an edge and the index of the next one
    counts   the bucket that is looked at, how many edges wait, how many links were ever used, the first free one
    """
    return np.full(_BUCKETS, _NONE, np.int32), np.empty((_FIRST_LINKS, 2), np.int32), np.array([0, 0, 0, _NONE])


@compiled
def _with_room(link: Int32, counts: Int64, more: Whole) -> Int32:
    """`link`, or a larger copy of it, in which so many more edges can wait."""
    if counts[_USED] + more <= len(link):
        return link
    larger = np.empty((2 * len(link) + more, 2), np.int32)
    larger[: len(link)] = link
    return larger


@compiled
def _put(head: Int32, link: Int32, counts: Int64, bucket: Whole, edge: Whole) -> None:
    """Let an edge wait in a bucket; there must be room."""
    entry = counts[_FREE]
    if entry >= 0:
        counts[_FREE] = link[entry, 1]
    else:
        entry = counts[_USED]
        counts[_USED] += 1
    slot = bucket & (_BUCKETS - 1)
    link[entry, 0] = edge
    link[entry, 1] = head[slot]
    head[slot] = entry
    counts[_QUEUED] += 1


@compiled
def reach(label: Int64, head: Int32, link: Int32, counts: Int64, shift: int, edges: Int32, values: Int64) -> Int32:
    """Give edges their first labels; returns `link`. The search begins at the earliest of them."""
    order = np.argsort(values)
    link = _with_room(link, counts, len(values))
    if len(order):
        counts[_BUCKET] = values[order[0]] >> (32 + shift)
    for i in order:
        edge = edges[i]
        if label[edge] == 0:
            label[edge] = values[i]
            _put(head, link, counts, values[i] >> (32 + shift), edge)
    return link


@compiled
def settle(
    label: Int64,
    head: Int32,
    link: Int32,
    counts: Int64,
    shift: int,
    into_first: Int32,
    into_from: Int32,
    into_ms: Int32,
    cost: Int64,
    until_ms: Whole,
    at_least: Whole,
) -> tuple[Int32, Whole]:
    """Settle edges in the order of time, up to until_ms or, if that comes first, at least a number of them.

    Returns `link` and up to which milliseconds labels are final.
    """
    settled = 0
    while counts[_QUEUED] > 0:
        bucket = counts[_BUCKET]
        if bucket << shift > until_ms or settled >= at_least:
            return link, (bucket << shift) - 1
        slot = bucket & (_BUCKETS - 1)
        while head[slot] >= 0:
            entry = head[slot]
            edge = link[entry, 0]
            head[slot] = link[entry, 1]
            link[entry, 1] = counts[_FREE]
            counts[_FREE] = entry
            counts[_QUEUED] -= 1
            found = label[edge]
            if found >> (32 + shift) != bucket or cost[edge] == CLOSED:
                continue  # it has found a better label since, and went on from there
            settled += 1
            before = found + cost[edge]
            if counts[_USED] + into_first[edge + 1] - into_first[edge] > len(link):
                link = _with_room(link, counts, into_first[edge + 1] - into_first[edge])
            for turn in range(into_first[edge], into_first[edge + 1]):
                value = before + into_ms[turn] * _ONE_MS
                other = into_from[turn]
                known = label[other]
                if known == 0 or value < known:
                    label[other] = value
                    _put(head, link, counts, value >> (32 + shift), other)
        counts[_BUCKET] += 1
    return link, EVERYTHING_MS


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
    value, stop = NEVER, _OVER_END
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
