"""From a press to a closed incident over the real broker, and what the log says of it."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.dispatch.inputs import CloseIncident
from sigap_server.store import incidents
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED, STATE_OFFERED
from tests.server.conftest import Install
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit
from tests.support.waiting import eventually_async

PLACE = {"lat": -6.9, "lon": 107.6}
NEAR = (-69_000_000, 1_076_000_000)
FAR = (-69_500_000, 1_076_000_000)


async def alert_state(server: Running, alert: dict[str, Any], wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def has_state() -> bool:
        found.update((await server.client.get(f"/api/v1/alerts/{alert['alert_id']}")).json())
        return bool(found["state"] == wanted)

    await eventually_async(has_state, what=f"alert {wanted}")
    return found


async def kinds(server: Running) -> list[str]:
    return [row[0] for row in await server.rows("SELECT kind FROM event ORDER BY event_id")]


async def test_the_whole_way(installation: Installation) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with running(installation) as server, WireUnit(a, port) as near, WireUnit(b, port) as far:
        await near.report(*NEAR)
        await far.report(*FAR)
        await server.counted("ingest.fixes", 2)
        alert = await server.press(text="help")

        order = await near.order()
        assert (order.state, order.revision, order.incident_id, order.text) == (STATE_OFFERED, 1, 1, "help")
        assert (order.lat_e7, order.lon_e7) == NEAR
        await near.ack(order, ack.RECEIVED)
        assert (await alert_state(server, alert, "received"))["unit"] is None, "an offer is no promise"
        await near.ack(order, ack.ACCEPTED)
        order = await near.order()
        assert (order.state, order.revision) == (STATE_ASSIGNED, 2)
        coming = await alert_state(server, alert, "coming")
        assert (coming["unit"], coming["eta_s"]) == ("UNIT-A", 0)
        await near.ack(order, ack.RECEIVED)
        await near.ack(order, ack.EN_ROUTE)
        await near.ack(order, ack.ON_SCENE)
        assert (await alert_state(server, alert, "arrived"))["unit"] == "UNIT-A"
        await near.ack(order, ack.CLEAR)
        order = await near.order()
        assert (order.state, order.revision) == (STATE_CLOSED, 3)
        assert (await alert_state(server, alert, "closed"))["unit"] is None

        assert far.orders.empty()
        assert await kinds(server) == [
            "alert_received",
            "offered",
            "order_received",
            "accepted",
            "assigned",
            "update_received",
            "en_route",
            "on_scene",
            "clear",
            "closed",
        ]
        assert await server.rows("SELECT seq FROM event ORDER BY event_id") == [(number,) for number in range(1, 11)]
        assert await server.rows("SELECT phase, unit_id, disposition FROM incident") == [
            ("closed", "unit-a", "cleared_by_unit")
        ]


async def test_who_declines_or_dies_is_followed_by_the_next(installation: Installation) -> None:
    units = installation.add_units("unit-a", "unit-b", "unit-c")
    port = installation.settings.mqtt.port
    async with (
        running(installation) as server,
        WireUnit(units[0], port) as first,
        WireUnit(units[1], port) as second,
        WireUnit(units[2], port) as third,
    ):
        for number, unit in enumerate((first, second, third)):
            await unit.report(NEAR[0] + 10_000 * number, NEAR[1])
        await server.counted("ingest.fixes", 3)
        await server.press()
        offer = await first.order()
        await first.ack(offer, ack.RECEIVED)
        await first.ack(offer, ack.DECLINED)
        assert (await first.order()).state == STATE_CANCELLED
        offer = await second.order()
        await second.ack(offer, ack.RECEIVED)
        second.die()
        offer = await third.order()
        assert offer.incident_id == 1
        assert server.service.dispatcher.state.incidents[1].unit_id == "unit-c"


async def test_who_is_silent_is_followed_by_the_next(install: Install) -> None:
    installation = install(policy={"offer": {"receipt_deadline_s": 1}})
    installation.start_broker()
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with running(installation) as server, WireUnit(a, port) as near, WireUnit(b, port) as far:
        await near.report(*NEAR)
        await far.report(*FAR)
        await server.counted("ingest.fixes", 2)
        await server.press()
        offered = await near.order()
        assert (await far.order()).state == STATE_OFFERED
        assert (await near.order()).state == STATE_CANCELLED
        # Too late: the answer is stored, refused, and the unit is told again.
        await near.ack(offered, ack.ACCEPTED)
        await eventually_async(
            lambda: "late_ack_refused" in [event["kind"] for event in timeline(server)], what="refusal"
        )
        assert server.service.dispatcher.state.incidents[1].unit_id == "unit-b"


def timeline(server: Running) -> list[dict[str, Any]]:
    record = server.service.dispatcher.book.get(1)
    assert record is not None
    return record.timeline


async def test_a_repeated_acknowledgement_changes_nothing(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report(*NEAR)
        await server.counted("ingest.fixes")
        await server.press()
        order = await unit.order()
        message = ack.Ack(1, 0, order.order_id, order.revision, ack.RECEIVED, 0).encode()
        for _ in range(3):
            await unit.publish("ack", message)
        await server.counted("ingest.acks_repeated", 2)
        assert await kinds(server) == ["alert_received", "offered", "order_received"]


async def test_an_incident_waits_for_the_first_unit_that_can_go(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server:
        await server.press()
        async with WireUnit(a, installation.settings.mqtt.port) as unit:
            await unit.report(*FAR)
            assert (await unit.order()).state == STATE_OFFERED


async def test_a_unit_that_comes_back_is_told_its_order_again(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    port = installation.settings.mqtt.port
    async with running(installation) as server:
        async with WireUnit(a, port) as unit:
            await unit.report(*NEAR)
            await server.counted("ingest.fixes")
            await server.press()
            order = await unit.order()
            await unit.ack(order, ack.RECEIVED)
            await unit.ack(order, ack.ACCEPTED)
            assigned = await unit.order()
        async with WireUnit(a, port, boot_id=2) as unit:
            assert await unit.order() == assigned


async def test_decision_and_cause_are_committed_together(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the events there is no acknowledgement either, and the broker delivers it again."""
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report(*NEAR)
        await server.counted("ingest.fixes")
        await server.press()
        order = await unit.order()
        add_events = incidents.add_events
        failures = []

        async def fail_twice(connection: object, rows: list[dict[str, Any]]) -> None:
            if len(failures) < 2:
                failures.append(rows[0]["kind"])
                assert await server.rows("SELECT count(*) FROM ack") == [(0,)]
                raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
            await add_events(connection, rows)

        monkeypatch.setattr(incidents, "add_events", fail_twice)
        await unit.ack(order, ack.ACCEPTED)
        assert (await unit.order()).state == STATE_ASSIGNED
        assert failures == ["accepted", "accepted"]
        assert await server.rows("SELECT count(*) FROM ack") == [(1,)]
        assert server.service.counters["ingest.database_retries"] == 2
        assert (await kinds(server))[-2:] == ["accepted", "assigned"]


