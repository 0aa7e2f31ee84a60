"""`sigap bench e2e`: from a citizen's alert to the unit's word that it has the order, while the whole fleet reports."""

import asyncio
import time
import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import httpx

from sigap.bench.bare import UNIT_ID, bare_round_trip
from sigap.bench.load import FleetProcess, protocol_fleet
from sigap.bench.samples import summary_ms
from sigap.demo.stage import Cast, Stage, stage, world
from sigap.errors import CommandError
from sigap_roads.city import MIDDLE
from sigap_server.settings import Settings
from sigap_server.setup import add_unit
from sigap_simulator.geometry import Plane
from sigap_simulator.officer import OfficerHabits

GOAL_P99_MS = 50.0
GOAL_RATIO = 3.0
FIRMWARE_UNITS = 12
_RADIUS_M = 3000.0
_DEADLINE_S = 20.0
_FLEET_DEADLINE_S = 120.0
# Quick, so that every unit is free again soon; the time that is measured ends before any button.
_QUICK = OfficerHabits((0.1, 0.3), 0.0, (0.1, 0.2), (0.1, 0.3))
_PAUSE_S = 0.05


class Arrivals:
    """When this process learned that the unit of each incident has its order; from the server's live feed."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[tuple[float, str]]] = {}

    def future(self, incident_id: int) -> "asyncio.Future[tuple[float, str]]":
        """(perf_counter seconds, unit_id) once it happens."""
        return self._waiting.setdefault(incident_id, asyncio.get_running_loop().create_future())

    async def follow(self, play: Stage) -> None:
        """Reads the live feed for ever."""
        async for event, data in play.console.live():
            if event == "incident":
                self._note(data, time.perf_counter())

    def _note(self, incident: dict[str, Any], now_s: float) -> None:
        for entry in incident["timeline"]:
            if entry["kind"] == "order_received":
                future = self.future(incident["incident_id"])
                if not future.done():
                    future.set_result((now_s, entry["unit_id"]))
                return


async def measure(settings: Settings, units: int, alerts: int, progress: Callable[[int], None]) -> dict[str, Any]:
    """The figures as a JSON-able document; `progress` hears of each alert. Raises CommandError."""
    real = min(FIRMWARE_UNITS, units)
    async with stage(settings, units, lambda event: None) as play:
        probe = add_unit(settings, UNIT_ID, "Probe")
        cast = Cast(real, press_interval_s=None)
        firmware = world(Stage(play.server, play.console, play.password, play.accounts[:real]), cast, _QUICK)
        habits: dict[str, object] = {
            "answer_s": list(_QUICK.answer_s),
            "decline_share": 0.0,
            "arrive_s": list(_QUICK.arrive_s),
            "clear_s": list(_QUICK.clear_s),
        }
        async with (
            firmware,
            protocol_fleet(play.accounts[real:], settings.data_dir, habits, _RADIUS_M) as fleet,
            bare_round_trip(settings, probe.password) as bare,
        ):
            await _all_fresh(play, units)
            if fleet is not None:
                await fleet.counters()  # what was late while connecting does not count
            times = await _run(play, alerts, bare.measure, progress)
            return await _document(play, fleet, units, real, times)


async def _run(
    play: Stage, alerts: int, bare: Callable[[], Any], progress: Callable[[int], None]
) -> dict[str, list[float]]:
    random, plane, arrivals = Random(1), Plane(*MIDDLE), Arrivals()
    times: dict[str, list[float]] = {"at_server": [], "at_client": [], "bare": []}
    incident_ids: list[int] = []
    following = asyncio.create_task(arrivals.follow(play))
    try:
        async with httpx.AsyncClient(base_url=play.server.url, timeout=_DEADLINE_S, trust_env=False) as http:
            for number in range(alerts):
                lat, lon = plane.to_degrees(random.uniform(-2000, 2000), random.uniform(-2000, 2000))
                sent_s = time.perf_counter()
                answer = await http.post("/api/v1/alerts", json=_alert(lat, lon))
                if answer.status_code != httpx.codes.CREATED:
                    raise CommandError(f"alert {number + 1} was refused: {answer.status_code} {answer.text[:200]}")
                incident_ids.append(answer.json()["incident_id"])
                times["at_client"].append(await _received(arrivals, incident_ids[-1], following) - sent_s)
                times["bare"].append(await bare())
                progress(number + 1)
                await asyncio.sleep(_PAUSE_S)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    for incident_id in incident_ids:
        times["at_server"].append(_at_server_s(await play.console.get(f"incidents/{incident_id}")))
    return times


def _at_server_s(incident: dict[str, Any]) -> float:
    """From the alert's arrival to the acknowledgement's, by the server's clock, which is kept in milliseconds."""
    times_ms: dict[str, int] = {}
    for entry in incident["timeline"]:
        times_ms.setdefault(entry["kind"], entry["time_ms"])
    return (times_ms["order_received"] - times_ms["alert_received"]) / 1000.0


def _alert(lat: float, lon: float) -> dict[str, object]:
    now_ms = time.time_ns() // 1_000_000
    return {"id": str(uuid.uuid4()), "lat": lat, "lon": lon, "accuracy_m": 10, "pressed_ms": now_ms, "kind": "drill"}


async def _received(arrivals: Arrivals, incident_id: int, following: "asyncio.Task[None]") -> float:
    future = arrivals.future(incident_id)
    waiting: set[asyncio.Future[Any]] = {future, following}
    await asyncio.wait(waiting, timeout=_DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)
    if not future.done():
        raise CommandError(f"no unit confirmed the order of incident {incident_id} within {_DEADLINE_S:g} s")
    return future.result()[0]


async def _all_fresh(play: Stage, units: int) -> None:
    fresh: set[str] = set()
    try:
        async with asyncio.timeout(_FLEET_DEADLINE_S):
            async for event, data in play.console.live():
                for unit in data["units"] if event == "snapshot" else data if event == "units" else ():
                    if unit["link"] == "fresh" and unit["lat"] is not None:
                        fresh.add(unit["unit_id"])
                if len(fresh) >= units:
                    return
    except TimeoutError:
        raise CommandError(f"only {len(fresh)} of {units} units reported within {_FLEET_DEADLINE_S:g} s") from None


async def _document(
    play: Stage, fleet: FleetProcess | None, units: int, real: int, times: dict[str, list[float]]
) -> dict[str, Any]:
    figures = {name: summary_ms(values) for name, values in times.items()}
    ratio = round(figures["at_server"]["p99_ms"] / figures["bare"]["p99_ms"], 2)
    p99_ms = figures["at_server"]["p99_ms"]
    return {
        "benchmark": "e2e",
        "units": {"micropython": real, "protocol": units - real, "report_interval_s": 1.0},
        "figures": figures,
        "ratio_p99": ratio,
        "ratio_median": round(figures["at_server"]["median_ms"] / figures["bare"]["median_ms"], 2),
        "goal": {"p99_ms": GOAL_P99_MS, "ratio_p99": GOAL_RATIO},
        "reached": p99_ms <= GOAL_P99_MS and ratio <= GOAL_RATIO,
        "load": await fleet.counters() if fleet is not None else {},
        "server": await play.console.get("counters"),
    }
