"""Which edge may follow which, and what the turn costs."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigap_roads.geometry import Float64, Int32
from sigap_roads.pieces import Bool, Int64
from sigap_roads.profile import Obstacles, Profile, Side
from sigap_roads.ways import Obstacle, Restriction, RoadClass

# Which road gives way to which where nothing is signposted: the lower goes first.
_RANK = np.array([0, 1, 2, 3, 4, 5, 5, 5, 6, 6], np.int64)
assert len(_RANK) == len(RoadClass)

# What is not applied is told by these words.
ABSENT = "about roads that are not here"
OVER_WAYS = "over a way between"


@dataclass(frozen=True, slots=True)
class Ends:
    """m directed edges in the order of the junction where they begin, with all that a turn depends on.

    begin end             (m,) junctions, of n
    twin                  (m,) -1 for none
    way_id road_class     (m,)
    length_dm             (m,)
    is_roundabout         (m,)
    sets_out arrives      (m,) bearings in degrees at the two ends
    node_id               (n,) the source's
    arms                  (n,) how many ends of street there are, one-way or not
    obstacle_ms           (n,) what it costs to go past
    has_signals           (n,)
    """

    begin: Int64
    end: Int64
    twin: Int64
    way_id: Int64
    road_class: npt.NDArray[np.uint8]
    length_dm: Int32
    is_roundabout: Bool
    sets_out: Float64
    arrives: Float64
    node_id: Int64
    arms: Int64
    obstacle_ms: Int64
    has_signals: Bool

    def leaving(self) -> Int64:
        """(n+1,) edges that begin at junction v: leaving[v] to leaving[v+1]."""
        return np.searchsorted(self.begin, np.arange(len(self.node_id) + 1))


@dataclass(frozen=True, slots=True)
class Turns:
    """first (m+1,), to (t,), cost_ms (t,): as in RoadGraph; `restrictions`: how many were applied, and how many not."""

    first: Int64
    to: Int64
    cost_ms: Int64
    restrictions: dict[str, int]


def all_turns(ends: Ends, restrictions: tuple[Restriction, ...], profile: Profile) -> Turns:
    """Every turn that is possible and allowed. Turning round is one where the profile or a dead end allows it."""
    leaving = ends.leaving()
    counts = (leaving[1:] - leaving[:-1])[ends.end]
    first = np.concatenate(([0], np.cumsum(counts)))
    of = np.repeat(np.arange(len(counts)), counts)
    to = np.arange(len(of)) - np.repeat(first[:-1] - leaving[ends.end], counts)
    is_u_turn = to == ends.twin[of]

    classes = np.array([profile.may_turn_round(road_class) for road_class in RoadClass])
    allowed = ~is_u_turn | classes[ends.road_class[of]] | (ends.arms[ends.end[of]] == 1)
    told = _forbid(ends, restrictions, first, of, to, allowed)

    of, to, is_u_turn = of[allowed], to[allowed], is_u_turn[allowed]
    cost_ms = np.where(is_u_turn, _ms(profile.turns.u_turn_s), _costs_ms(ends, of, to, profile))
    first = np.concatenate(([0], np.cumsum(np.bincount(of, minlength=len(counts)))))
    return Turns(first, to, cost_ms, told)


def obstacle_costs_ms(kinds: Obstacles) -> dict[Obstacle, int]:
    return {
        Obstacle.SIGNALS: _ms(kinds.signals_s),
        Obstacle.CROSSING: _ms(kinds.crossing_s),
        Obstacle.LEVEL_CROSSING: _ms(kinds.level_crossing_s),
        Obstacle.BARRIER: _ms(kinds.barrier_s),
    }


def _costs_ms(ends: Ends, of: Int64, to: Int64, profile: Profile) -> Int64:
    """Everything but turning round: (t,) for the turns from the edges `of` into the edges `to`."""
    node = ends.end[of]
    rules = profile.turns
    change = (ends.sets_out[to] - ends.arrives[of] + 180) % 360 - 180
    is_turn = (ends.arms[node] > 2) & (np.abs(change) > rules.straight_within_deg)
    to_the_left = change < 0
    is_near = to_the_left if profile.drives_on is Side.LEFT else ~to_the_left
    turning = np.where(is_near, _ms(rules.near_s), _ms(rules.across_s))
    turning[~is_turn | ends.is_roundabout[of] | ends.is_roundabout[to]] = 0

    best = np.full(len(ends.node_id), _RANK.max())
    np.minimum.at(best, ends.end, _RANK[ends.road_class])
    np.minimum.at(best, ends.begin, _RANK[ends.road_class])
    gives_way = (_RANK[ends.road_class[of]] > best[node]) & ~ends.is_roundabout[of]
    gives_way |= ends.is_roundabout[to] & ~ends.is_roundabout[of]
    gives_way &= (ends.arms[node] > 2) & ~ends.has_signals[node]

    near = ends.length_dm[of] <= profile.obstacles.same_lights_m * 10
    same_lights = near & ends.has_signals[ends.begin[of]] & ends.has_signals[node]
    waiting = np.where(same_lights, 0, ends.obstacle_ms[node])
    costs: Int64 = turning + np.where(gives_way, _ms(rules.give_way_s), 0) + waiting
    return costs


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _forbid(
    ends: Ends, restrictions: tuple[Restriction, ...], first: Int64, of: Int64, to: Int64, allowed: Bool
) -> dict[str, int]:
    """Clears `allowed` where a restriction says so. Several "only" of one way at one junction allow each its turn."""
    told = {"applied": 0, ABSENT: 0, OVER_WAYS: 0}
    if not restrictions:
        return told
    junction = {node: index for index, node in enumerate(ends.node_id.tolist())}
    by_end = np.argsort(ends.end, kind="stable")
    arriving = np.searchsorted(ends.end[by_end], np.arange(len(ends.node_id) + 1))
    only: dict[tuple[int, int], list[Int64]] = defaultdict(list)

    def turns_over(node: int, from_way: int) -> Int64:
        edges = by_end[arriving[node] : arriving[node + 1]]
        edges = edges[ends.way_id[edges] == from_way]
        none = np.zeros(0, np.int64)
        return np.concatenate([none, *(np.arange(first[edge], first[edge + 1]) for edge in edges.tolist())])

    for rule in restrictions:
        node = junction.get(rule.via[0], -1)
        if rule.via_is_way:
            told[OVER_WAYS] += 1
            continue
        turns = turns_over(node, rule.from_way) if node >= 0 else np.zeros(0, np.int64)
        into = to[turns]
        # Where a street goes on as the same way, only turning round leads "from it into it".
        is_meant = into == ends.twin[of[turns]] if rule.from_way == rule.to_way else ends.way_id[into] == rule.to_way
        meant = turns[is_meant]
        told["applied" if len(meant) else ABSENT] += 1
        if rule.only and len(meant):
            only[node, rule.from_way].append(meant)
        else:
            allowed[meant] = False
    for (node, from_way), meant_turns in only.items():
        turns = turns_over(node, from_way)
        allowed[turns[~np.isin(turns, np.concatenate(meant_turns))]] = False
    return told
