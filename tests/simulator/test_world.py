"""The whole world: cars drive and report, crews answer orders, citizens press, and all of it ends."""

import asyncio
import json
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from sigap_roads.city import MIDDLE, default_city
from sigap_simulator.citizen import Press
from sigap_simulator.errors import RecordingError, SettingError, UnitError
from sigap_simulator.geometry import Plane
from sigap_simulator.nmea_sentence import frame
from sigap_simulator.officer import OfficerHabits
from sigap_simulator.patrol_car import CarStatus
from sigap_simulator.receiver import HOT_START
from sigap_simulator.unit import Event
from sigap_simulator.world import CITIZEN, World, WorldSettings
from sigap_wire import ack, order, topics
from tests.simulator.conftest import Broker
from tests.simulator.dispatcher import Dispatcher, dispatcher
from tests.support.tools import require_tool
from tests.support.waiting import eventually_async

QUICK = OfficerHabits(answer_s=(0.1, 0.3), decline_share=0.0, arrive_s=(0.1, 0.3), clear_s=(0.2, 0.4))
PRESS = Press(uuid4(), -6.9, 107.6, 20)


def settings(broker: Broker, tmp_path: Path, units: int = 2) -> WorldSettings:
    accounts = [broker.account(f"unit-{number:02d}") for number in range(1, units + 1)]
    return WorldSettings(accounts, tmp_path / "units", firmware=False, receiver=HOT_START, habits=QUICK)


def acks(server: Dispatcher, unit_id: str) -> list[str]:
    return [ack.KIND_NAMES[item.kind] for item in server.of(unit_id, topics.ACK)]


def moves(status: CarStatus) -> bool:
    return status.truth is not None and status.truth.speed_mps > 1.0


def position(server: Dispatcher, unit_id: str) -> tuple[int, int]:
    fix = server.of(unit_id, topics.REPORT)[-1].fixes[-1]
    return fix.lat_e7, fix.lon_e7


async def sees_an_order_through(server: Dispatcher, world: World, number: int) -> None:
    """Sends the unit to where it is about to pass."""
    unit_id = world.cars[number].unit_id
    await server.wait(lambda: server.of(unit_id, topics.REPORT), 40)
    place = world.cars[number].place_ahead()
    assert place is not None
    here = (round(place[0] * 1e7), round(place[1] * 1e7))
    await server.order(unit_id, 1, 1, order.STATE_OFFERED, *here)
    await server.wait(lambda: acks(server, unit_id)[-1:] == ["accepted"])
    await server.order(unit_id, 1, 2, order.STATE_ASSIGNED, *here)
    # A car that has passed by then may have to turn round, or to drive around a block.
    await server.wait(lambda: acks(server, unit_id)[-1:] == ["clear"], 100)
    await server.order(unit_id, 1, 3, order.STATE_CLOSED, *here)
    assert [kind for kind in acks(server, unit_id) if kind not in ("received", "en_route")] == [
        "accepted",
        "on_scene",
        "clear",
    ]


async def test_a_crew_sees_an_order_through(broker: Broker, tmp_path: Path) -> None:
    events: list[tuple[str, Event]] = []
    async with dispatcher(broker.account("dispatcher")) as server:
        world = World(settings(broker, tmp_path))
        world.listen(lambda name, event: events.append((name, event)))
        async with world:
            await sees_an_order_through(server, world, 1)
            await eventually_async(lambda: world.status()[1].screen == "idle")
            await eventually_async(lambda: moves(world.status()[1]), 20, "the car is on patrol again")
            other, status = world.status()
        assert acks(server, "unit-01") == []
    assert (status.unit_id, status.running, status.connected, status.fix) == ("unit-02", True, True, "accepted")
    assert (status.orders, status.acks["accepted"], status.nmea_bytes_dropped) == (3, 1, 0)
    assert status.nmea_bytes > 600
    assert other.orders == 0
    assert ("unit-02", "ack") in {(name, event.get("log")) for name, event in events}


async def test_real_firmware_sees_an_order_through_and_is_gone_afterwards(broker: Broker, tmp_path: Path) -> None:
    require_tool("micropython")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    world = World(replace(settings(broker, tmp_path), firmware=True))
    async with dispatcher(broker.account("dispatcher")) as server, world:
        started = {child.pid for child in psutil.Process().children(recursive=True)} - before
        assert len(started) == 4  # two units, each with its watchdog
        await sees_an_order_through(server, world, 0)
        assert world.cars[0].display
    await eventually_async(lambda: not started & {process.pid for process in psutil.process_iter()})


async def test_cars_drive_near_the_origin_and_apart(broker: Broker, tmp_path: Path) -> None:
    async with World(settings(broker, tmp_path, units=5)) as world:
        assert world.origin == MIDDLE
        await eventually_async(lambda: all(status.truth for status in world.status()))
        plane = Plane(*world.origin)
        truths = [status.truth for status in world.status() if status.truth is not None]
        places = [plane.to_metres(truth.lat_deg, truth.lon_deg) for truth in truths]
    assert all(math.hypot(*place) < 1100.0 for place in places)
    assert all(math.dist(a, b) > 200.0 for i, a in enumerate(places) for b in places[:i])


def recording(seconds: int) -> bytes:
    """A drive eastwards in Hamilton, New Zealand."""
    return b"".join(
        frame(f"GPRMC,0307{second:02d}.000,A,3747.0873,S,175{18 + second / 100:07.4f},E,20.0,90.0,311214,,,A")
        + frame(f"GPGGA,0307{second:02d}.000,3747.0873,S,175{18 + second / 100:07.4f},E,1,08,1.1,59.9,M,23.7,M,,")
        for second in range(seconds)
    )


