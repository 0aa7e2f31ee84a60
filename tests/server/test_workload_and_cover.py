"""What a choice weighs beside travel time: who worked how much, and where a unit would be missed."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch import inputs
from sigap_server.dispatch.cover import cover_ppm
from sigap_server.dispatch.policy import ChoiceRules, CoverPoint, Policy, PolicyError, policy_from_toml, policy_to_toml
from sigap_server.dispatch.weighing import weigh
from sigap_server.dispatch.workload import Job, since, with_job
from sigap_server.eta import StraightLine
from sigap_server.fleet import Duty
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, ON_SCENE
from tests.server.dispatch_world import E7_PER_M, HERE, World
from tests.server.weighing_world import NEED

TIMES = st.integers(0, 100_000)


class TestWorkload:
    def test_seconds_and_number_since_a_moment(self) -> None:
        work = with_job(with_job((), 1000, 5000), 10_000, 14_999)
        assert since(work, 0, 20_000, None) == (8, 2)
        assert since(work, 4000, 20_000, None) == (5, 2)
        assert since(work, 5000, 20_000, None) == (4, 1)
        assert since(work, 14_999, 20_000, None) == (0, 0)
        assert since(work, 12_000, 20_000, 18_500) == (4, 2)
        assert since((), 0, 20_000, None) == (0, 0)

    @given(st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=40), TIMES)
    def test_it_is_counted_second_by_second(self, spans: list[list[int]], since_ms: int) -> None:
        work: tuple[Job, ...] = ()
        for began_ms, ended_ms in spans:
            work = with_job(work, began_ms, ended_ms)
        kept = [(began_ms, ended_ms) for began_ms, ended_ms in spans[-32:] if ended_ms > since_ms]
        worked_ms = sum(ended_ms - max(began_ms, since_ms) for began_ms, ended_ms in kept)
        assert since(work, since_ms, 100_000, None) == (worked_ms // 1000, len(kept))

    def weighed(self, world: World) -> list[tuple[int, int]]:
        weighing = weigh(NEED, world.state, world.fleet, StraightLine(10), Policy(), world.now_ms)
        return [(unit.worked_s, unit.orders) for unit in weighing.units()]

    def test_assignments_count_from_acceptance_to_the_end(self) -> None:
        world = World(units=2)
        world.press()
        world.tick(4)
        assert self.weighed(world) == [(0, 0), (0, 0)]
        world.ack("u-1", ACCEPTED)
        world.tick(60)
        assert self.weighed(world) == [(60, 1), (0, 0)]
        world.ack("u-1", ON_SCENE, revision=2)
        world.ack("u-1", CLEAR, revision=2)
        world.tick(100)
        assert self.weighed(world) == [(60, 1), (0, 0)]
        world.restart()
        assert self.weighed(world) == [(60, 1), (0, 0)]

    def test_so_does_one_that_an_operator_ends_but_not_an_offer(self) -> None:
        world = World(units=2)
        world.press()
        world.ack("u-1", DECLINED)
        world.ack("u-2", ACCEPTED, order_id=2)
        world.tick(30)
        world.give(inputs.CloseIncident(1, "operator:sari", "resolved"))
        assert self.weighed(world) == [(0, 0), (30, 1)]


def rules(*points: CoverPoint, busy_share: float = 0.5, within_m: float = 2000) -> ChoiceRules:
    return ChoiceRules(cover_points=points, cover_busy_share=busy_share, cover_within_m=within_m)


def point(metres_north: float, calls: float) -> CoverPoint:
    return CoverPoint(HERE[0] + round(metres_north * E7_PER_M), HERE[1], calls)


class TestCover:
    def test_the_only_one_is_missed_most(self) -> None:
        """Two units cover the first point, which has 3 of 4 calls, one of them the second too."""
        lines_m = np.array([[100.0, 2001.0], [2000.0, 500.0]])
        lost = cover_ppm(lines_m, rules(point(0, 3), point(1, 1)))
        assert lost.tolist() == [187_500, 187_500 + 125_000]

    @given(
        st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=4),
        st.lists(st.floats(0.1, 10), min_size=3, max_size=3),
        st.floats(0.05, 0.95),
    )
    def test_it_is_what_the_chances_say(self, near: list[list[bool]], calls: list[float], busy: float) -> None:
        """The share of calls that find a free unit near, summed over who is busy and who is not, with and without."""

        def covered(units: list[list[bool]]) -> float:
            share = 0.0
            for are_busy in product([True, False], repeat=len(units)):
                chance = np.prod([busy if is_busy else 1 - busy for is_busy in are_busy])
                free = [unit for unit, is_busy in zip(units, are_busy, strict=True) if not is_busy]
                share += chance * sum(c for d, c in enumerate(calls) if any(unit[d] for unit in free)) / sum(calls)
            return share

        lines_m = np.where(np.array(near), 100.0, 9000.0)
        lost = cover_ppm(lines_m, rules(*(point(0, c) for c in calls), busy_share=busy))
        for i in range(len(near)):
            assert lost[i] == pytest.approx((covered(near) - covered(near[:i] + near[i + 1 :])) * 1e6, abs=1)

    def test_in_a_weighing_those_who_could_be_sent_count(self) -> None:
        world = World(units=4)
        world.fleet.set_duty("u-2", Duty.OFF_DUTY)
        world.press()
        policy = Policy(choice=rules(point(3000, 1), within_m=1500))
        weighing = weigh(NEED, world.state, world.fleet, StraightLine(10), policy, world.now_ms)
        assert [unit.cover_ppm for unit in weighing.units()] == [0, 0, 250_000, 250_000]
        without = weigh(NEED, world.state, world.fleet, StraightLine(10), Policy(), world.now_ms)
        assert [unit.cover_ppm for unit in without.units()] == [0, 0, 0, 0]

    def test_points_are_read_from_the_policy_and_written_back(self) -> None:
        text = (
            "[choice]\ncover_extra_s = [0, 0, 60, 60, 60]\ncover_points = [{lat_e7 = -69, lon_e7 = 7, calls = 2.5}]\n"
        )
        policy = policy_from_toml(text)
        assert policy.choice.cover_points == (CoverPoint(-69, 7, 2.5),)
        assert policy_from_toml(policy_to_toml(policy)) == policy

    @pytest.mark.parametrize(
        ("lat_e7", "lon_e7", "calls", "name"),
        [(900_000_001, 0, 1, "lat_e7"), (0, -1_800_000_001, 1, "lon_e7"), (0, 0, 0, "calls")],
    )
    def test_a_point_that_makes_no_sense_is_refused(self, lat_e7: int, lon_e7: int, calls: float, name: str) -> None:
        with pytest.raises(PolicyError, match=name):
            CoverPoint(lat_e7, lon_e7, calls)

    @pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
    def test_so_is_a_share_that_is_none(self, share: float) -> None:
        with pytest.raises(PolicyError, match="cover_busy_share"):
            ChoiceRules(cover_busy_share=share)
