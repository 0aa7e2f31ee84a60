"""What every demo stands on: a server of its own with fresh data, and a simulated world that reports to it."""

import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sigap import ports
from sigap.child import Event
from sigap.demo.feed import Console
from sigap.errors import CommandError
from sigap.running import RunningServer, accepts, listeners, running_server
from sigap_roads.city import MIDDLE, default_city
from sigap_roads.file import save
from sigap_roads.graph import RoadGraph
from sigap_server.settings import Settings
from sigap_server.setup import FIRST_OPERATOR, NewUnit, add_units, prepare
from sigap_simulator.officer import USUAL, OfficerHabits
from sigap_simulator.receiver import HOT_START, ReceiverModel
from sigap_simulator.recorded_log import LogReceiver
from sigap_simulator.unit import UnitAccount
from sigap_simulator.world import World, WorldSettings


@dataclass(frozen=True)
class Cast:
    """Who plays and where: `units` cars on `roads`; the rest goes to the world as it is (see WorldSettings)."""

    units: int = 12
    firmware: bool = True
    seed: int = 1
    press_interval_s: float | None = 30.0
    nmea_log: Path | None = None
    speed: float = 1.0
    language: str = "id"
    roads: RoadGraph | None = None


@dataclass(frozen=True)
class Stage:
    """A running demo. `console` is logged in."""

    server: RunningServer
    console: Console
    password: str
    accounts: list[UnitAccount]


@asynccontextmanager
async def stage(
    settings: Settings, units: int, on_event: Callable[[Event], None], roads: RoadGraph | None = None
) -> AsyncIterator[Stage]:
    """Broker and server with `units` registered units and empty history; all of it ends with the block. The server
    reckons with `roads`, or with its settings' if there are none.

    Whatever was in `settings.data_dir` is removed first, so it must be a folder of the demo's own. Raises CommandError
    where the settings name another broker and there is none.
    """
    ports.check(listeners(settings))  # before another demo's data is removed
    if settings.mqtt.url is not None:
        await _check_broker(settings)
    password = secrets.token_urlsafe(9)
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    if roads is not None:
        path = settings.data_dir.absolute() / "city.roads"
        path.parent.mkdir(parents=True)
        save(roads, path)
        settings = settings.model_copy(update={"roads": settings.roads.model_copy(update={"file": path})})
    prepare(settings, operator_password=password)
    accounts = _register(settings, units)
    async with (
        running_server(settings, on_event) as server,
        Console(server.url, FIRST_OPERATOR, password) as console,
    ):
        yield Stage(server, console, password, accounts)


def roads_of(cast: Cast) -> RoadGraph:
    """What the cars drive on and the server reckons with: the given roads, else the built-in city, around the
    recording if there is one. Raises RecordingError."""
    if cast.roads is not None:
        return cast.roads
    fix = LogReceiver(cast.nmea_log).first_fix() if cast.nmea_log is not None else None
    return default_city(middle=MIDDLE if fix is None else (fix.lat_deg, fix.lon_deg))


def world(play: Stage, cast: Cast, habits: OfficerHabits = USUAL, receiver: ReceiverModel = HOT_START) -> World:
    """The simulated world of a stage, not yet entered."""
    return World(
        WorldSettings(
            accounts=play.accounts,
            state_dir=play.server.settings.data_dir / "units",
            server_url=play.server.url,
            press_interval_s=cast.press_interval_s,
            firmware=cast.firmware,
            seed=cast.seed,
            receiver=receiver,
            habits=habits,
            roads=cast.roads,
            nmea_log=cast.nmea_log,
            speed=cast.speed,
            unit_settings={"language": cast.language},
        )
    )


async def _check_broker(settings: Settings) -> None:
    """A server waits for its broker as long as it takes; a demo would only stand there."""
    host, port = settings.mqtt.address()
    if not await accepts(host, port):
        raise CommandError(f"no broker answers at {host}:{port}; start it, or change the setting mqtt.url")


def _register(settings: Settings, units: int) -> list[UnitAccount]:
    wanted = [NewUnit(f"unit-{number:02}", f"Patrol {number}") for number in range(1, units + 1)]
    host, port = settings.mqtt.address()
    return [
        UnitAccount(unit.unit_id, host, port, credentials.user, credentials.password, unit.callsign)
        for unit, credentials in zip(wanted, add_units(settings, wanted), strict=True)
    ]
