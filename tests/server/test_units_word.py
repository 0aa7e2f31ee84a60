"""What a unit says of itself besides positions: its officer's emergency, no fix, and what became of a change."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sigap_wire import topics
from sigap_wire.ack import EMERGENCY, EMERGENCY_OVER, Ack
from sigap_wire.config import Config
from sigap_wire.report import REASON_NO_FIX, Fix, Report
from sigap_wire.result import APPLIED, REFUSED, SUBJECT_CONFIG, SUBJECT_CONNECTION, SUBJECT_ORDER, WANTED, Result
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import BANDUNG, WireUnit

API = "/api/v1"


@pytest.fixture
async def server(installation: Installation) -> AsyncIterator[Running]:
    async with running(installation) as started:
        await started.log_in()
        yield started


async def view(server: Running) -> dict[str, Any]:
    """The only unit, as the API shows it."""
    found: list[dict[str, Any]] = (await server.client.get(f"{API}/units")).json()
    assert len(found) == 1
    return found[0]


async def test_an_emergency_is_there_until_it_is_over_and_after_a_restart(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    pressed_s = int(time.time()) - 5
    async with WireUnit(a, installation.settings.mqtt.port) as unit:
        async with running(installation) as server:
            await server.log_in()
            await unit.report()
            for _ in range(2):
                await unit.publish(topics.ACK, Ack(1, 0, 0, 0, EMERGENCY, pressed_s).encode())
            await server.counted("ingest.acks_repeated")
            assert (await view(server))["emergency_ms"] == pressed_s * 1000
            assert server.service.counters["fleet.units_in_emergency"] == 1
            assert server.service.counters["fleet.emergencies"] == 1
            assert server.service.counters["dispatch.acks_refused"] == 0
            assert await server.rows("SELECT kind, order_id, refused FROM ack") == [(7, 0, None)]
        async with running(installation) as server:
            await server.log_in()
            assert (await view(server))["emergency_ms"] == pressed_s * 1000
            await unit.publish(topics.ACK, Ack(1, 1, 0, 0, EMERGENCY_OVER, pressed_s + 5).encode())
            await unit.publish(topics.ACK, Ack(1, 0, 0, 0, EMERGENCY, pressed_s).encode())
            await server.counted("ingest.acks_repeated")
            assert (await view(server))["emergency_ms"] is None
        async with running(installation) as server:
            await server.log_in()
            assert (await view(server))["emergency_ms"] is None


async def test_no_fix_is_shown_with_the_last_position_and_after_a_restart(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with WireUnit(a, installation.settings.mqtt.port) as unit:
        async with running(installation) as server:
            await server.log_in()
            await unit.report()
            await server.counted("ingest.fixes")
            with_fix = await view(server)
            last_s = with_fix["fix_time_ms"] // 1000
            for seq in (1, 2):
                none = Fix(last_s, *BANDUNG, quality=0, reason=REASON_NO_FIX)
                await unit.publish(topics.REPORT, Report(1, seq, [none]).encode())
            await server.counted("ingest.fixes", 3)
            without = await view(server)
            assert with_fix["no_fix_since_ms"] is None
            assert without == with_fix | {"no_fix_since_ms": last_s * 1000}
        async with running(installation, connected=False) as server:
            await server.log_in()
            again = await view(server)
            shown = ("lat", "lon", "fix_time_ms", "received_ms", "quality", "no_fix_since_ms")
            assert [again[name] for name in shown] == [without[name] for name in shown]


async def test_a_change_reaches_the_unit_and_its_answer_the_operator(
    server: Running, installation: Installation
) -> None:
    (a,) = installation.add_units("unit-a")
    async with WireUnit(a, installation.settings.mqtt.port) as unit:
        await server.counted("ingest.links")
        body = {"revision": 12, "changes": {"policy.distance_m": 5, "language": "en"}}
        assert (await server.client.post(f"{API}/units/unit-a/config", json=body)).status_code == 202
        assert await unit.config() == Config(12, {"policy.distance_m": 5, "language": "en"})
        words = "policy.distance_m is 5, expected 10 to 100000"
        await unit.publish(topics.RESULT, Result(1, 0, SUBJECT_CONFIG, 12, REFUSED, 0, words).encode())
        await server.counted("ingest.results_refused")
        assert (await view(server))["refusal"] == "config 12 refused: " + words
        await unit.publish(topics.RESULT, Result(1, 1, SUBJECT_CONFIG, 13, APPLIED).encode())
        await unit.publish(topics.RESULT, Result(1, 2, SUBJECT_CONFIG, 0, WANTED, 512).encode())
        await server.counted("ingest.results_wanted")
        assert (await view(server))["refusal"] is None
        (latest, first) = (await server.client.get(f"{API}/units/unit-a/results")).json()
        assert latest["outcome"] == "applied"
        assert first | {"received_ms": 0} == {
            "boot_id": 1,
            "seq": 0,
            "subject": "config",
            "number": 12,
            "outcome": "refused",
            "value": 0,
            "detail": words,
            "received_ms": 0,
        }


async def test_a_refused_order_is_told_too_and_after_a_restart(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    words = "order has wire version 2, expected 1"
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.publish(topics.RESULT, Result(1, 0, SUBJECT_ORDER, 0, REFUSED, 0, words).encode())
        await unit.publish(topics.RESULT, Result(1, 1, SUBJECT_CONNECTION, 0, REFUSED, 0, "no SIM card").encode())
        await server.counted("ingest.results_refused", 2)
        await server.log_in()
        assert (await view(server))["refusal"] == "order refused: " + words
    async with running(installation) as server:
        await server.log_in()
        assert (await view(server))["refusal"] == "order refused: " + words


async def test_a_change_waits_for_a_unit_that_is_away(server: Running, installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    port = installation.settings.mqtt.port
    async with WireUnit(a, port, clean_session=False):
        pass
    assert (await server.client.post(f"{API}/units/unit-a/config", json={"revision": 3, "changes": {}})).is_success
    async with WireUnit(a, port, connection=2, clean_session=False) as unit:
        assert await unit.config() == Config(3, {})


async def test_a_change_that_is_none_is_not_sent(server: Running, installation: Installation) -> None:
    installation.add_units("unit-a")
    await server.service.registry.look_up(["unit-a"])
    for body, field in (
        ({"revision": 0, "changes": {}}, "revision"),
        ({"revision": 1 << 32, "changes": {}}, "revision"),
        ({"revision": True, "changes": {}}, "revision"),
        ({"revision": 1}, "changes"),
        ({"revision": 1, "changes": {"a": 1.5}}, "changes.a"),
        ({"revision": 1, "changes": {"a": 1 << 31}}, "changes"),
        ({"revision": 1, "changes": {"a": "x" * 769}}, "changes"),
        ({"revision": 1, "changes": {"a" * 33: 1}}, "changes"),
        ({"revision": 1, "changes": {}, "unit": 1}, "unit"),
    ):
        answer = await server.client.post(f"{API}/units/unit-a/config", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["error"]["field"].startswith(field)


async def test_units_that_there_are_not(server: Running) -> None:
    for answer in (
        await server.client.post(f"{API}/units/unit-z/config", json={"revision": 1, "changes": {}}),
        await server.client.get(f"{API}/units/unit-z/results"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unit_unknown")


async def test_without_a_broker_a_change_is_refused_and_not_lost_silently(
    server: Running, installation: Installation
) -> None:
    installation.add_units("unit-a")
    await server.service.registry.look_up(["unit-a"])
    installation.kill_broker()
    answer = await server.client.post(f"{API}/units/unit-a/config", json={"revision": 1, "changes": {}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "broker_away")


async def test_only_operators_change_units(installation: Installation) -> None:
    async with running(installation, connected=False) as server:
        for answer in (
            await server.client.post(f"{API}/units/unit-a/config", json={"revision": 1, "changes": {}}),
            await server.client.get(f"{API}/units/unit-a/results"),
        ):
            assert answer.status_code == 401
