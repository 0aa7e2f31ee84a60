"""`sigap bench heap`: the memory a unit needs, after a drive that it hears as fast as it can take it."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sigap.demo.stage import stage
from sigap.errors import CommandError
from sigap_server.settings import Settings
from sigap_simulator.geometry import BANDUNG_COMMAND_CENTER, Plane, Truth
from sigap_simulator.launch import launch_command
from sigap_simulator.pty import SerialLine
from sigap_simulator.receiver import HOT_START, Receiver
from sigap_simulator.streets import StreetGrid
from sigap_simulator.unit_process import UnitProcess
from sigap_simulator.vehicle import Vehicle

GOAL_BYTES = 64 * 1024
_PARTS = 12
_BEGIN_S = 1_790_000_000
_DEADLINE_S = 60.0
_ASK_AGAIN_S = 0.2


async def measure(settings: Settings, drive_s: int, progress: Callable[[int], None]) -> dict[str, Any]:
    """The live heap after each twelfth of a drive of `drive_s` seconds; `progress` hears the seconds driven.

    Raises CommandError if the unit falls silent, SimulatorError if it does not start.
    """
    async with stage(settings, 1, lambda event: None) as play:
        folder = settings.data_dir / "units"
        line = SerialLine()
        account = play.accounts[0]
        unit = UnitProcess(account, launch_command(folder), line.path, folder / account.unit_id, restarts=False)
        failures: list[str] = []
        unit.listen(lambda event: failures.append(str(event)) if event.get("log") == "task_failed" else None)
        receiver, vehicle = Receiver(1, HOT_START), Vehicle(1, StreetGrid(1), (0.0, 0.0))
        plane = Plane(*BANDUNG_COMMAND_CENTER)
        heap_bytes: list[int] = []
        counters: dict[str, int] = {}
        try:
            await unit.start()
            for second in range(drive_s):
                vehicle.step(1.0)
                truth = Truth(*plane.to_degrees(*vehicle.point), vehicle.speed_mps, vehicle.course_deg)
                await line.send(receiver.sentences(_BEGIN_S + second, truth))
                progress(second + 1)
                if (second + 1) * _PARTS // drive_s > second * _PARTS // drive_s:
                    counters = await _health(settings, unit, len(heap_bytes) + 1)
                    heap_bytes.append(counters["heap_alloc_bytes"])
        finally:
            await unit.stop()
            line.close()
    return {
        "benchmark": "heap",
        "drive_s": drive_s,
        "heap_bytes": heap_bytes,
        "max_bytes": max(heap_bytes),
        "goal_bytes": GOAL_BYTES,
        "task_failures": failures,
        "counters": counters,
        "reached": max(heap_bytes) <= GOAL_BYTES and not failures,
    }


async def _health(settings: Settings, unit: UnitProcess, number: int) -> dict[str, int]:
    """The unit's counters once nothing of what it heard waits any more."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            before = -1
            while True:
                unit.ask_health()
                await asyncio.sleep(_ASK_AGAIN_S)
                with closing(sqlite3.connect(settings.database_path, timeout=10)) as database:
                    row = database.execute("SELECT counters FROM unit_health").fetchone()
                found: dict[str, int] = json.loads(row[0]) if row else {}
                # The line is empty when no further sentence arrives between two questions.
                if found and found["nmea_sentences"] == before and found["queue"] == 0:
                    return found
                before = found.get("nmea_sentences", -1)
    except TimeoutError:
        raise CommandError(f"the unit did not answer after part {number} of the drive") from None
