"""`sigap serve`: broker and server, until a signal stops them."""

from __future__ import annotations

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

    from sigap.event_log import EventLog
    from sigap.running import running_server

    terminal = Console(highlight=False)
    async with running_server(settings, EventLog(terminal)) as server:
        _introduce(terminal, server)
        await server.supervisor.wait()


def _introduce(terminal: Terminal, server: RunningServer) -> None:
    from rich.markup import escape

    rows = [("Console", server.console_url), ("Citizen page", server.citizen_url)]
    if server.prepared.password is not None:
        rows.append(("Log in as", f"{server.prepared.operator} with {server.prepared.password} (shown only now)"))
    terminal.print()
    for name, value in rows:
        # Never wrapped: links and passwords are copied from here.
        terminal.print(f"  [b]{name:<14}[/]{escape(value)}", soft_wrap=True)
    terminal.print()
