"""A small city for a test: the product's own stage with real MicroPython units, and what its server says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import tomli_w

from sigap.child import Event
from sigap.demo.stage import Cast, Stage, stage, world
from sigap.ports import free_ports
from sigap_roads.city import default_city
from sigap_server.settings import DispatchSettings, FleetSettings, HttpSettings, MqttSettings, Settings
from sigap_simulator.officer import OfficerHabits
from sigap_simulator.world import World
from tests.support.waiting import eventually_async

ANSWER_AT_ONCE = OfficerHabits((0.1, 0.3), 0.0, (0.1, 0.2), (0.1, 0.3))
NEVER_ANSWER = OfficerHabits((3600.0, 3600.0), 0.0, (3600.0, 3600.0), (3600.0, 3600.0))


def city_settings(folder: Path, **offer: int) -> Settings:
    """Free ports, and everything in `folder`; `offer` as in the policy's rules of this name."""
    http, mqtt, nats = free_ports(3)
    policy = folder / "policy.toml"
    policy.write_text(tomli_w.dumps({"offer": offer}))
    return Settings(
        data_dir=folder / "city",
        http=HttpSettings(port=http),
        mqtt=MqttSettings(port=mqtt, nats_port=nats),
        dispatch=DispatchSettings(policy=policy),
        fleet=FleetSettings(stale_after_s=40, lost_after_s=120),
    )


class City:
    """A running stage and world; asks the server over HTTP, and goes on asking while it is down."""

    def __init__(self, play: Stage, world: World, events: list[Event]) -> None:
        self.play = play
        self.world = world
        self.events = events

    async def get(self, path: str) -> Any:
        """The API's answer; None while there is no server."""
        try:
            return await self.play.console.get(path)
        except httpx.HTTPError:
            return None

    async def unit(self, unit_id: str) -> dict[str, Any]:
        """As the console sees it; empty while there is no server."""
        units = await self.get("units") or []
        return next((unit for unit in units if unit["unit_id"] == unit_id), {})

    async def incident(self, incident_id: int) -> dict[str, Any]:
        """As the console sees it; empty while there is no server."""
        return await self.get(f"incidents/{incident_id}") or {}

    async def kinds(self, incident_id: int) -> list[str]:
        """The kinds of the incident's timeline so far."""
        return [entry["kind"] for entry in (await self.incident(incident_id)).get("timeline", ())]

    async def until_all_report(self) -> None:
        """Every unit has a position and is heard."""

        async def all_report() -> bool:
            units = await self.get("units") or []
            return bool(units) and all(unit["link"] == "fresh" and unit["lat"] is not None for unit in units)

        await eventually_async(all_report, 40, "a position of every unit")

    async def until_kind(self, incident_id: int, kind: str, deadline_s: float = 30.0) -> None:
        """The incident's timeline has an entry of this kind."""

        async def happened() -> bool:
            return kind in await self.kinds(incident_id)

        await eventually_async(happened, deadline_s, f"{kind} of incident {incident_id}")


@asynccontextmanager
async def city(settings: Settings, units: int, habits: OfficerHabits) -> AsyncIterator[City]:
    """`units` real units whose officers have these habits; nobody presses by himself."""
    events: list[Event] = []
    roads = default_city()
    async with stage(settings, units, events.append, roads) as play:
        simulated = world(play, Cast(units, press_interval_s=None, roads=roads), habits)
        async with simulated:
            running = City(play, simulated, events)
            await running.until_all_report()
            yield running
