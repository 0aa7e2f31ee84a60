"""The fleet in columns, and a decision's record."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch.choice import choose
from sigap_server.dispatch.decision_record import DecisionRecordError, pack, rechoose, unpack
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.weighing import NUMBERS, UNKNOWN, WORDS, Weighing, weigh
from sigap_server.eta import Eta, Problem, StraightLine, distance_m
from sigap_server.fleet import Duty, UnitPosition
from sigap_server.traits import Traits
from sigap_wire.ack import ACCEPTED, EMERGENCY, Ack
from tests.server.dispatch_world import HERE, World
from tests.server.weighing_world import NEED, NOW_MS, a_unit, a_weighing, needs, policies, weighings

E7 = st.integers(-1_000_000, 1_000_000)


def weighed(world: World, eta: object = None) -> Weighing:
    method = eta or StraightLine(10)
    return weigh(NEED, world.state, world.fleet, method, Policy(), world.now_ms)  # type: ignore[arg-type]


class TestWeigh:
    def test_a_free_unit(self) -> None:
        world = World(units=1)
        world.fleet.describe("u-1", "U-1", Traits("k9", frozenset({"water", "k9"}), "polri", "north"))
        world.now_ms += 2_345
        (unit,) = weighed(world).units()
        assert (unit.unit_id, unit.eta_ds, unit.way_m, unit.line_m) == ("u-1", 1000, 1000, 1000)
        assert (unit.age_ds, unit.speed_cmps, unit.turn_ds, unit.method) == (23, 0, 0, "straight_line")
        assert (unit.kind, unit.skills, unit.agency, unit.sector) == ("k9", "k9 water", "polri", "north")
        assert (unit.unfit, unit.held_id, unit.phase, unit.problem) == ("", 0, "", "")

    def test_by_unit_id_whatever_the_order_of_registration(self) -> None:
        world = World(units=0)
        for unit_id, north_m in (("u-3", 300), ("u-1", 100), ("u-2", 200)):
            world.add_unit(unit_id, north_m)
        assert [(unit.unit_id, unit.line_m) for unit in weighed(world).units()] == [
            ("u-1", 100),
            ("u-2", 200),
            ("u-3", 300),
        ]

    def test_what_a_unit_is_on(self) -> None:
        world = World(units=2)
        world.press("drill")
        asked, free = weighed(world).units()
        assert (asked.held_id, asked.held_priority, asked.phase, asked.unfit) == (1, 5, "offered", "")
        assert free.held_id == 0
        world.ack("u-1", ACCEPTED)
        assert weighed(world).unit(0).phase == "assigned"

    def test_why_a_unit_can_go_nowhere(self) -> None:
        world = World(units=6)
        world.fleet.set_duty("u-1", Duty.OFF_DUTY)
        world.fleet.set_duty("u-2", Duty.OUT_OF_SERVICE)
        world.fleet.apply_distress("u-3", Ack(1, 0, 0, 0, EMERGENCY, 0), world.now_ms)
        world.disconnect("u-4")
        world.place("u-5", 5000, live=False)
        world.fleet.register("u-6", "new")
        world.connect("u-6")
        weighing = weighed(world)
        assert [unit.unfit for unit in weighing.units()] == [
            "off_duty",
            "out_of_service",
            "emergency",
            "link_lost",
            "position_old",
            "no_position",
        ]
        assert [unit.age_ds for unit in weighing.units()] == [0, 0, 0, 0, UNKNOWN, UNKNOWN]
        nowhere = weighing.unit(5)
        assert (nowhere.eta_ds, nowhere.way_m, nowhere.line_m, nowhere.method) == (UNKNOWN, UNKNOWN, UNKNOWN, "")

    def test_a_unit_that_is_not_heard_of(self) -> None:
        world = World(units=1)
        world.tick(60, heard=False)
        assert weighed(world).unit(0).unfit == "link_stale"

    def test_a_position_of_the_future_is_of_now(self) -> None:
        world = World(units=1)
        world.now_ms -= 5000
        assert weighed(world).unit(0).age_ds == 0

    def test_problems_and_turning_are_kept_as_the_method_tells_them(self) -> None:
        class Roads:
            def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
                assert (lat_e7, lon_e7) == HERE
                return [
                    Eta(61.26, 700.4, "road", turn_s=20.04),
                    Eta(None, None, "road", problem=Problem.OFF_MAP),
                    Eta(90, 700, "straight_line", problem=Problem.PLACE_OFF_MAP),
                ][: len(positions)]

        units = weighed(World(units=3), Roads()).units()
        assert [(u.eta_ds, u.turn_ds, u.way_m, u.method, u.problem) for u in units] == [
            (613, 200, 700, "road", ""),
            (UNKNOWN, 0, UNKNOWN, "road", "off_map"),
            (900, 0, 700, "straight_line", "place_off_map"),
        ]

    def test_a_method_that_does_not_answer_for_everybody_is_an_error(self) -> None:
        class Short:
            def eta(self, lat_e7: int, lon_e7: int, positions: Sequence[UnitPosition]) -> list[Eta]:
                return []

        with pytest.raises(ValueError, match="0 travel times for 2 positions"):
            weighed(World(units=2), Short())

    @given(st.lists(st.tuples(E7, E7), min_size=1, max_size=5))
    def test_straight_lines_are_those_of_the_fleet(self, places: list[tuple[int, int]]) -> None:
        world = World(units=len(places))
        for unit, (lat, lon) in zip(list(world.fleet.units()), places, strict=True):
            assert unit.position is not None
            moved = replace(unit.position, lat_e7=HERE[0] + lat, lon_e7=HERE[1] + lon)
            world.fleet._units[unit.unit_id] = replace(unit, position=moved)
        for unit, (lat, lon) in zip(weighed(world).units(), places, strict=True):
            assert unit.line_m == pytest.approx(distance_m(*HERE, HERE[0] + lat, HERE[1] + lon), abs=0.51)


class TestRecord:
    @given(needs(), weighings(), policies())
    def test_the_choice_made_again_is_the_same(self, need: Need, weighing: Weighing, policy: Policy) -> None:
        record = pack(need, weighing)
        assert unpack(record) == (need, weighing)
        assert pack(*unpack(record)) == record
        assert rechoose(record, policy) == choose(need, weighing, policy)

    @given(st.lists(st.integers(-1, 2**40), min_size=1, max_size=20))
    def test_numbers_of_any_width(self, values: list[int]) -> None:
        weighing = a_weighing(*(a_unit(f"u-{i:02}", way_m=value) for i, value in enumerate(values)))
        assert unpack(pack(NEED, weighing))[1].numbers["way_m"].tolist() == values

    def test_every_fact_tells_weighings_apart(self) -> None:
        weighing, later = a_weighing(a_unit("a")), a_weighing(a_unit("a"), time_ms=NOW_MS + 1)
        assert weighing == a_weighing(a_unit("a"))
        assert len({weighing, a_weighing(a_unit("a"))}) == 1
        others = [later, a_weighing(a_unit("b")), a_weighing(a_unit("a"), a_unit("b"))]
        others += [a_weighing(replace(a_unit("a"), **{name: 77})) for name in NUMBERS]
        others += [a_weighing(replace(a_unit("a"), **{name: "other"})) for name in WORDS]
        assert all(weighing != other for other in others)

    @given(st.binary(max_size=50))
    def test_other_bytes_are_refused(self, data: bytes) -> None:
        for record in (data, zlib.compress(data)):
            with pytest.raises(DecisionRecordError):
                unpack(record)

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("version", 2, "version is 2, expected 1"),
            ("need", {"incident_id": 1}, "not the record"),
            ("unit_ids", ["a"], "not the record|columns"),
            ("columns", [], "columns"),
            ("tables", {name: [] for name in WORDS}, "beyond its 0 words"),
            ("tables", None, "not the record"),
        ],
    )
    def test_a_record_with_a_wrong_part_is_refused(self, name: str, value: object, message: str) -> None:
        record = pack(NEED, a_weighing(a_unit("a", 100), a_unit("b", 200)))
        line, _, planes = zlib.decompress(record).partition(b"\n")
        spoilt = json.dumps({**json.loads(line), name: value}).encode()
        with pytest.raises(DecisionRecordError, match=message):
            unpack(zlib.compress(spoilt + b"\n" + planes))

    def test_a_record_that_was_cut_off_is_refused(self) -> None:
        record = pack(NEED, a_weighing(a_unit("a", 100), a_unit("b", 200)))
        with pytest.raises(DecisionRecordError):
            unpack(record[:-5])
        with pytest.raises(DecisionRecordError):
            unpack(zlib.compress(zlib.decompress(record)[:-1]))
