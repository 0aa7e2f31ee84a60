"""What operators see, and units registered while the server runs."""

from collections.abc import AsyncIterator

import aiomqtt
import pytest

from sigap_server.broker import Credentials
from sigap_server.counters import COUNTERS, GAUGES, Counters
from sigap_server.dispatch.inputs import CloseIncident
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit

API = "/api/v1"


@pytest.fixture
async def server(installation: Installation) -> AsyncIterator[Running]:
    async with running(installation) as started:
        await started.log_in()
        yield started


async def test_a_unit_registered_here_can_report_at_once(server: Running, installation: Installation) -> None:
    answer = await server.client.post(f"{API}/units", json={"unit_id": "unit-a", "callsign": "Alfa 1"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["unit_id"], made["user"]) == ("unit-a", "unit-a")
    async with WireUnit(Credentials(made["user"], made["password"]), installation.settings.mqtt.port) as unit:
        await unit.report(lat_e7=-69_000_000, lon_e7=1_076_000_000)
        await server.counted("ingest.fixes")
        (view,) = (await server.client.get(f"{API}/units")).json()
    assert view | {"fix_time_ms": 0, "received_ms": 0} == {
        "unit_id": "unit-a",
        "callsign": "Alfa 1",
        "status": "available",
        "link": "fresh",
        "lat": -6.9,
        "lon": 107.6,
        "speed_mps": 0.0,
        "course_deg": None,
        "quality": 1,
        "satellites": 8,
        "hdop": None,
        "fix_time_ms": 0,
        "received_ms": 0,
        "incident_id": None,
        "firmware": "wire-unit",
        "no_fix_since_ms": None,
        "emergency_ms": None,
        "refusal": None,
        "kind": "car",
        "skills": [],
        "agency": "",
        "sector": "",
        "duty": "available",
        "duty_ms": None,
    }


async def test_what_a_unit_is_can_be_changed_and_stays_after_a_restart(installation: Installation) -> None:
    async with running(installation) as server:
        await server.log_in()
        made = {"unit_id": "unit-a", "callsign": "Alfa 1", "kind": "motorcycle", "skills": ["water", "first_aid"]}
        assert (await server.client.post(f"{API}/units", json=made)).status_code == 201
        change = {"callsign": "Alfa 2", "sector": "north", "duty": "off_duty"}
        changed = (await server.client.patch(f"{API}/units/unit-a", json=change)).json()
    async with running(installation) as server:
        await server.log_in()
        (after,) = (await server.client.get(f"{API}/units")).json()
    assert after == changed
    expected = {"kind": "motorcycle", "skills": ["first_aid", "water"], "status": "off_duty", **change}
    assert {name: after[name] for name in expected} == expected
    assert after["duty_ms"] is not None


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kind": "Car!"}, 422, "kind"),
        ({"skills": ["swim", "a b"]}, 422, "skills"),
        ({"skills": [f"s{number}" for number in range(17)]}, 422, "skills"),
        ({"sector": "x" * 33}, 422, "sector"),
        ({"agency": "Polda Jabar"}, 422, "agency"),
        ({"callsign": ""}, 422, "callsign"),
        ({"duty": "asleep"}, 422, "duty"),
        ({"colour": "blue"}, 422, "colour"),
    ],
)
async def test_changes_that_are_refused(server: Running, change: dict[str, object], status: int, field: str) -> None:
    await server.client.post(f"{API}/units", json={"unit_id": "unit-a", "callsign": "Alfa 1"})
    before = (await server.client.get(f"{API}/units")).json()
    answer = await server.client.patch(f"{API}/units/unit-a", json=change)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    assert (await server.client.get(f"{API}/units")).json() == before
    other = await server.client.patch(f"{API}/units/unit-b", json={"duty": "off_duty"})
    assert (other.status_code, other.json()["error"]["code"]) == (404, "unit_unknown")


async def test_a_unit_is_registered_once(server: Running, installation: Installation) -> None:
    body = {"unit_id": "unit-a", "callsign": "Alfa 1"}
    first = (await server.client.post(f"{API}/units", json=body)).json()
    again = await server.client.post(f"{API}/units", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "unit_exists")
    async with WireUnit(Credentials(first["user"], first["password"]), installation.settings.mqtt.port):
        pass


