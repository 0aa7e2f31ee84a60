"""`sigap nmea`: what the firmware makes of a receiver's recorded bytes."""

import json as json_format
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sigap.errors import CommandError
from sigap_tracker import replay
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN


class Interpreter(StrEnum):
    CPYTHON = "cpython"
    MICROPYTHON = "micropython"


def nmea(
    file: Annotated[Path, typer.Argument(help="A receiver's recorded bytes: NMEA 0183, with noise if need be.")],
    interpreter: Annotated[
        Interpreter, typer.Option(help="Who runs the firmware's code; both print the same bytes.")
    ] = Interpreter.CPYTHON,
    not_before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day the firmware was built, as a unit knows it: an earlier date is moved on by 1024 weeks.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON line a fix, and a last one of counters.")] = False,
) -> None:
    """Run the firmware's parser and fix gate over a receiver's log."""
    _check_readable(file)
    min_time_s = int(not_before.replace(tzinfo=UTC).timestamp()) if not_before is not None else 0
    on_cpython = interpreter is Interpreter.CPYTHON
    lines = replay.lines(str(file), min_time_s) if on_cpython else _on_micropython(file, min_time_s)
    if json:
        for line in lines:
            print(line)
    else:
        _print_table(file, lines)


def _check_readable(file: Path) -> None:
    if file.is_dir():
        raise CommandError(f"{file} is a folder; expected a file of NMEA sentences")
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error


def _on_micropython(file: Path, min_time_s: int) -> Iterator[str]:
    from sigap_simulator.errors import InterpreterMissingError
    from sigap_simulator.launch import find_micropython, firmware_path

    try:
        program = find_micropython()
    except InterpreterMissingError as error:
        raise CommandError(
            "no `micropython` beside this Python or on the PATH; --interpreter cpython needs none"
        ) from error
    with subprocess.Popen(
        [program, "-m", "sigap_tracker.replay", os.path.abspath(file), str(min_time_s)],
        env={**os.environ, "MICROPYPATH": firmware_path()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            for line in child.stdout:
                yield line.rstrip("\n")
        except GeneratorExit:
            child.kill()
            raise
        said = child.stderr.read().strip()
    if child.returncode:
        raise CommandError(f"micropython ended with status {child.returncode}: {said or 'it said nothing'}")


def _print_table(file: Path, lines: Iterator[str]) -> None:
    console = Console()
    table = Table(title=f"Accepted fixes of {file.name}", title_justify="left", box=SIMPLE_HEAD, padding=0)
    for heading in ("time (UTC)", "latitude", "longitude", "km/h", "course", "quality", "satellites", "HDOP"):
        table.add_column(heading, justify="right", no_wrap=True)
    counters: dict[str, object] = {}
    for line in lines:
        row = json_format.loads(line)
        if "lat_e7" in row:
            table.add_row(*_cells(row))
        else:
            counters = row
    if table.row_count:
        console.print(table)
    rejected = counters.pop("rejected", None) or {}
    console.print(*(f"{name.replace('_', ' ')} {count}" for name, count in counters.items()), sep=" · ")
    if isinstance(rejected, dict) and rejected:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in rejected.items())
        console.print(f"rejected by the gate: {reasons}")
    if not table.row_count:
        print(f"{file}: no fix in it", file=sys.stderr)


def _cells(row: dict[str, int]) -> list[str]:
    course = row["course_cdeg"]
    hdop = row["hdop_centi"]
    return [
        f"{datetime.fromtimestamp(row['fix_time'], UTC):%Y-%m-%d %H:%M:%S}",
        f"{row['lat_e7'] / 1e7:.7f}",
        f"{row['lon_e7'] / 1e7:.7f}",
        f"{row['speed_cmps'] * 0.036:.1f}",
        "–" if course == COURSE_UNKNOWN else f"{course / 100:.1f}°",
        str(row["quality"]),
        str(row["satellites"]),
        "–" if hdop == HDOP_UNKNOWN else f"{hdop / 100:.2f}",
    ]
