"""Roads that operators close and slow: who is first there changes, and a restart forgets none of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sigap_roads.build import build
from sigap_roads.file import save
from sigap_roads.profile import Profile
from sigap_roads.ways import RoadClass, Way, Ways
from sigap_wire.order import STATE_OFFERED
from tests.server.conftest import Install
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit

API = "/api/v1"
LAT_E7, LON_E7 = -69_000_000, 1_076_000_000
STEP_E7 = 45_000  # some 500 m
# A square: the caller is in the middle of its southern side, which is called so; the other three go round.
SOUTH, ROUND = "Jalan Selatan", "Jalan Lingkar"
WEST_CAR, NORTH_CAR = (LAT_E7, LON_E7 + 4_000), (LAT_E7 + STEP_E7, LON_E7 + 2 * STEP_E7 - 4_000)
CALLER = {"lat": LAT_E7 / 1e7, "lon": (LON_E7 + STEP_E7) / 1e7}


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    places = [(0, 0), (0, 1), (0, 2), (1, 2), (1, 0)]
    nodes = {n: (LAT_E7 + row * STEP_E7, LON_E7 + column * STEP_E7) for n, (row, column) in enumerate(places)}
    ways = (
        Way(1, (0, 1), RoadClass.SECONDARY, SOUTH),
        Way(2, (1, 2), RoadClass.SECONDARY, SOUTH),
        Way(3, (2, 3), RoadClass.SECONDARY, ROUND),
        Way(4, (3, 4), RoadClass.SECONDARY, ROUND),
        Way(5, (4, 0), RoadClass.SECONDARY, ROUND),
    )
    path = tmp_path_factory.mktemp("roads") / "square.roads"
    save(build(Ways(nodes, ways, source="test"), Profile()), path)
    return path


@pytest.fixture
def on_map(install: Install, map_file: Path) -> Installation:
    made = install(roads={"file": map_file})
    made.start_broker()
    return made


@pytest.fixture
async def server(on_map: Installation) -> AsyncIterator[Running]:
    async with running(on_map) as started:
        await started.log_in()
        yield started


async def change(server: Running, **values: object) -> dict[str, Any]:
    answer = await server.client.post(f"{API}/roads/changes", json={"reason": "flood", **values})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_closed_street_makes_another_car_the_first(on_map: Installation) -> None:
    a, b = on_map.add_units("unit-a", "unit-b")
    port = on_map.settings.mqtt.port
    async with running(on_map) as server, WireUnit(a, port) as west, WireUnit(b, port) as north:
        await server.log_in()
        await west.report(*WEST_CAR)
        await north.report(*NORTH_CAR)
        await server.counted("ingest.fixes", 2)
        # West of the caller the street is closed: the western car has three sides to go.
        west_of_it = [
            [CALLER["lon"] - 0.004, CALLER["lat"] - 0.001],
            [CALLER["lon"] - 0.001, CALLER["lat"] - 0.001],
            [CALLER["lon"] - 0.001, CALLER["lat"] + 0.001],
            [CALLER["lon"] - 0.004, CALLER["lat"] + 0.001],
        ]
        made = await change(server, area={"type": "Polygon", "coordinates": [west_of_it]})
        assert made["in_force"]
        await server.press(**CALLER)
        order = await north.order()
        assert (order.state, order.street) == (STATE_OFFERED, SOUTH)
        incident = (await server.client.get(f"{API}/incidents/1")).json()
        assert incident["eta_method"] == "road"
        assert incident["units"][0]["unit_id"] == "unit-b"
    async with running(on_map) as server:
        await server.log_in()
        assert [one["in_force"] for one in (await server.client.get(f"{API}/roads/changes")).json()] == [True]
        assert len(server.service.roads.map.live.changes) == 1
        ended = await server.client.delete(f"{API}/roads/changes/{made['change_id']}")
        assert ended.status_code == 204
        assert server.service.roads.map.live.changes == []
        (told,) = (await server.client.get(f"{API}/roads/changes")).json()
        assert (told["in_force"], told["ended_by"]) == (False, "operator:operator")
        again = await server.client.delete(f"{API}/roads/changes/{made['change_id']}")
        assert (again.status_code, again.json()["error"]["code"]) == (404, "road_change_unknown")


async def test_the_nearer_car_by_road_is_the_first(on_map: Installation) -> None:
    a, b = on_map.add_units("unit-a", "unit-b")
    port = on_map.settings.mqtt.port
    async with running(on_map) as server, WireUnit(a, port) as west, WireUnit(b, port) as north:
        await west.report(*WEST_CAR)
        await north.report(*NORTH_CAR)
        await server.counted("ingest.fixes", 2)
        await server.press(**CALLER)
        assert (await west.order()).state == STATE_OFFERED


async def test_a_change_expires_by_itself(server: Running) -> None:
    now_ms = server.service.now_ms()
    await change(server, street=SOUTH.upper(), factor=3, expires_ms=now_ms + 3_600_000)
    assert server.service.roads.map.live.traffic.version == 1
    assert not server.service.roads.pass_time(now_ms + 3_599_999)
    assert server.service.roads.pass_time(now_ms + 3_600_000)
    assert server.service.roads.map.live.changes == []


@pytest.mark.parametrize(
    ("values", "code", "complaint"),
    [
        ({"street": "Jalan Seltan"}, "roads_unknown", "similar: Jalan Selatan"),
        ({"area": {"type": "Point", "coordinates": [1, 2]}}, "roads_unknown", "expected a GeoJSON Polygon"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1]]]}}, "roads_unknown", "no road in the"),
        ({}, "roads_unknown", "expected an area, a street"),
        ({"street": SOUTH, "factor": 0.5}, "field_invalid", ""),
        ({"street": SOUTH, "expires_ms": 1}, "field_invalid", "has passed"),
    ],
)
async def test_changes_that_are_refused(server: Running, values: dict[str, Any], code: str, complaint: str) -> None:
    answer = await server.client.post(f"{API}/roads/changes", json={"reason": "flood", **values})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert complaint in answer.json()["error"]["message"]
    assert (await server.client.get(f"{API}/roads/changes")).json() == []
    assert server.service.roads.map.live.traffic.version == 0


async def test_a_change_of_another_map_is_said_and_stops_nothing(
    on_map: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(on_map) as server, server.service.database.write() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO road_change (street, reason, actor, created_ms) VALUES ('Jalan Lama', 'r', 'operator:x', 1)"
        )
    async with running(on_map) as server:
        await server.log_in()
        assert server.service.roads.map.live.changes == []
        assert len((await server.client.get(f"{API}/roads/changes")).json()) == 1


async def test_without_a_map_nothing_can_be_closed(installation: Installation) -> None:
    async with running(installation) as server:
        await server.log_in()
        answer = await server.client.post(f"{API}/roads/changes", json={"reason": "flood", "street": SOUTH})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_roads")
