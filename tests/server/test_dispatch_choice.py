"""Who is a candidate, who is first, and how it is explained."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.choice import RECORDED_MAX, choose
from sigap_server.dispatch.events import Excluded
from sigap_server.dispatch.seek import need_of
from sigap_server.dispatch.weighing import weigh
from sigap_server.eta import Eta, StraightLine
from sigap_server.fleet import Duty, UnitPosition
from sigap_wire.ack import DECLINED, EMERGENCY, EMERGENCY_OVER, Ack
from tests.server.dispatch_world import World, kinds, policy


class NoWayOut:
    """Units north of `limit` are across a river without a bridge."""

    def __init__(self, limit_e7: int) -> None:
        self.limit_e7 = limit_e7

    def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
        near = StraightLine(10).eta(lat_e7, lon_e7, positions)
        return [
            Eta(None, None, "road") if position.lat_e7 > self.limit_e7 else replace(eta, method="road")
            for position, eta in zip(positions, near, strict=True)
        ]


def offered(world: World) -> events.Offered:
    return next(event for event in reversed(world.log) if isinstance(event, events.Offered))


def excluded(world: World) -> dict[str, Excluded | None]:
    need = need_of(world.incident(), world.now_ms)
    weighing = weigh(need, world.state, world.fleet, world.eta, world.policy, world.now_ms)
    found = choose(need, weighing, world.policy)
    return {candidate.unit_id: candidate.excluded for candidate in (*found.ranked, *found.excluded)}


def test_the_first_is_asked_and_the_others_are_on_record() -> None:
    world = World(units=3)
    world.press()
    event = offered(world)
    assert [(c.unit_id, c.eta_s, c.distance_m, c.method) for c in event.candidates] == [
        ("u-1", 100.0, 1000, "straight_line"),
        ("u-2", 200.0, 2000, "straight_line"),
        ("u-3", 300.0, 3000, "straight_line"),
    ]
    assert (event.eta_s, event.distance_m, event.eta_method) == (100.0, 1000, "straight_line")
    assert event.why == "u-1, the first there of 3 available: 1.7 min by straight line; u-2 would need 3.3 min"


def test_equal_etas_are_decided_by_unit_id() -> None:
    world = World(units=0)
    for unit_id in ("u-b", "u-c", "u-a"):
        world.add_unit(unit_id, 500)
    world.press()
    assert [c.unit_id for c in offered(world).candidates] == ["u-a", "u-b", "u-c"]


@given(places=st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=30), seed=st.randoms())
def test_the_choice_is_that_of_a_plain_search(places: list[int], seed: object) -> None:
    world = World(units=0)
    order = list(enumerate(places))
    seed.shuffle(order)  # type: ignore[attr-defined]
    for number, place in order:
        world.add_unit(f"u-{number:02}", place)
    world.press()
    expected = min((round(abs(place) / 10, 1), f"u-{number:02}") for number, place in enumerate(places))
    assert offered(world).eta_s == pytest.approx(expected[0], abs=0.11)
    nearest = min(abs(place) for place in places)
    assert abs(places[int(offered(world).unit_id[2:])]) <= nearest + 1


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda w: w.fleet.set_duty("u-1", Duty.OFF_DUTY), Excluded.OFF_DUTY),
        (lambda w: w.fleet.set_duty("u-1", Duty.OUT_OF_SERVICE), Excluded.OUT_OF_SERVICE),
        (lambda w: w.disconnect("u-1"), Excluded.LINK_LOST),
        (lambda w: w.tick(60.001, heard=False), Excluded.LINK_STALE),
        (lambda w: w.fleet.register("u-1", "new") or w.connect("u-1"), Excluded.NO_POSITION),
        (lambda w: w.place("u-1", 1000, live=False), Excluded.POSITION_OLD),
    ],
)
def test_who_is_no_candidate_and_why(spoil: object, reason: Excluded) -> None:
    world = World(units=1)
    spoil(world)  # type: ignore[operator]
    assert kinds(world.press()) == ["alert_received", "no_unit"]
    assert excluded(world) == {"u-1": reason}
    (no_unit,) = [event for event in world.log if isinstance(event, events.NoUnit)]
    assert no_unit.excluded_counts == {reason.value: 1}


def test_a_unit_whose_officer_is_in_distress_is_not_asked_and_then_is() -> None:
    world = World(units=2)
    assert world.fleet.apply_distress("u-1", Ack(1, 0, 0, 0, EMERGENCY, 0), world.now_ms)
    world.press()
    assert offered(world).unit_id == "u-2"
    assert excluded(world) == {"u-1": Excluded.EMERGENCY, "u-2": Excluded.BUSY}
    assert world.fleet.apply_distress("u-1", Ack(1, 1, 0, 0, EMERGENCY_OVER, 0), world.now_ms)
    world.press()
    assert offered(world).unit_id == "u-1"


def test_a_unit_that_is_heard_without_a_fix_has_an_old_position() -> None:
    world = World(units=1)
    world.policy = policy(choice={"max_fix_age_s": 10})
    world.now_ms += 10_000
    world.press()
    assert excluded(world) == {"u-1": Excluded.BUSY}
    world.ack("u-1", DECLINED)
    world.now_ms += 100
    assert excluded(world) == {"u-1": Excluded.POSITION_OLD}


def test_a_busy_unit_is_named_when_it_is_nearer() -> None:
    world = World(units=2)
    world.press()
    world.press()
    event = offered(world)
    assert event.unit_id == "u-2"
    assert [(c.unit_id, c.excluded, c.eta_s) for c in event.excluded] == [("u-1", Excluded.BUSY, 100.0)]
    assert event.why == (
        "u-2, the only one available: 3.3 min by straight line; u-1 would need 1.7 min but is busy; "
        "1 not considered: 1 busy"
    )


def test_a_big_fleet_is_counted_in_full_and_recorded_in_part() -> None:
    world = World(units=60)
    for number in range(31, 61):
        world.fleet.set_duty(f"u-{number}", Duty.OFF_DUTY)
    world.press()
    event = offered(world)
    assert len(event.candidates) == len(event.excluded) == RECORDED_MAX
    assert (event.eligible_count, event.excluded_counts) == (30, {"off_duty": 30})
    assert event.excluded[0].unit_id == "u-31"
    assert event.why.startswith("u-1, the first there of 30 available")
    assert event.why.endswith("30 not considered: 30 off duty")


def test_reasons_come_most_frequent_first() -> None:
    world = World(units=4)
    world.fleet.set_duty("u-1", Duty.OFF_DUTY)
    world.disconnect("u-3")
    world.disconnect("u-4")
    world.press()
    assert offered(world).why.endswith("3 not considered: 2 link lost, 1 off duty")


def test_a_short_way_is_told_in_seconds() -> None:
    world = World(units=0)
    world.add_unit("u-1", 300)
    world.press()
    assert offered(world).why == "u-1, the only one available: 30 s by straight line"


def test_nobody_is_explained() -> None:
    world = World(units=0)
    world.press()
    world.add_unit("u-1", 100)
    world.fleet.set_duty("u-1", Duty.OFF_DUTY)
    world.press()
    said = [event.why for event in world.log if isinstance(event, events.NoUnit)]
    assert said == ["there are no units", "none of 1 units can be asked: 1 off duty"]


class TestUnreachable:
    def test_who_has_no_way_there_is_no_candidate(self) -> None:
        world = World(units=2)
        world.eta = NoWayOut(world.fleet.unit("u-1").position.lat_e7 - 1)  # type: ignore[union-attr]
        assert kinds(world.press()) == ["alert_received", "no_unit"]
        assert kinds(world.tick(1)) == []
        assert excluded(world) == {"u-1": Excluded.UNREACHABLE, "u-2": Excluded.UNREACHABLE}

    def test_who_declined_is_asked_again_when_all_others_have_no_way(self) -> None:
        world = World(units=2)
        world.eta = NoWayOut(world.fleet.unit("u-1").position.lat_e7)  # type: ignore[union-attr]
        world.press()
        world.ack("u-1", DECLINED)
        assert excluded(world) == {"u-1": Excluded.ALREADY_ASKED, "u-2": Excluded.UNREACHABLE}
        assert kinds(world.tick(30)) == ["broadcast", "offered", "alarm_raised"]
        assert world.incident().unit_id == "u-1"


def test_the_shorter_of_two_deadlines_counts() -> None:
    world = World(units=1, offer={"receipt_deadline_s": 20, "accept_deadline_s": 10})
    world.press()
    done = world.tick(10)
    (ended,) = [event for event in done.events if isinstance(event, events.OfferTimedOut)]
    assert ended.deadline is events.Deadline.ACCEPT


def test_thousands_who_wait_cost_nothing_while_nobody_is_free() -> None:
    """Each is told once why; afterwards nobody is weighed in vain."""

    class Counting(StraightLine):
        calls = 0

        def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
            self.calls += 1
            return super().eta(lat_e7, lon_e7, positions)

    world = World(units=1)
    method = Counting(10)
    world.eta = method
    for _ in range(20):
        world.press()
    before = method.calls
    assert world.give(inputs.FleetChanged(("u-1",))).events == ()
    assert world.give(inputs.Tick()).events == ()
    assert method.calls == before
