"""Very many protocol-level units in one process, each reporting on time, for benchmarks and load."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sigap_roads.city import MIDDLE, default_city
from sigap_simulator.crew import Crew
from sigap_simulator.errors import UnitError
from sigap_simulator.geometry import Plane, Truth
from sigap_simulator.officer import Officer, OfficerHabits
from sigap_simulator.protocol_unit import ProtocolUnit
from sigap_simulator.streets import Point, Streets
from sigap_simulator.unit import Event, UnitAccount
from sigap_simulator.vehicle import Vehicle
from sigap_wire.report import COURSE_UNKNOWN, REASON_INTERVAL, Fix

_CONNECTING_AT_ONCE = 32
_DRIVING_MPS = 0.5  # slower cars have no course


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """What the fleet does.

    report_interval_s  of every unit; the fleet's reports are spread evenly over it
    officers           None: nobody presses a button; units still acknowledge that they received orders
    travel_s           an assigned car counts as arrived after so long; None: when it has driven there
    origin, radius_m   the built-in city lies around (lat_deg, lon_deg), and cars begin within metres of it
    """

    accounts: Sequence[UnitAccount]
    report_interval_s: float = 1.0
    officers: OfficerHabits | None = None
    travel_s: float | None = None
    origin: tuple[float, float] = MIDDLE
    radius_m: float = 5000.0
    seed: int = 1
    start_deadline_s: float = 120.0


class Lateness:
    """How late reports were handed to the network, since the last `take`."""

    def __init__(self) -> None:
        self._late_s: list[float] = []

    def note(self, late_s: float) -> None:
        self._late_s.append(late_s)

    def take(self) -> dict[str, float]:
        """Median, p99 and maximum in milliseconds; zeros if there were no reports."""
        late_s, self._late_s = sorted(self._late_s) or [0.0], []
        last = len(late_s) - 1
        return {
            "late_p50_ms": round(late_s[last // 2] * 1000.0, 1),
            "late_p99_ms": round(late_s[round(last * 0.99)] * 1000.0, 1),
            "late_max_ms": round(late_s[last] * 1000.0, 1),
        }


class ProtocolFleet:
    """`start` connects everything, then `run` reports until it is cancelled; `stop` takes leave of the broker."""

    def __init__(self, settings: FleetSettings) -> None:
        self._settings = settings
        self._plane = Plane(*settings.origin)
        streets = Streets(default_city(middle=settings.origin), self._plane)
        self._lateness = Lateness()
        self._acks: dict[str, int] = {}
        self._outages = 0
        self._units: list[ProtocolUnit] = []
        self._vehicles: list[Vehicle] = []
        self._crews: list[Crew] = []
        for number, account in enumerate(settings.accounts):
            self._add(settings.seed * 100_003 + number, account, streets)

    def _add(self, seed: int, account: UnitAccount, streets: Streets) -> None:
        settings = self._settings
        unit = ProtocolUnit(account, seed=seed, start_deadline_s=settings.start_deadline_s)
        unit.listen(self._count)
        vehicle = Vehicle(seed, streets, _home(seed, settings.radius_m))
        if settings.officers is not None:
            drives, travel_s = (vehicle, 0.0) if settings.travel_s is None else (None, settings.travel_s)
            self._crews.append(Crew(unit, Officer(seed, settings.officers), self._plane, drives, travel_s))
        self._units.append(unit)
        self._vehicles.append(vehicle)

    async def start(self) -> int:
        """The number of connected units, which is all of them. Raises UnitError."""
        gate = asyncio.Semaphore(_CONNECTING_AT_ONCE)

        async def connect(unit: ProtocolUnit) -> None:
            async with gate:
                await unit.start()

        results = await asyncio.gather(*(connect(unit) for unit in self._units), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            await self.stop()
            raise UnitError(f"{len(failures)} of {len(results)} units did not start; the first: {failures[0]}")
        return len(results)

    async def stop(self) -> None:
        for crew in self._crews:
            crew.leave()
        await asyncio.gather(*(unit.stop() for unit in self._units))

    async def run(self) -> None:
        """Reports, one unit after the other, evenly over the interval; late ones are sent at once and counted."""
        interval_s = self._settings.report_interval_s
        step_s = interval_s / len(self._units)
        clock = asyncio.get_running_loop().time
        due_s = clock()
        while True:
            for unit, vehicle in zip(self._units, self._vehicles, strict=True):
                # Sleeping 0 s as well lets the network in between.
                await asyncio.sleep(max(0.0, due_s - clock()))
                self._lateness.note(clock() - due_s)
                vehicle.step(interval_s)
                unit.fix(self._fix(vehicle))
                due_s += step_s

    def counters(self) -> dict[str, object]:
        """Of all units together; the lateness is that of the reports since the last call."""
        cores = [unit.core for unit in self._units]
        return {
            "units": len(cores),
            "connected": sum(core.connected for core in cores),
            "outages": self._outages,
            "reports": sum(core.fixes_kept for core in cores),
            "queued": sum(core.fixes_queued for core in cores),
            "delivered": sum(core.delivered for core in cores),
            "orders": sum(core.orders for core in cores),
            "acks": dict(self._acks),
            **self._lateness.take(),
        }

    def _count(self, event: Event) -> None:
        kind = event.get("log")
        if kind == "ack":
            name = str(event.get("kind"))
            self._acks[name] = self._acks.get(name, 0) + 1
        elif kind == "disconnected":
            self._outages += 1

    def _fix(self, vehicle: Vehicle) -> Fix:
        lat_deg, lon_deg = self._plane.to_degrees(*vehicle.point)
        return fix_of(Truth(lat_deg, lon_deg, vehicle.speed_mps, vehicle.course_deg))


def fix_of(truth: Truth) -> Fix:
    """A good receiver's fix of this moment, without its noise."""
    driving = truth.speed_mps >= _DRIVING_MPS
    return Fix(
        int(time.time()),
        round(truth.lat_deg * 1e7),
        round(truth.lon_deg * 1e7),
        speed_cmps=round(truth.speed_mps * 100.0),
        course_cdeg=round(truth.course_deg * 100.0) % 36000 if driving else COURSE_UNKNOWN,
        quality=1,
        satellites=12,
        hdop_centi=80,
        reason=REASON_INTERVAL,
    )


def _home(seed: int, radius_m: float) -> Point:
    random = Random(seed)
    return random.uniform(-radius_m, radius_m), random.uniform(-radius_m, radius_m)