async def test_orders_wait_for_a_broker_that_is_away(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    port = installation.settings.mqtt.port
    async with running(installation) as server:
        async with WireUnit(a, port) as unit:
            await unit.report(*NEAR)
            await server.counted("ingest.fixes")
            installation.kill_broker()
            await eventually_async(lambda: not server.service.link.connected, what="broker noticed as lost")
            await server.press()
            assert server.service.counters["dispatch.orders_unsent"] == 1
        installation.start_broker()
        async with WireUnit(a, port, boot_id=2) as unit:
            order = await unit.order()
            await unit.ack(order, ack.ACCEPTED)
            while (await unit.order()).state != STATE_ASSIGNED:
                pass
        assert "offer_timed_out" not in await kinds(server)


async def test_deadlines_wait_for_the_broker(install: Install) -> None:
    """Nobody can answer while the broker is away; silence then means nothing."""
    installation = install(policy={"offer": {"receipt_deadline_s": 1}}, mqtt={"ack_wait_s": 1})
    installation.start_broker()
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with running(installation) as server:
        async with WireUnit(a, port) as near, WireUnit(b, port) as far:
            await near.report(*NEAR)
            await far.report(*FAR)
            await server.counted("ingest.fixes", 2)
            await server.press()
            await near.order()
            installation.kill_broker()
        deadline_ms = server.service.dispatcher.state.incidents[1].order.deadline_ms
        await eventually_async(lambda: server.service.dispatcher.now_ms() > deadline_ms + 1500, what="deadline passed")
        assert server.service.dispatcher.state.incidents[1].unit_id == "unit-a"
        installation.start_broker()
        async with WireUnit(a, port, boot_id=2) as near:
            order = await near.order()
            await near.ack(order, ack.RECEIVED)
            await eventually_async(lambda: timeline(server)[-1]["kind"] != "offered", what="receipt stored")
        assert "offer_timed_out" not in await kinds(server)


async def test_an_operator_ends_it(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report(*NEAR)
        await server.counted("ingest.fixes")
        await server.press()
        await unit.order()
        await server.service.dispatcher.tell(CloseIncident(1, "operator:sari", "false_alarm"))
        assert (await unit.order()).state == STATE_CANCELLED


async def test_many_presses_at_once_share_out_the_cars(installation: Installation) -> None:
    credentials = installation.add_units(*(f"unit-{number}" for number in range(5)))
    port = installation.settings.mqtt.port
    async with running(installation) as server:
        units = [WireUnit(one, port) for one in credentials]
        for number, unit in enumerate(units):
            await unit.__aenter__()
            await unit.report(NEAR[0] + 1000 * number, NEAR[1])
        await server.counted("ingest.fixes", 5)
        await asyncio.gather(*(server.press(lat=-6.9 - number / 100) for number in range(5)))
        orders = await asyncio.gather(*(unit.order() for unit in units))
        assert {order.incident_id for order in orders} == {1, 2, 3, 4, 5}
        assert {order.order_id for order in orders} == {1, 2, 3, 4, 5}
        for unit in units:
            await unit.__aexit__(None, None, None)


async def test_a_commit_that_failed_and_stands_all_the_same_is_found(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    (a,) = installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(a, installation.settings.mqtt.port) as unit:
        await unit.report(*NEAR)
        await server.counted("ingest.fixes")
        database = server.service.database
        transaction = database.transaction

        @asynccontextmanager
        async def in_doubt() -> AsyncIterator[AsyncConnection]:
            monkeypatch.undo()
            async with transaction() as connection:
                yield connection
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

        monkeypatch.setattr(database, "transaction", in_doubt)
        body = {"id": str(uuid.uuid4()), "kind": "emergency", **PLACE}
        assert (await server.client.post("/api/v1/alerts", json=body)).status_code == 503
        again = await server.client.post("/api/v1/alerts", json=body)
        assert (again.status_code, again.json()["incident_id"]) == (200, 1)
        order = await unit.order()
        assert (order.incident_id, order.order_id) == (1, 1)
        await unit.ack(order, ack.ACCEPTED)
        assert (await unit.order()).state == STATE_ASSIGNED
        assert (await kinds(server)).count("offered") == 1
