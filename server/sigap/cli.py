"""The command line: puts the sub-commands together and turns expected errors into one clear message.

A sub-command is a function in a module of its own that imports what it needs when it runs, so that `sigap --help`
and short commands stay quick.
"""

import sys
from typing import Annotated

import typer

from sigap.bench.command import bench
from sigap.boards.command import board
from sigap.demo.command import demo
from sigap.errors import CommandError
from sigap.incident import incident
from sigap.nmea import nmea
from sigap.roads.command import roads
from sigap.serve import serve
from sigap.unit import unit
from sigap_roads.errors import RoadsError
from sigap_server.errors import SigapError
from sigap_simulator.errors import SimulatorError

EXPECTED = (CommandError, RoadsError, SigapError, SimulatorError, OSError)
EXIT_ERROR = 2

app = typer.Typer(
    name="sigap",
    help="Tracks a city's patrol cars and sends the right one to a citizen who pressed a panic button.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(serve)
app.command()(nmea)
app.add_typer(unit)
app.add_typer(incident)
app.add_typer(board)
app.add_typer(roads)
app.add_typer(bench)


class _Options:
    """What was given before the sub-command."""

    debug = False


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        print(f"sigap {importlib.metadata.version('sigap')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    _Options.debug = debug


def main() -> None:
    """The `sigap` command. Exits with 2 after an error that the user can do something about."""
    try:
        app()
    except EXPECTED as error:
        if _Options.debug:
            raise
        print(f"sigap: {explain(error)}", file=sys.stderr)
        sys.exit(EXIT_ERROR)


def explain(error: Exception) -> str:
    """The message for people; an OSError says which file it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    return str(error) or type(error).__name__