@pytest.mark.parametrize(
    ("unit_id", "callsign", "field"),
    [
        ("", "A", "unit_id"),
        ("Unit", "A", "unit_id"),
        ("a.b", "A", "unit_id"),
        ("sigap_server", "A", "unit_id"),
        ("a" * 33, "A", "unit_id"),
        ("a", "", "callsign"),
        ("a", "x" * 33, "callsign"),
        ("a", "a\nb", "callsign"),
    ],
)
async def test_names_that_are_refused(server: Running, unit_id: str, callsign: str, field: str) -> None:
    answer = await server.client.post(f"{API}/units", json={"unit_id": unit_id, "callsign": callsign})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert (await server.client.get(f"{API}/units")).json() == []


async def test_a_position_is_null_until_there_is_one(server: Running) -> None:
    await server.client.post(f"{API}/units", json={"unit_id": "unit-a", "callsign": "A"})
    (view,) = (await server.client.get(f"{API}/units")).json()
    assert view["link"] == "lost"
    assert {name for name, value in view.items() if value is None} == {
        "lat", "lon", "speed_mps", "course_deg", "quality", "satellites", "hdop", "fix_time_ms", "received_ms",
        "incident_id", "firmware", "no_fix_since_ms", "emergency_ms", "refusal", "duty_ms",
    }  # fmt: skip


async def test_incidents_newest_first_and_open_ones(server: Running) -> None:
    for _ in range(3):
        await server.press(kind="drill")
    await server.service.dispatcher.tell(CloseIncident(2, "operator:sari", "mistake"))

    async def listed(query: str) -> list[int]:
        answer = await server.client.get(f"{API}/incidents{query}")
        assert answer.status_code == 200
        return [incident["incident_id"] for incident in answer.json()]

    assert await listed("") == [3, 2, 1]
    assert await listed("?open=true") == [3, 1]
    assert await listed("?limit=1") == [3]
    assert (await server.client.get(f"{API}/incidents?limit=0")).status_code == 422
    closed = (await server.client.get(f"{API}/incidents/2")).json()
    assert (closed["phase"], closed["disposition"]) == ("closed", "mistake")
    assert [entry["kind"] for entry in closed["timeline"]] == ["alert_received", "no_unit", "closed"]
    assert [entry["seq"] for entry in closed["timeline"]] == [1, 2, 3]
    assert closed["timeline"][2]["actor"] == "operator:sari"
    assert (await server.client.get(f"{API}/incidents/4")).json()["error"]["code"] == "incident_unknown"


async def test_an_incident_not_in_memory_is_found_in_the_database(server: Running) -> None:
    await server.press(kind="drill")
    shown = (await server.client.get(f"{API}/incidents/1")).json()
    server.service.dispatcher.book.clear()
    assert (await server.client.get(f"{API}/incidents/1")).json() == shown


async def test_counters_are_all_there(server: Running) -> None:
    await server.press(kind="drill")
    found = (await server.client.get(f"{API}/counters")).json()
    assert set(found) == set(COUNTERS) | set(GAUGES)
    assert found["alerts.accepted"] == 1
    assert found["dispatch.incidents_open"] == 1
    assert found["mqtt.connected"] == 1


def test_a_counter_without_a_name_in_the_list_is_a_defect() -> None:
    with pytest.raises(KeyError):
        Counters().add("ingest.mesages")
    with pytest.raises(KeyError):
        Counters().gauge("fleet.unit", lambda: 0)


async def test_the_password_is_the_brokers_business_only(server: Running, installation: Installation) -> None:
    made = (await server.client.post(f"{API}/units", json={"unit_id": "unit-a", "callsign": "A"})).json()
    ((password_hash,),) = await server.rows("SELECT password_hash FROM unit")
    assert made["password"] not in password_hash
    with pytest.raises(aiomqtt.MqttError):
        async with WireUnit(Credentials("unit-a", password_hash), installation.settings.mqtt.port):
            pass
