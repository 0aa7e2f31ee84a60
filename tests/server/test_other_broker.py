"""Any other MQTT 3.1.1 broker by mqtt.url; here Debian's Mosquitto."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigap_server.broker import Credentials
from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_OFFERED
from tests.server.conftest import Install
from tests.support.installation import Installation
from tests.support.ports import accepts, free_port
from tests.support.processes import Processes
from tests.support.running import running
from tests.support.tools import require_tool
from tests.support.units import WireUnit
from tests.support.waiting import eventually, eventually_async

NEAR = (-69_000_000, 1_076_000_000)


class Mosquitto:
    """Persistent, so that a restart keeps sessions and messages. Everybody may do everything."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.port = free_port()
        self._program = require_tool("mosquitto")
        self._processes = processes
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\nmax_queued_messages 0\n"
        )
        self.child: Any = None

    def start(self) -> None:
        self.child = self._processes.start([self._program, "-c", self._config])
        eventually(lambda: self.child.poll() is None and accepts(self.port), what="mosquitto")

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait(10)


@pytest.fixture
def mosquitto(tmp_path: Path, processes: Processes) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path, processes)
    started.start()
    return started


@pytest.fixture
def installation(install: Install, mosquitto: Mosquitto) -> Installation:
    return install(mqtt={"url": f"mqtt://127.0.0.1:{mosquitto.port}", "user": "anybody", "password": "x"})


async def test_from_press_to_assignment(installation: Installation, mosquitto: Mosquitto) -> None:
    installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(Credentials("unit-a", "x"), mosquitto.port) as unit:
        await unit.report(*NEAR)
        await server.counted("ingest.fixes")
        body = {"id": str(uuid.uuid4()), "kind": "emergency", "lat": -6.9, "lon": 107.6}
        assert (await server.client.post("/api/v1/alerts", json=body)).status_code == 201
        offer = await unit.order()
        assert offer.state == STATE_OFFERED
        await unit.ack(offer, ack.RECEIVED)
        await unit.ack(offer, ack.ACCEPTED)
        assert (await unit.order()).state == STATE_ASSIGNED
        unit.die()
        await eventually_async(lambda: server.service.fleet.unit("unit-a").link == "lost", what="last will")


async def test_what_arrives_while_the_server_is_away_waits(installation: Installation, mosquitto: Mosquitto) -> None:
    installation.add_units("unit-a")
    async with WireUnit(Credentials("unit-a", "x"), mosquitto.port) as unit:
        async with running(installation) as server:
            await unit.report()
            await server.counted("ingest.fixes")
        for _ in range(200):
            await unit.report()
        async with running(installation) as server:
            await server.counted("ingest.fixes", 200)
            assert await server.rows("SELECT min(seq), max(seq), count(*) FROM fix") == [(0, 200, 201)]


async def test_what_was_not_stored_is_delivered_again(installation: Installation, mosquitto: Mosquitto) -> None:
    """The server dies between receipt and commit."""
    installation.add_units("unit-a")
    async with WireUnit(Credentials("unit-a", "x"), mosquitto.port) as unit:
        async with running(installation) as server:
            await server.service.database.turn.acquire()  # and never again
            for _ in range(10):
                await unit.report()
            await server.counted("ingest.queue")
        async with running(installation) as server:
            await server.counted("ingest.fixes", 10)
            assert await server.rows("SELECT count(*) FROM fix") == [(10,)]


async def test_a_broker_that_restarts_is_found_again(installation: Installation, mosquitto: Mosquitto) -> None:
    installation.add_units("unit-a")
    async with running(installation) as server:
        mosquitto.stop()
        await eventually_async(lambda: not server.service.link.connected, what="broker missed")
        mosquitto.start()
        await server.connected()
        async with WireUnit(Credentials("unit-a", "x"), mosquitto.port) as unit:
            await unit.report()
            await server.counted("ingest.fixes")
        assert server.service.counters["mqtt.connects"] == 2


async def test_a_broker_that_sends_more_than_fits_is_held_back(install: Install, mosquitto: Mosquitto) -> None:
    installation = install(mqtt={"url": f"mqtt://127.0.0.1:{mosquitto.port}", "max_ack_pending": 16})
    installation.add_units("unit-a")
    async with running(installation) as server, WireUnit(Credentials("unit-a", "x"), mosquitto.port) as unit:
        server.service.link.inbox._limit = 5
        async with server.service.database.turn:
            for _ in range(40):
                await unit.report()
            await server.counted("mqtt.pauses")
            assert server.service.counters["ingest.queue"] < 15
        await server.counted("ingest.fixes", 40)
        assert server.service.counters["mqtt.disconnects"] == 0
        assert await server.rows("SELECT count(*) FROM fix") == [(40,)]
