"""The command `sigap demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console as Terminal

    from sigap.demo.stage import Cast
    from sigap_roads.graph import RoadGraph
    from sigap_server.settings import Settings


def demo(
    units: Annotated[int, typer.Option(min=1, max=200, help="How many patrol cars.")] = 12,
    once: Annotated[
        bool, typer.Option(help="One alert from press to closed incident, without pages or people.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print the whole story as JSON.")] = False,
    nmea: Annotated[
        Path | None, typer.Option(help="A recorded receiver log that unit 1 hears.", exists=True, dir_okay=False)
    ] = None,
    roads: Annotated[
        Path | None,
        typer.Option(help="A real city: a road file, or an extract of OpenStreetMap.", exists=True, dir_okay=False),
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="Play --nmea so many times faster.")] = 1.0,
    press_every_s: Annotated[
        float, typer.Option("--press-every", min=0, help="Mean seconds between simulated presses; 0: nobody presses.")
    ] = 30.0,
    screen_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the units' screens.")] = 8081,
    protocol_units: Annotated[
        bool, typer.Option(help="Units without the firmware, for platforms that lack MicroPython.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another city day.")] = 1,
    language: Annotated[str, typer.Option(help="Language of the units' screens: id or en.")] = "id",
    config: Annotated[Path | None, typer.Option(help="Settings file; sigap.toml if there is one.")] = None,
) -> None:
    """Run a whole city on this machine: broker, server, simulated cars and people."""
    from rich.console import Console as Terminal

    from sigap.demo.stage import Cast
    from sigap.errors import CommandError
    from sigap.signals import run
    from sigap_server.settings import load_settings

    if as_json and not once:
        raise CommandError("--json goes with --once")
    if language not in ("id", "en"):
        raise CommandError(f"--language {language}: expected id or en")
    settings = load_settings(config)
    terminal = Terminal(stderr=once)
    firmware = not protocol_units and _firmware_can_run(terminal)
    roads = roads or settings.roads.file
    graph = _read_roads(roads, terminal) if roads is not None else None
    cast = Cast(units, firmware, seed, press_every_s or None, nmea, speed, language, graph)
    if once:
        raise typer.Exit(run(_once(settings, cast, as_json)))

    from sigap.demo.show import show

    settings = settings.model_copy(update={"data_dir": settings.data_dir / "demo"})
    raise typer.Exit(run(show(settings, cast, screen_port, terminal)))


def _read_roads(path: Path, terminal: Terminal) -> RoadGraph:
    """With what it is and whose it is. Raises RoadsError."""
    from sigap.roads.opening import open_named

    graph = open_named(path, terminal)
    whose = f" · {graph.info['attribution']}" if graph.info.get("attribution") else ""
    terminal.print(f"{path.name}: {graph.node_count:,} junctions{whose}", style="dim", highlight=False)
    return graph


def _firmware_can_run(terminal: Terminal) -> bool:
    from sigap_simulator.errors import InterpreterMissingError
    from sigap_simulator.launch import find_micropython

    try:
        find_micropython()
    except InterpreterMissingError as error:
        terminal.print(f"{error}\nGoing on with protocol-level units.", style="yellow")
        return False
    return True


async def _once(settings: Settings, cast: Cast, as_json: bool) -> None:
    import dataclasses
    import tempfile

    import orjson

    from sigap.demo.once import once
    from sigap.demo.summary import summary
    from sigap.ports import free_ports

    http, mqtt, nats = free_ports(3)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="once-", dir=settings.data_dir) as folder:
        settings = settings.model_copy(
            update={
                "data_dir": Path(folder) / "data",
                "http": settings.http.model_copy(update={"port": http}),
                "mqtt": settings.mqtt.model_copy(update={"port": mqtt, "nats_port": nats}),
            }
        )
        story = await once(settings, dataclasses.replace(cast, press_interval_s=None))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(story, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(summary(story))
