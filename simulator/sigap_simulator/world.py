"""The simulated world as one async context manager: units with their cars and crews, and citizens who press."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid4

import httpx
import numpy as np

from sigap_roads.city import MIDDLE, default_city
from sigap_roads.graph import RoadGraph
from sigap_simulator.citizen import CitizenCounters, Phone, Press, presses
from sigap_simulator.crew import Crew
from sigap_simulator.errors import SettingError
from sigap_simulator.geometry import Plane
from sigap_simulator.launch import LaunchCommand, launch_command
from sigap_simulator.officer import USUAL, Officer, OfficerHabits
from sigap_simulator.patrol_car import CarStatus, PatrolCar
from sigap_simulator.protocol_unit import DirectLine, ProtocolUnit
from sigap_simulator.pty import SerialLine
from sigap_simulator.receiver import COLD_START, Receiver, ReceiverModel
from sigap_simulator.recorded_log import LogReceiver
from sigap_simulator.streets import Point, Streets
from sigap_simulator.unit import Event, Line, Unit, UnitAccount
from sigap_simulator.unit_process import UnitProcess
from sigap_simulator.vehicle import Vehicle
from sigap_tracker.position.policy import Policy

CITIZEN = "citizen"
"""The name under which listeners hear of citizens, in place of a unit's."""

_STARTED_AT_ONCE = 6
_FIRST_FIXES_S = 60.0  # a recording may never have one
_GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))

WorldListener = Callable[[str, Event], None]


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """What there is in the world.

    accounts          one unit each
    state_dir         a folder for the units' own folders
    server_url        where citizens press; None: nobody does
    press_interval_s  mean seconds between presses; None: only `World.press`
    firmware          True: each unit is a MicroPython process; False: protocol-level units in this process
    roads             what cars drive on; None: the built-in city, drawn around the origin
    origin            (lat_deg, lon_deg); None: the recording's first fix if it is on the roads, else their middle
    radius_m          beats and presses lie within it
    nmea_log, speed   a recording that the first unit hears in place of a simulated receiver
    unit_settings     further keys of the units' configuration, such as language
    policy            the units' reporting policy: min_interval_s, max_interval_s, distance_m, angle_deg
    """

    accounts: Sequence[UnitAccount]
    state_dir: Path
    server_url: str | None = None
    press_interval_s: float | None = 30.0
    firmware: bool = True
    seed: int = 1
    roads: RoadGraph | None = None
    origin: tuple[float, float] | None = None
    radius_m: float = 900.0
    receiver: ReceiverModel = COLD_START
    habits: OfficerHabits = USUAL
    nmea_log: Path | None = None
    speed: float = 1.0
    unit_settings: Mapping[str, object] = field(default_factory=dict)
    policy: Mapping[str, int] = field(default_factory=dict)


