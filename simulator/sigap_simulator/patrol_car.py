"""One unit with all that belongs to it: receiver, line, crew, and what it shows and did."""

import asyncio
import math
import time
from dataclasses import dataclass, field
from zlib import crc32

from sigap_simulator.crew import Crew
from sigap_simulator.geometry import Truth
from sigap_simulator.receiver import Receiver
from sigap_simulator.recorded_log import LogReceiver
from sigap_simulator.unit import Event, Line, Listener, Unit

# Receivers take their time to solve a fix, and not all the same.
_LATENCY_S = (0.05, 0.45)
_LATE_S = 1.0
_LONGEST_STEP_S = 5.0  # after the machine slept, cars do not race to where they would be


@dataclass(slots=True)
class CarStatus:
    """What a table shows of one unit.

    running     its process (or its session) is up         starts      of the process
    connected   to the broker, as the unit says            outages     of the connection
    screen      what it shows, one of orders.VIEW_NAMES    order_id    0: none
    fix         what its fix gate said last                nmea_bytes  sent to it, and those it did not read
    """

    unit_id: str
    callsign: str
    running: bool = False
    connected: bool = False
    screen: str = "idle"
    order_id: int = 0
    fix: str = "none"
    starts: int = 0
    outages: int = 0
    orders: int = 0
    acks: dict[str, int] = field(default_factory=dict)
    nmea_bytes: int = 0
    nmea_bytes_dropped: int = 0
    truth: Truth | None = None


class PatrolCar:
    """Feeds the unit's line from the source, the car driving on with every second, and keeps the unit's last picture.

    display  base64 of the 1024 bytes on the screen, "" before the first
    """

    def __init__(self, unit: Unit, callsign: str, crew: Crew, source: Receiver | LogReceiver, line: Line) -> None:
        self._unit = unit
        self._crew = crew
        self._source = source
        self._line = line
        self._status = CarStatus(unit.unit_id, callsign)
        self._listeners: list[Listener] = []
        self._feeding: asyncio.Task[None] | None = None
        self.display = ""
        unit.listen(self._hear)

    @property
    def unit_id(self) -> str:
        return self._unit.unit_id

    @property
    def callsign(self) -> str:
        return self._status.callsign

    def listen(self, listener: Listener) -> None:
        """Hear the unit's events, and {"log": "recording_ended"} when a replayed log is over."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def edge(self, button: str, down: bool) -> None:
        """Somebody else's finger on the unit's button, or off it."""
        self._unit.edge(button, down)

    def place_ahead(self) -> tuple[float, float] | None:
        """(lat_deg, lon_deg) of a place that it is about to pass; None for a replayed drive."""
        return self._crew.place_ahead()

    def status(self) -> CarStatus:
        """As it is now."""
        self._status.nmea_bytes = self._line.written_bytes
        self._status.nmea_bytes_dropped = self._line.dropped_bytes
        self._status.screen, self._status.order_id = self._crew.view.view, self._crew.view.order_id
        return self._status

    async def start(self) -> None:
        """Returns when the unit runs. Raises SimulatorError."""
        await self._unit.start()
        self._feeding = asyncio.create_task(self._feed(), name=f"receiver of {self.unit_id}")
        self._feeding.add_done_callback(self._report_failure)

    async def stop(self) -> None:
        self._crew.leave()
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.gather(self._feeding, return_exceptions=True)
        await self._unit.stop()
        self._line.close()

    def _report_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._hear({"log": "task_failed", "task": task.get_name(), "error": repr(error)})

    async def _feed(self) -> None:
        if isinstance(self._source, LogReceiver):
            await self._replay(self._source)
        else:
            await self._simulate(self._source)

    async def _replay(self, recording: LogReceiver) -> None:
        """At the recording's own pace, held against the clock so that small delays do not add up."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        for delay_s, piece in recording:
            # A unit that was down does not get everything it missed at once.
            due_s = max(due_s, loop.time() - _LATE_S) + delay_s
            self._line.read()  # a recording does as it did
            await asyncio.sleep(due_s - loop.time())
            await self._line.send(piece)
        self._hear({"log": "recording_ended"})

    async def _simulate(self, receiver: Receiver) -> None:
        """A fix a second at the full UTC second, on the line a moment later."""
        second = math.floor(time.time())
        latency_s = _LATENCY_S[0] + (_LATENCY_S[1] - _LATENCY_S[0]) * (crc32(self.unit_id.encode()) % 100) / 100.0
        while True:
            await asyncio.sleep(min(second + 1 + latency_s - time.time(), _LONGEST_STEP_S))
            before, second = second, max(second, math.floor(time.time() - latency_s))
            truth = self._crew.drive(min(float(second - before), _LONGEST_STEP_S))
            receiver.hear(self._line.read())
            if truth is not None and second > before:
                self._status.truth = truth
                self._line.write(receiver.sentences(second, truth))

    def _hear(self, event: Event) -> None:
        self._note(event)
        for listener in tuple(self._listeners):
            listener(event)

    def _note(self, event: Event) -> None:
        status = self._status
        display = event.get("display")
        if isinstance(display, str):
            self.display = display
        match event.get("log"):
            case "boot":
                status.running = True
                status.connected = False
                status.starts += 1
            case "process_ended":
                status.running = False
                status.connected = False
            case "connected":
                status.connected = True
            case "disconnected":
                status.outages += status.connected
                status.connected = False
            case "fix_gate":
                status.fix = str(event.get("reason"))
            case "order":
                status.orders += 1
            case "ack":
                kind = str(event.get("kind"))
                status.acks[kind] = status.acks.get(kind, 0) + 1
