"""`sigap demo`: the city runs in one terminal until Ctrl-C; every incident is a few readable lines."""

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
from rich.console import Console as Terminal
from rich.text import Text

from sigap import ports
from sigap.child import Event as ChildEvent
from sigap.demo import narration
from sigap.demo.stage import Cast, Stage, roads_of, stage, world
from sigap.event_log import EventLog
from sigap_server.api.pages import WEB
from sigap_server.settings import Settings
from sigap_server.setup import FIRST_OPERATOR
from sigap_simulator.screens import ScreenServer
from sigap_simulator.unit import Event
from sigap_simulator.world import CITIZEN, World

_STATUS_EVERY_S = 30.0
_RECONNECT_S = 1.0
_STATUS_ORDER = ("available", "offered", "assigned", "en_route", "on_scene")


async def show(settings: Settings, cast: Cast, screen_port: int, terminal: Terminal) -> None:
    """Runs until cancelled. Raises ChildError when broker or server cannot be kept alive."""
    ports.check([ports.Listener(settings.http.host, screen_port, "--screen-port", "http.host")])
    children = EventLog(terminal)

    def note(event: ChildEvent) -> None:
        # The children's own log is in their files; here only what happens to them.
        if event.kind in ("ended", "started", "ready"):
            children(event)

    cast = replace(cast, roads=roads_of(cast))
    async with stage(settings, cast.units, note, cast.roads) as play:
        simulated = world(play, cast)
        simulated.listen(lambda name, event: _tell_units(terminal, name, event))
        async with contextlib.AsyncExitStack() as running:
            with terminal.status(f"starting {cast.units} units …"):
                await running.enter_async_context(simulated)
            screens = await running.enter_async_context(
                ScreenServer(simulated.cars, WEB, settings.http.host, screen_port, "--screen-port")
            )
            _links(terminal, play, screens.url, cast)
            async with asyncio.TaskGroup() as together:
                together.create_task(_follow(terminal, play))
                together.create_task(_status(terminal, play, simulated))
                together.create_task(play.server.supervisor.wait())


def _links(terminal: Terminal, play: Stage, screens_url: str, cast: Cast) -> None:
    kind = "MicroPython processes running the firmware" if cast.firmware else "protocol-level units"
    lines = (
        ("Console", play.server.console_url, f"log in as {FIRST_OPERATOR} with {play.password}"),
        ("Citizen's page", play.server.citizen_url, "tap three times fast"),
        ("Unit 1's screen", f"{screens_url}/unit/1", f"or any up to {cast.units}"),
    )
    terminal.rule(f"Sigap · {cast.units} {kind}", style="dim")
    for title, url, hint in lines:
        line = Text.assemble((f"{title:<17}", "bold"), (f"{url:<36}", f"cyan link {url}"), hint)
        terminal.print(line, soft_wrap=True)
    terminal.rule("Ctrl-C ends it all", style="dim")


async def _follow(terminal: Terminal, play: Stage) -> None:
    """Prints every new entry of every timeline; survives restarts of the server."""
    printed: Counter[int] = Counter()
    while True:
        try:
            async for event, data in play.console.live():
                for incident in data["incidents"] if event == "snapshot" else [data] if event == "incident" else ():
                    _print_new(terminal, incident, printed)
        except httpx.HTTPError:
            pass
        await asyncio.sleep(_RECONNECT_S)


def _print_new(terminal: Terminal, incident: dict[str, Any], printed: Counter[int]) -> None:
    incident_id = incident["incident_id"]
    for entry in incident["timeline"][printed[incident_id] :]:
        if entry["kind"] in narration.UNTOLD:
            continue
        clock = time.strftime("%H:%M:%S", time.localtime(entry["time_ms"] / 1000))
        line = Text.assemble((f"{clock} ", "dim"), (f"incident {incident_id:<4} ", "cyan"))
        line.append(narration.sentence(entry), style=narration.style(entry["kind"]))
        terminal.print(line, soft_wrap=True)
    printed[incident_id] = len(incident["timeline"])


def _tell_units(terminal: Terminal, name: str, event: Event) -> None:
    log = event.get("log")
    if log in ("process_ended", "task_failed", "recording_ended"):
        words = " ".join(f"{key}={value}" for key, value in event.items() if key != "log")
        terminal.print(Text(f"{name}: {str(log).replace('_', ' ')} {words}", style="magenta"), soft_wrap=True)
    elif log == "refused" and name == CITIZEN:
        terminal.print(Text(f"a press was refused: {event.get('text')}", style="red"), soft_wrap=True)


async def _status(terminal: Terminal, play: Stage, simulated: World) -> None:
    while True:
        await asyncio.sleep(_STATUS_EVERY_S)
        try:
            units = await play.console.get("units")
            counters = await play.console.get("counters")
        except httpx.HTTPError:
            continue
        by_status = Counter(unit["status"] for unit in units)
        by_link = Counter(unit["link"] for unit in units)
        citizens = simulated.citizens()
        parts = [f"{by_status[status]} {status.replace('_', ' ')}" for status in _STATUS_ORDER if by_status[status]]
        parts += [f"{by_link[link]} {link}" for link in ("stale", "lost") if by_link[link]]
        parts += [f"{counters.get('ingest.fixes', 0)} fixes stored", f"{citizens.confirmed} presses confirmed"]
        terminal.print(Text(f"{time.strftime('%H:%M:%S')} fleet         " + " · ".join(parts), style="dim"))