async def test_a_recording_drives_the_first_unit_and_brings_the_others_there(broker: Broker, tmp_path: Path) -> None:
    log = tmp_path / "drive.nmea"
    log.write_bytes(recording(40))
    ended = asyncio.Event()
    began_s = asyncio.get_running_loop().time()
    async with dispatcher(broker.account("dispatcher")) as server:
        world = World(replace(settings(broker, tmp_path), nmea_log=log, speed=20.0))
        world.listen(lambda name, event: ended.set() if event.get("log") == "recording_ended" else None)
        async with world:
            await asyncio.wait_for(ended.wait(), 30)
            replay_s = asyncio.get_running_loop().time() - began_s
            await server.wait(lambda: len(server.of("unit-01", topics.REPORT)) > 2)
            await server.wait(lambda: server.of("unit-02", topics.REPORT))
            status = world.status()[0]
    assert replay_s >= 39.0 / 20.0
    assert world.origin == pytest.approx((-37.784788, 175.3), abs=1e-5)
    assert (status.nmea_bytes, status.nmea_bytes_dropped) == (len(log.read_bytes()), 0)
    lat_e7, lon_e7 = position(server, "unit-01")
    assert lat_e7 == pytest.approx(-377847883, abs=10)
    assert 1753000000 < lon_e7 <= 1753065000
    lat_e7, lon_e7 = position(server, "unit-02")
    assert abs(lat_e7 + 377847883) < 150_000
    assert abs(lon_e7 - 1753000000) < 150_000


def test_the_world_lies_where_its_roads_are(broker: Broker, tmp_path: Path) -> None:
    elsewhere = replace(settings(broker, tmp_path), roads=default_city(2, middle=(-7.25, 112.75)))
    assert World(elsewhere).origin == pytest.approx((-7.25, 112.75), abs=0.02)
    log = tmp_path / "drive.nmea"
    log.write_bytes(recording(2))
    assert World(replace(elsewhere, nmea_log=log)).origin == World(elsewhere).origin, "that drive was not there"
    there = replace(elsewhere, nmea_log=log, roads=default_city(2, middle=(-37.78, 175.3)))
    assert World(there).origin == pytest.approx((-37.784788, 175.3), abs=1e-5)


class AlertServer:
    """Takes alerts as the server's API does, and fails the first of each."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []
        alerts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                again = body["id"] in {seen["id"] for seen in alerts.bodies}
                alerts.bodies.append(body)
                self.send_response(201 if again else 503)
                self.end_headers()
                self.wfile.write(json.dumps({"alert_id": body["id"], "state": "received"}).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def alerts() -> Iterator[AlertServer]:
    server = AlertServer()
    yield server
    server.close()


async def test_citizens_press_until_they_are_heard(broker: Broker, tmp_path: Path, alerts: AlertServer) -> None:
    told: list[Event] = []
    world = World(replace(settings(broker, tmp_path, 1), server_url=alerts.url, press_interval_s=0.2))
    world.listen(lambda name, event: told.append(event) if name == CITIZEN else None)
    async with world:
        await eventually_async(lambda: world.citizens().confirmed >= 2)
        counters = world.citizens()
    assert counters.presses >= counters.confirmed >= 2
    assert counters.attempts >= 2 * counters.confirmed
    confirmed = [event for event in told if event["log"] == "confirmed"]
    pressed = [event["id"] for event in told if event["log"] == "pressed"]
    assert confirmed[0]["alert_id"] in pressed
    here = Plane(*MIDDLE)
    assert all(math.hypot(*here.to_metres(body["lat"], body["lon"])) < 1600 for body in alerts.bodies)


async def test_one_press_on_purpose(broker: Broker, tmp_path: Path, alerts: AlertServer) -> None:
    async with World(replace(settings(broker, tmp_path, 1), server_url=alerts.url, press_interval_s=None)) as world:
        answer = await world.press(PRESS)
    assert answer == {"alert_id": str(PRESS.alert_id), "state": "received"}
    assert {body["id"] for body in alerts.bodies} == {str(PRESS.alert_id)}


async def test_without_a_server_nobody_can_press(broker: Broker, tmp_path: Path) -> None:
    async with World(settings(broker, tmp_path, 1)) as world:
        with pytest.raises(SettingError, match="server_url"):
            await world.press(PRESS)


async def test_a_unit_that_cannot_start_stops_the_others(broker: Broker, tmp_path: Path) -> None:
    require_tool("micropython")
    good = replace(settings(broker, tmp_path, 3), firmware=True)
    bad = replace(good, accounts=[*good.accounts, replace(good.accounts[0], unit_id="Unit 4!")])
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(UnitError, match="Unit 4"):
        async with World(bad):
            pytest.fail("it started")
    assert {child.pid for child in psutil.Process().children()} <= before


async def test_impossible_worlds_are_refused(broker: Broker, tmp_path: Path) -> None:
    good = settings(broker, tmp_path)
    with pytest.raises(SettingError, match="one unit at least"):
        World(replace(good, accounts=[]))
    with pytest.raises(RecordingError, match="missing"):
        World(replace(good, nmea_log=tmp_path / "missing"))
    log = tmp_path / "log"
    log.write_bytes(recording(1))
    with pytest.raises(SettingError, match="speed"):
        World(replace(good, nmea_log=log, speed=-1.0))
