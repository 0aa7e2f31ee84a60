"""`sigap demo --once`: one alert from the press to the closed incident, as one JSON document."""

import asyncio
import time
from dataclasses import replace
from typing import Any

from sigap.child import Event as ChildEvent
from sigap.demo.stage import Cast, Stage, roads_of, stage, world
from sigap.demo.story import STEPS, tell
from sigap.errors import CommandError
from sigap_server.settings import Settings
from sigap_simulator.officer import OfficerHabits
from sigap_simulator.unit import Event
from sigap_simulator.world import World

# People hurry: what is shown is the way of one alert, not how long officers think.
_HABITS = OfficerHabits(answer_s=(0.5, 1.0), decline_share=0.0, arrive_s=(0.3, 0.6), clear_s=(0.5, 1.0))
_FLEET_DEADLINE_S = 90.0  # the first start builds what the units run
_ALERT_DEADLINE_S = 80.0  # there may be a light on the way


async def once(settings: Settings, cast: Cast) -> dict[str, Any]:
    """The whole story as a JSON-able document. Raises CommandError saying which step did not happen."""
    began_s = time.monotonic()
    failures: list[str] = []

    def note(event: ChildEvent) -> None:
        if event.kind == "ended":
            failures.append(f"{event.child} {event.text}")

    cast = replace(cast, roads=roads_of(cast))
    async with stage(settings, cast.units, note, cast.roads) as play:
        simulated = world(play, cast, habits=_HABITS)
        heard: dict[tuple[str, str], int] = {}
        simulated.listen(lambda name, event: _hear(heard, name, event))
        async with simulated:
            await _reach("every unit to report a position", _FLEET_DEADLINE_S, _fleet_ready(play), failures)
            pressed = await simulated.press_ahead()
            if pressed is None:
                raise CommandError(f"step alert_received failed: {simulated.citizens().last_refusal}")
            incident_id = int(str(pressed["incident_id"]))
            try:
                async with asyncio.timeout(_ALERT_DEADLINE_S):
                    await _closed(play, incident_id)
            except TimeoutError:
                failures.append(f"the incident was not closed within {_ALERT_DEADLINE_S:g} s")
            incident = await play.console.get(f"incidents/{incident_id}")
            story = tell(incident, heard)
            story["counters"] = await _counters(play, simulated)
    story["units"] = {"count": cast.units, "kind": "micropython" if cast.firmware else "protocol"}
    story["elapsed_s"] = round(time.monotonic() - began_s, 2)
    missing = [step for step in STEPS if step not in story["steps_ms"]]
    if missing or failures:
        happened = ", ".join(story["steps_ms"])
        wrong = "; ".join([*(f"step {step} is missing" for step in missing), *failures])
        raise CommandError(f"the alert's story is not whole: {wrong}. Until then: {happened}")
    return story


def _hear(heard: dict[tuple[str, str], int], name: str, event: Event) -> None:
    """When each unit first said what of an order: {(unit_id, "order" or an acknowledgement): Unix ms}."""
    kind = event.get("kind") if event.get("log") == "ack" else event.get("log")
    if kind is not None:
        heard.setdefault((name, str(kind)), time.time_ns() // 1_000_000)


async def _fleet_ready(play: Stage) -> list[dict[str, Any]]:
    units: dict[str, dict[str, Any]] = {}
    async for event, data in play.console.live():
        for unit in data["units"] if event == "snapshot" else data if event == "units" else ():
            units[unit["unit_id"]] = unit
        if len(units) >= len(play.accounts) and all(
            unit["lat"] is not None and unit["link"] == "fresh" for unit in units.values()
        ):
            break
    return list(units.values())


async def _closed(play: Stage, incident_id: int) -> None:
    async for event, data in play.console.live():
        for incident in data["incidents"] if event == "snapshot" else [data] if event == "incident" else ():
            if incident["incident_id"] == incident_id and incident["phase"] == "closed":
                return


async def _reach(what: str, deadline_s: float, work: Any, failures: list[str]) -> Any:
    try:
        async with asyncio.timeout(deadline_s):
            return await work
    except TimeoutError:
        raise CommandError("; ".join([f"waited {deadline_s:g} s in vain for {what}", *failures])) from None


async def _counters(play: Stage, simulated: World) -> dict[str, Any]:
    citizens = simulated.citizens()
    return {
        "server": await play.console.get("counters"),
        "units": {
            status.unit_id: {
                "starts": status.starts,
                "outages": status.outages,
                "orders": status.orders,
                "acks": status.acks,
                "nmea_bytes": status.nmea_bytes,
                "nmea_bytes_dropped": status.nmea_bytes_dropped,
            }
            for status in simulated.status()
        },
        "citizens": {
            "presses": citizens.presses,
            "attempts": citizens.attempts,
            "confirmed": citizens.confirmed,
            "refused": citizens.refused,
        },
    }
