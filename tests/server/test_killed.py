"""SIGKILL at any moment: what was acknowledged to a unit or a citizen is in the database, once."""

import asyncio
import contextlib
import itertools
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import httpx
import pytest

from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_OFFERED
from tests.support.installation import Installation
from tests.support.units import WireUnit
from tests.support.waiting import eventually_async

NEAR = (-69_000_000, 1_076_000_000)
FAR = (-69_500_000, 1_076_000_000)


def query(installation: Installation, text: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(installation.settings.database_path, timeout=10)) as database:
        return database.execute(text).fetchall()


async def broker_state(installation: Installation) -> str:
    async with httpx.AsyncClient(base_url=installation.url) as client:
        try:
            return str((await client.get("/api/v1/status")).json()["broker"])
        except httpx.HTTPError:
            return "no server"


async def connected(installation: Installation) -> None:
    await eventually_async(
        lambda: _is(broker_state(installation), "connected"), deadline_s=30, what="server connected to the broker"
    )


async def _is(value: Any, wanted: str) -> bool:
    return bool(await value == wanted)


async def press(installation: Installation, alert_id: str | None = None) -> dict[str, Any]:
    """Until it is answered, as the citizen's page does."""
    body = {"id": alert_id or str(uuid.uuid4()), "kind": "emergency", "lat": -6.9, "lon": 107.6}
    answers: list[httpx.Response] = []

    async def is_answered() -> bool:
        async with httpx.AsyncClient(base_url=installation.url) as client:
            with contextlib.suppress(httpx.HTTPError):
                answers.append(await client.post("/api/v1/alerts", json=body))
        return bool(answers) and answers[-1].is_success

    await eventually_async(is_answered, deadline_s=30, what="alert stored")
    return dict(answers[-1].json())


class Reporter:
    """A unit that reports as fast as it is acknowledged and remembers what was."""

    def __init__(self, unit: WireUnit) -> None:
        self.unit = unit
        self.acknowledged: set[tuple[int, int]] = set()
        self.enough = False

    async def more(self, count: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.acknowledged) + count
        await eventually_async(lambda: len(self.acknowledged) >= wanted, deadline_s=20, what=f"{count} more reports")

    async def run(self) -> None:
        async def one_after_the_other() -> None:
            # Asked for rather than cancelled: until Python 3.12 a cancellation that meets the end of a wait is lost.
            while not self.enough:
                seq = await self.unit.report()
                self.acknowledged.add((self.unit.boot_id, seq))

        await asyncio.gather(*(one_after_the_other() for _ in range(4)))


@asynccontextmanager
async def reporting(unit: WireUnit) -> AsyncIterator[Reporter]:
    reporter = Reporter(unit)
    task = asyncio.create_task(reporter.run())
    try:
        yield reporter
    finally:
        reporter.enough = True
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()


def stored(installation: Installation) -> set[tuple[int, int]]:
    rows = query(installation, "SELECT boot_id, seq FROM fix")
    assert len(rows) == len(set(rows))
    return set(rows)


async def test_no_acknowledged_report_is_lost_when_the_server_is_killed(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    installation.start_server()
    await connected(installation)
    async with WireUnit(a, installation.settings.mqtt.port) as unit, reporting(unit) as reporter:
        for _life in range(3):
            await reporter.more(50)
            installation.kill_server()
            await reporter.more(50)
            installation.start_server()
    await eventually_async(lambda: reporter.acknowledged <= stored(installation), deadline_s=20, what="all stored")
    assert len(reporter.acknowledged) > 300
    assert installation.stop_server() == 0


async def test_nothing_is_lost_when_the_broker_is_killed(installation: Installation) -> None:
    (a,) = installation.add_units("unit-a")
    installation.start_server()
    await connected(installation)
    acknowledged: set[tuple[int, int]] = set()
    for boot_id in (1, 2, 3):
        with contextlib.suppress(aiomqtt.MqttError):
            async with WireUnit(a, installation.settings.mqtt.port, boot_id) as unit, reporting(unit) as reporter:
                await reporter.more(50)
                installation.kill_broker()
                acknowledged |= reporter.acknowledged
        await eventually_async(lambda: _is(broker_state(installation), "disconnected"), what="broker missed")
        installation.start_broker()
        await connected(installation)
    await eventually_async(lambda: acknowledged <= stored(installation), deadline_s=20, what="all stored")


async def test_an_open_incident_goes_on_and_no_second_car_is_sent(installation: Installation) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    installation.start_server()
    await connected(installation)
    async with WireUnit(a, port) as near, WireUnit(b, port) as far:
        await near.report(*NEAR)
        await far.report(*FAR)
        await eventually_async(lambda: len(query(installation, "SELECT 1 FROM fix")) == 2, what="both positions")
        alert = await press(installation)
        offer = await near.order()
        assert offer.state == STATE_OFFERED
        await near.ack(offer, ack.RECEIVED)

        installation.kill_server()
        await near.ack(offer, ack.ACCEPTED)  # the broker keeps it
        installation.start_server()
        while (order := await near.order()).state != STATE_ASSIGNED:
            assert (order.order_id, order.revision) == (offer.order_id, offer.revision), "only the same order again"
        assert order.order_id == offer.order_id

        installation.kill_server()
        await near.ack(order, ack.RECEIVED)
        await near.ack(order, ack.ON_SCENE)
        await near.ack(order, ack.CLEAR)
        installation.start_server()
        await eventually_async(
            lambda: query(installation, "SELECT phase, disposition FROM incident") == [("closed", "cleared_by_unit")],
            what="incident closed",
        )
        assert far.orders.empty(), "no second car"
        assert await press(installation, alert["alert_id"]) | {"state": "closed"} == alert | {"state": "closed"}
    events = query(installation, "SELECT incident_id, seq, kind FROM event ORDER BY event_id")
    assert [row[1] for row in events] == list(range(1, len(events) + 1))
    assert [row[2] for row in events].count("offered") == 1
    assert [row[2] for row in events].count("assigned") == 1
    assert "unit_lost" not in [row[2] for row in events]


@pytest.mark.parametrize("round_", range(3))
async def test_every_answered_press_is_there_once(installation: Installation, round_: int) -> None:
    server = installation.start_server()
    answered: dict[str, int] = {}
    ids = itertools.cycle([str(uuid.uuid4()) for _ in range(10)])

    async def press_on() -> None:
        while len(answered) < 10:
            alert_id = next(ids)
            answered[alert_id] = (await press(installation, alert_id))["incident_id"]

    pressing = [asyncio.create_task(press_on()) for _ in range(3)]
    await eventually_async(lambda: len(answered) > round_ * 3, deadline_s=20, what="first answers")
    installation.kill_server()
    assert server.returncode is not None
    installation.start_server()
    await asyncio.gather(*pressing)
    rows = query(installation, "SELECT alert_id, incident_id FROM alert")
    assert dict(rows) == answered
    assert len(rows) == 10