class World:
    """`async with World(settings) as world:`; inside, every unit runs, and outside nothing of it is left.

    Raises SettingError, RecordingError, InterpreterMissingError or UnitError instead of starting by halves.

    cars    in the order of the accounts, once the world is entered
    origin  (lat_deg, lon_deg) in the middle of it all
    """

    def __init__(self, settings: WorldSettings) -> None:
        if not settings.accounts:
            raise SettingError("a world needs one unit at least")
        self._settings = settings
        self._recording = LogReceiver(settings.nmea_log, settings.speed) if settings.nmea_log is not None else None
        self.origin = settings.origin or _origin(self._recording, settings.roads)
        self._plane = Plane(*self.origin)
        self._streets = Streets(settings.roads or default_city(middle=self.origin), self._plane)
        self._listeners: list[WorldListener] = []
        self._tasks: set[asyncio.Task[object]] = set()
        self._all_located = asyncio.Event()
        self._command: LaunchCommand | None = None
        self._client: httpx.AsyncClient | None = None
        self._phone: Phone | None = None
        self.cars: list[PatrolCar] = []

    def listen(self, listener: WorldListener) -> None:
        """Hear (unit_id, event) of every unit, and (CITIZEN, {"log": "pressed" | "confirmed" | "refused", …})."""
        self._listeners.append(listener)

    def status(self) -> list[CarStatus]:
        """Of every car, in their order."""
        return [car.status() for car in self.cars]

    def citizens(self) -> CitizenCounters:
        """What became of the presses so far."""
        return self._phone.counters if self._phone is not None else CitizenCounters()

    async def press_ahead(self) -> dict[str, object] | None:
        """One press just before the first car, or the first that does not replay a drive, as it is on its way: the
        shortest drive that there is. Otherwise as `press`."""
        places = [place for car in self.cars if (place := car.place_ahead()) is not None]
        return await self.press(Press(uuid4(), *(places[0] if places else self.origin), accuracy_m=10))

    async def press(self, press: Press) -> dict[str, object] | None:
        """One press; the server's answer once it confirmed, None if it refused. Raises SettingError."""
        if self._phone is None:
            raise SettingError("nobody can press: the world has no server_url, or has not started")
        self._tell(CITIZEN, {"log": "pressed", "id": str(press.alert_id), "lat": press.lat_deg, "lon": press.lon_deg})
        answer = await self._phone.send(press)
        if answer is None:
            self._tell(CITIZEN, {"log": "refused", "id": str(press.alert_id), "text": self.citizens().last_refusal})
        else:
            self._tell(CITIZEN, {"log": "confirmed", "id": str(press.alert_id), **answer})
        return answer

    async def __aenter__(self) -> Self:
        settings = self._settings
        if settings.firmware:
            self._command = launch_command(settings.state_dir)
        self.cars = [
            self._car(number, account, self._recording if number == 0 else None)
            for number, account in enumerate(settings.accounts)
        ]
        gate = asyncio.Semaphore(_STARTED_AT_ONCE)

        async def start(car: PatrolCar) -> None:
            async with gate:
                await car.start()

        try:
            async with asyncio.TaskGroup() as starting:
                for car in self.cars:
                    starting.create_task(start(car))
        except BaseExceptionGroup as failures:
            await self._stop()
            raise failures.exceptions[0] from None
        except BaseException:
            await self._stop()
            raise
        if settings.server_url is not None:
            self._client = httpx.AsyncClient(base_url=settings.server_url, timeout=10.0, trust_env=False)
            self._phone = Phone(self._client, settings.seed)
            if settings.press_interval_s is not None:
                self._spawn(self._press_now_and_then(settings.press_interval_s))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def _stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(car.stop() for car in self.cars), return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _press_now_and_then(self, mean_interval_s: float) -> None:
        settings = self._settings
        # Before any car knows where it is, nobody could be sent.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_located.wait(), _FIRST_FIXES_S)
        plan = presses(settings.seed, self._plane, self._streets, mean_interval_s, settings.radius_m)
        for wait_s, press in plan:
            await asyncio.sleep(wait_s)
            self._spawn(self.press(press))

    def _spawn(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._tell(CITIZEN, {"log": "task_failed", "error": repr(error)})

    def _car(self, number: int, account: UnitAccount, recording: LogReceiver | None) -> PatrolCar:
        settings = self._settings
        seed = settings.seed * 1000 + number
        unit: Unit
        line: Line
        if self._command is not None:
            line = SerialLine()
            keys = {**settings.unit_settings, "policy": dict(settings.policy)}
            if recording is not None:
                keys["gate"] = {"build_floor": 0}  # its dates are of the day it was recorded
            unit = UnitProcess(account, self._command, line.path, settings.state_dir / account.unit_id, keys)
        else:
            unit = ProtocolUnit(account, Policy(**settings.policy), seed)
            line = DirectLine(unit)
        vehicle = None if recording is not None else Vehicle(seed, self._streets, self._home(number))
        crew = Crew(unit, Officer(seed, settings.habits), self._plane, vehicle)
        car = PatrolCar(unit, account.callsign or account.unit_id, crew, recording or self._receiver(seed), line)
        car.listen(lambda event: self._tell(account.unit_id, event))
        return car

    def _receiver(self, seed: int) -> Receiver:
        return Receiver(seed, self._settings.receiver)

    def _home(self, number: int) -> Point:
        """Beats spread evenly over the circle, as a sunflower's seeds are."""
        radius_m = self._settings.radius_m * math.sqrt((number + 0.5) / len(self._settings.accounts))
        return radius_m * math.cos(number * _GOLDEN_ANGLE), radius_m * math.sin(number * _GOLDEN_ANGLE)

    def _tell(self, name: str, event: Event) -> None:
        if event.get("log") == "fix_gate" and all(car.status().fix == "accepted" for car in self.cars):
            self._all_located.set()
        for listener in self._listeners:
            listener(name, event)


def _origin(recording: LogReceiver | None, roads: RoadGraph | None) -> tuple[float, float]:
    fix = recording.first_fix() if recording is not None else None
    if fix is not None and (roads is None or _covers(roads, fix.lat_deg, fix.lon_deg)):
        return fix.lat_deg, fix.lon_deg
    if roads is None:
        return MIDDLE
    # Where most streets are: a map's bounds may reach far out.
    return float(np.median(roads.node_lat_e7)) * 1e-7, float(np.median(roads.node_lon_e7)) * 1e-7


def _covers(roads: RoadGraph, lat_deg: float, lon_deg: float) -> bool:
    """Whether a place is within the bounds of the roads."""
    places = ((lat_deg, roads.node_lat_e7), (lon_deg, roads.node_lon_e7))
    return all(int(axis.min()) <= round(degrees * 1e7) <= int(axis.max()) for degrees, axis in places)
