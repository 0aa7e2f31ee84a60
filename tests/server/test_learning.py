"""Travel times learned from what units reported: used after a look, kept over a restart, ignored when switched off."""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_roads.build import build
from sigap_roads.errors import RoadsError
from sigap_roads.file import load, save
from sigap_roads.learned import Drive, Learned
from sigap_roads.profile import Profile
from sigap_roads.ways import RoadClass, Way, Ways
from sigap_server.fleet import UnitPosition
from sigap_server.journeys import journey_pairs
from sigap_server.learning import Learning, pack, unpack
from sigap_server.store.learned_times import JourneyRow
from sigap_wire import topics
from sigap_wire.ack import ACCEPTED, ON_SCENE
from sigap_wire.report import Fix, Report
from tests.server.conftest import Install
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit
from tests.support.waiting import eventually_async

REPORT = "/api/v1/roads/travel-times"
LAT_E7, LON_E7 = -69_000_000, 1_076_000_000
LENGTH_E7 = 180_000  # some 2 km of one street, in nine blocks
PROFILE_MPS = 25 / 3.6
E7_PER_M = 90.6  # of longitude, here


def a_street(folder: Path, name: str, blocks: int) -> Path:
    nodes = {n: (LAT_E7, LON_E7 + LENGTH_E7 * n // blocks) for n in range(blocks + 1)}
    ways = tuple(Way(n, (n, n + 1), RoadClass.SECONDARY, "Jalan Lurus") for n in range(blocks))
    # A lane off every corner, so that the corners are junctions.
    for n in range(blocks + 1):
        nodes[100 + n] = (LAT_E7 + 5_000, nodes[n][1])
    ways += tuple(Way(100 + n, (n, 100 + n), RoadClass.RESIDENTIAL, "") for n in range(blocks + 1))
    path = folder / name
    save(build(Ways(nodes, ways, source="test"), Profile()), path)
    return path


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_street(tmp_path_factory.mktemp("roads"), "street.roads", 9)


@pytest.fixture
def on_map(install: Install, map_file: Path) -> Installation:
    made = install(roads={"file": map_file})
    made.start_broker()
    return made


def lap(began_s: int, pace: float) -> Iterator[Fix]:
    """Eastwards through the street, `pace` times as slow as the profile has it, a fix every 10 s."""
    speed_mps = PROFILE_MPS / pace
    for second in range(0, int(LENGTH_E7 / E7_PER_M / speed_mps), 10):
        lon_e7 = LON_E7 + round(second * speed_mps * E7_PER_M)
        yield Fix(began_s + second, LAT_E7, lon_e7, round(speed_mps * 100), 9_000, quality=1, satellites=8)


async def drive(server: Running, unit: WireUnit, pace: float, laps: int = 2) -> int:
    """The number of fixes that the server has afterwards."""
    before = server.service.counters["ingest.fixes"]
    began_s = int(time.time()) - 20_000
    sent = 0
    for number in range(laps):
        fixes = list(lap(began_s + 2_000 * number, pace))
        for first in range(0, len(fixes), 20):
            part = fixes[first : first + 20]
            await unit.publish(topics.REPORT, Report(unit.boot_id, unit.next_seq, part).encode())
            unit.next_seq += len(part)
        sent += len(fixes)
    await server.counted("ingest.fixes", before + sent)
    return sent


def ratio(server: Running) -> float:
    """Of the travel times that the server uses to the map's, at the median street."""
    city = server.service.roads.map
    assert city is not None
    live = city.live
    streets = live.graph.edge_class == RoadClass.SECONDARY
    return float(np.median(live.traffic.time_ms[streets] / live.graph.edge_time_ms[streets]))


def eta_s(server: Running) -> float:
    """From the western to the eastern end."""
    at = UnitPosition(1, 0, 0, LAT_E7, LON_E7 + 100, 0, None, 1, 8, None, 0)
    (eta,) = server.service.eta.eta(LAT_E7, LON_E7 + LENGTH_E7, [at])
    assert eta.eta_s is not None
    return eta.eta_s


async def look(server: Running) -> bool:
    learning = server.service.roads.learning
    assert learning is not None
    return await learning.look()


async def test_a_fleet_at_half_the_speed_doubles_travel_times_for_good(on_map: Installation, tmp_path: Path) -> None:
    (credentials,) = on_map.add_units("unit-a")
    port = on_map.settings.mqtt.port
    async with running(on_map) as server, WireUnit(credentials, port) as unit:
        await server.log_in()
        assert not await look(server)  # no fix
        await unit.report(LAT_E7, LON_E7)
        await server.counted("ingest.fixes")
        assert not await look(server)  # one fix
        by_profile_s = eta_s(server)
        fixes = await drive(server, unit, pace=2.0)
        assert await look(server)
        assert ratio(server) == pytest.approx(2.0, rel=0.05)
        assert eta_s(server) == pytest.approx(2 * by_profile_s, rel=0.05)
        assert not await look(server)  # nothing is counted twice
        told = (await server.client.get(REPORT)).json()
        assert told["learn"]
        assert fixes - 4 <= told["drives"] <= fixes
        assert told["classes"]["secondary"] == {"drives": told["drives"], "ratio": 2.0}
        await drive(server, unit, pace=2.0, laps=1)
        await look(server)
        told = (await server.client.get(REPORT)).json()
        # The first drives were predicted by the map alone, the last by what had been learned of the first.
        assert told["by_fleet"]["n"] == told["by_profile"]["n"] == told["drives"]
        assert told["by_fleet"]["late_p10_s"] < 1 < told["by_profile"]["late_p10_s"]
        learned = told["drives"]
    async with running(on_map) as server:
        await server.log_in()
        assert ratio(server) == pytest.approx(2.0, rel=0.05)
        assert (await server.client.get(REPORT)).json()["drives"] == learned
        assert not await look(server)
    switch(on_map, learn=False)
    async with running(on_map) as server:
        await server.log_in()
        assert (ratio(server), eta_s(server)) == (1.0, by_profile_s)
        told = (await server.client.get(REPORT)).json()
        assert (told["learn"], told["drives"], told["journeys"]["n"]) == (False, 0, 0)
    switch(on_map, learn=True, file=a_street(tmp_path, "other.roads", 10))
    async with running(on_map) as server:
        assert ratio(server) == 1.0  # another map starts anew
    switch(on_map, file=None)
    async with running(on_map) as server:
        await server.log_in()
        answer = await server.client.get(REPORT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_roads")


def switch(installation: Installation, **changes: object) -> None:
    roads = installation.settings.roads.model_copy(update=changes)
    installation.settings = installation.settings.model_copy(update={"roads": roads})


async def test_what_was_learned_is_bounded_and_unreadable_counts_stop_nothing(on_map: Installation) -> None:
    (credentials,) = on_map.add_units("unit-a")
    async with running(on_map) as server, WireUnit(credentials, on_map.settings.mqtt.port) as unit:
        await drive(server, unit, pace=3.5, laps=1)
        assert await look(server)
        assert ratio(server) == pytest.approx(2.5, abs=0.001)
        async with server.service.database.write() as connection:
            await connection.exec_driver_sql("UPDATE learned_times SET data = x'00'")
    async with running(on_map) as server:
        assert ratio(server) == 1.0
        assert await look(server)  # from the fixes that there are
        assert ratio(server) == pytest.approx(2.5, abs=0.001)


async def test_who_was_not_reached_is_first_at_the_next_look(on_map: Installation) -> None:
    a, b = on_map.add_units("unit-a", "unit-b")
    port = on_map.settings.mqtt.port
    async with running(on_map) as server, WireUnit(a, port) as one, WireUnit(b, port) as other:
        for unit in (one, other):
            await drive(server, unit, pace=2.0, laps=1)
        city = server.service.roads.map
        assert city is not None
        learning = Learning(city.live, server.service.database, server.service.now_ms, 0, budget_s=1e-9)
        counted = []
        for _ in range(3):
            await learning.look()
            counted.append(learning.report()["drives"])
        assert 0 < counted[0] < counted[1] == counted[2] == 2 * counted[0]


async def test_a_journey_is_compared_with_what_was_promised(on_map: Installation) -> None:
    (credentials,) = on_map.add_units("unit-a")
    async with running(on_map) as server, WireUnit(credentials, on_map.settings.mqtt.port) as unit:
        await server.log_in()
        nothing = (await server.client.get(REPORT)).json()["journeys"]
        assert (nothing.pop("n"), set(nothing.values())) == (0, {None})
        await unit.report(LAT_E7, LON_E7 + 100)
        await server.counted("ingest.fixes")
        body = {"id": "6f1ed002-ab5e-4a2b-8b0e-3a8f6f6b7a11", "kind": "emergency"}
        body |= {"lat": LAT_E7 / 1e7, "lon": (LON_E7 + LENGTH_E7) / 1e7}
        assert (await server.client.post("/api/v1/alerts", json=body)).status_code == 201
        order = await unit.order()
        await unit.ack(order, ACCEPTED)
        await unit.ack(await unit.order(), ON_SCENE)
        await eventually_async(journeys_of(server))
        journeys = (await server.client.get(REPORT)).json()["journeys"]
        assert journeys["n"] == 1
        assert journeys["late_p50_s"] == pytest.approx(-order.eta_s, abs=11)  # it was there at once


def journeys_of(server: Running) -> Callable[[], Awaitable[int]]:
    async def number() -> int:
        return int((await server.client.get(REPORT)).json()["journeys"]["n"])

    return number


async def test_only_operators_are_told(on_map: Installation) -> None:
    async with running(on_map) as server:
        assert (await server.client.get(REPORT)).status_code == 401


ROWS = st.lists(
    st.builds(
        JourneyRow,
        st.integers(1, 4),
        st.sampled_from(["offered", "assigned", "arrived_by_position", "on_scene"]),
        st.integers(0, 10**6),
        st.none() | st.floats(0, 1e4),
        st.sampled_from(["road", "straight_line", None]),
    ),
    max_size=30,
)


@given(ROWS)
def test_an_order_counts_once_and_only_if_it_was_promised_accepted_and_kept(rows: list[JourneyRow]) -> None:
    rows = [row._replace(time_ms=number * 1_000) for number, row in enumerate(rows)]
    pairs = journey_pairs(rows)
    assert len(pairs) <= len({row.order_id for row in rows})
    for promised_ms, actual_ms in pairs:
        assert promised_ms >= 0
        assert actual_ms > 0


def test_the_first_arrival_counts_and_a_straight_lines_promise_does_not() -> None:
    rows = [
        JourneyRow(1, "offered", 0, 120.0, "road"),
        JourneyRow(2, "offered", 0, 90.0, "straight_line"),
        JourneyRow(3, "offered", 0, None, None),
        *(JourneyRow(order_id, "assigned", 5_000, None, None) for order_id in (1, 2, 3)),
        *(JourneyRow(order_id, "arrived_by_position", 155_000, None, None) for order_id in (1, 2, 3)),
        JourneyRow(1, "on_scene", 170_000, None, None),
        JourneyRow(4, "on_scene", 180_000, None, None),
    ]
    assert journey_pairs(rows) == [(120_000, 150_000)]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(map_file: Path, data: bytes) -> None:
    with pytest.raises(RoadsError, match="learned travel times"):
        unpack(data, load(map_file))


def test_what_was_packed_is_the_same_again(map_file: Path) -> None:
    graph = load(map_file)
    learned = Learned(str(graph.info["built_from"]))
    learned.add(graph, [Drive((1, 2), hour, 20_000, 10_000 + 100 * hour) for hour in range(168)])
    assert unpack(pack(learned), graph).to_plain() == learned.to_plain()
