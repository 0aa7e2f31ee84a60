"""The live feed: a snapshot, then changes; a watcher that is too slow gets a fresh snapshot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from sigap_server.broker import Credentials
from sigap_server.counters import Counters
from sigap_server.live import LiveEvent, LiveFeed
from sigap_wire import ack
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit
from tests.support.waiting import eventually_async

URL = "/api/v1/live"


@pytest.fixture
async def server(installation: Installation) -> AsyncIterator[Running]:
    async with running(installation) as started:
        await started.log_in()
        yield started


async def feed(server: Running) -> AsyncIterator[tuple[str, Any]]:
    """(event, data) as they come."""
    async with server.client.stream("GET", URL, timeout=httpx.Timeout(10, read=10)) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


async def until(events: AsyncIterator[tuple[str, Any]], wanted: str) -> Any:
    async for name, data in events:
        if name == wanted:
            return data
    raise AssertionError(f"the feed ended without {wanted}")


async def test_snapshot_first_then_changes(server: Running, installation: Installation) -> None:
    answer = await server.client.post("/api/v1/units", json={"unit_id": "unit-a", "callsign": "Alfa"})
    a = Credentials("unit-a", answer.json()["password"])
    await server.press()
    async with aclosing(feed(server)) as events, WireUnit(a, installation.settings.mqtt.port) as unit:
        name, snapshot = await anext(events)
        assert name == "snapshot"
        assert [view["unit_id"] for view in snapshot["units"]] == ["unit-a"]
        assert [incident["phase"] for incident in snapshot["incidents"]] == ["waiting"]
        assert snapshot["counters"]["alerts.accepted"] == 1
        assert snapshot["now_ms"] > 0

        await unit.report()
        offered = await until(events, "incident")
        assert (offered["phase"], offered["unit_id"]) == ("offered", "unit-a")
        assert offered["timeline"][-1]["kind"] == "offered"
        (view,) = await until(events, "units")
        assert (view["unit_id"], view["status"], view["incident_id"]) == ("unit-a", "offered", 1)

        order = await unit.order()
        await unit.ack(order, ack.RECEIVED)
        await unit.ack(order, ack.ACCEPTED)
        phases = []
        async for name, data in events:
            if name == "incident":
                phases.append(data["phase"])
                if phases[-1] == "assigned":
                    break
        assert set(phases[:-1]) <= {"offered"}
        counters = await until(events, "counters")
        assert counters["ingest.acks"] == 2


async def test_units_come_at_most_four_times_a_second(server: Running, installation: Installation) -> None:
    (a,) = await asyncio.to_thread(installation.add_units, "unit-a")
    loop = asyncio.get_running_loop()
    async with aclosing(feed(server)) as events, WireUnit(a, installation.settings.mqtt.port) as unit:
        await anext(events)

        async def drive() -> None:
            for _ in range(2000):
                await unit.report()

        driving = asyncio.create_task(drive())
        times = []
        async for name, _ in events:
            if name == "units":
                times.append(loop.time())
                if len(times) == 5:
                    break
        driving.cancel()
        await asyncio.wait([driving])
    assert times[-1] - times[0] >= 0.9
    assert server.service.counters["ingest.fixes"] > 5


async def test_logging_out_ends_the_feed(server: Running) -> None:
    async with aclosing(feed(server)) as events:
        await anext(events)
        assert (await server.client.delete("/api/v1/session")).status_code == 204
        async with asyncio.timeout(5):
            async for _ in events:
                pass
    await eventually_async(lambda: server.service.counters["live.clients_connected"] == 0, what="the feed's end")


async def test_a_client_that_goes_is_forgotten(server: Running) -> None:
    async with aclosing(feed(server)) as events:
        await anext(events)
        assert server.service.counters["live.clients_connected"] == 1
    await eventually_async(lambda: server.service.counters["live.clients_connected"] == 0, what="client forgotten")


async def test_the_server_stops_although_somebody_watches(installation: Installation) -> None:
    async with running(installation) as server:
        await server.log_in()
        events = feed(server)
        await anext(events)
        server.service.live.end_all()
        async with asyncio.timeout(5):
            async for _ in events:
                pass


async def test_a_slow_watcher_gets_a_snapshot_instead_of_a_growing_queue() -> None:
    counters = Counters()
    state = {"incidents": 0}
    live = LiveFeed(lambda: dict(state), lambda unit_ids: [], lambda incident_id: {"id": incident_id}, counters)
    watcher = live.open("session")
    events = watcher.events()
    assert await anext(events) == LiveEvent("snapshot", '{"incidents":0}')
    live.change([1], ())
    assert await anext(events) == LiveEvent("incident", '{"id":1}')
    for number in range(1000):
        live.change([number], ())
    state["incidents"] = 1000
    assert await anext(events) == LiveEvent("snapshot", '{"incidents":1000}')
    live.change([7], ())
    assert await anext(events) == LiveEvent("incident", '{"id":7}')
    assert counters["live.resyncs"] == 1
    watcher.end()
    assert [event async for event in events] == []
