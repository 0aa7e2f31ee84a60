"""`sigap serve`: broker and server, until a signal stops them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console as Terminal

    from sigap.running import RunningServer
    from sigap_server.settings import Settings


def serve(
    config: Annotated[Path | None, typer.Option(help="Settings file; sigap.toml if there is one.")] = None,
) -> None:
    """Run the broker and the server; Ctrl-C or SIGTERM stops both."""
    from sigap.signals import run
    from sigap_server.settings import load_settings

    raise typer.Exit(run(_serve(load_settings(config))))


async def _serve(settings: Settings) -> None:
    from rich.console import Console

    from sigap.event_log import EventLog, JsonEventLog
    from sigap.running import running_server

    if settings.log.format == "json":
        events = JsonEventLog()
        async with running_server(settings, events) as server:
            events.tell("running", **dict(_facts(server)))
            await server.supervisor.wait()
    else:
        terminal = Console(highlight=False)
        async with running_server(settings, EventLog(terminal)) as server:
            _introduce(terminal, server)
            await server.supervisor.wait()


def _facts(server: RunningServer) -> Iterator[tuple[str, str]]:
    yield "console", server.console_url
    yield "citizen_page", server.citizen_url
    if server.prepared.operator is not None and server.prepared.password is not None:
        yield "operator", server.prepared.operator
        yield "password", server.prepared.password


def _introduce(terminal: Terminal, server: RunningServer) -> None:
    from rich.markup import escape

    names = {"console": "Console", "citizen_page": "Citizen page", "operator": "Operator", "password": "Password"}
    terminal.print()
    for name, value in _facts(server):
        # Never wrapped: links and passwords are copied from here.
        terminal.print(f"  [b]{names[name]:<14}[/]{escape(value)}", soft_wrap=True)
    if server.prepared.password is not None:
        terminal.print("  The password is shown only now.")
    terminal.print()
