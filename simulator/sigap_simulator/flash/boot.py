"""Runs a unit from an image of its flash: python -m sigap_simulator.flash.boot IMAGE SETTINGS.json

A chip runs code where its flash is mapped into memory. So does this: MicroPython's unix port lives in a Python
process, which maps the image and tells MicroPython where. The unit's heap then holds what a chip's RAM would.
"""

import ctypes
import mmap
import os
import signal
import sys

from sigap_simulator.flash import romfs
from sigap_simulator.flash.chip import Chip, state_dir
from sigap_simulator.flash.linker import MAIN

HEAP = "128k"

_MOUNT = (
    "import sys, uctypes, vfs;"
    "vfs.mount(vfs.VfsRom(uctypes.bytearray_at({address}, {length})), '/rom');"
    "sys.path[:] = ['/rom', '.frozen'];"
)
_START = f"from {MAIN} import Hal, run;run(sys.argv, Hal)"


def mapped(path: str) -> mmap.mmap:
    """A private copy-on-write mapping: ctypes wants it writable, and the pages stay shared with all other units."""
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)


def _in_memory(content: bytes) -> mmap.mmap:
    """What came by an update stands in the slot's folder file by file; a chip would run it in place all the same."""
    memory = mmap.mmap(-1, len(content))
    memory[:] = content
    return memory


def mounting(flash: mmap.mmap) -> str:
    """The statements by which MicroPython has this image as its file system; it must live as long as they are used."""
    return _MOUNT.format(address=ctypes.addressof(ctypes.c_char.from_buffer(flash)), length=len(flash))


def main() -> int:
    """Ends with the unit's exit status."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m sigap_simulator.flash.boot IMAGE SETTINGS.json\n")
        return 2
    import micropython_unix  # type: ignore[import-untyped]

    # The receiver's line may become the controlling terminal of a process without one; its end is not the unit's.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    image_path, settings_path = sys.argv[1:]
    chip = Chip(state_dir(settings_path))
    chip.power_up()
    updated = chip.load()
    flash = mapped(image_path) if updated is None else _in_memory(romfs.image(updated))
    start = mounting(flash) + _START
    os.environ["MICROPYPATH"] = ".frozen"
    status = micropython_unix.run_main(["micropython", "-X", f"heapsize={HEAP}", "-c", start, settings_path])
    return chip.ended(int(status or 0))


if __name__ == "__main__":
    sys.exit(main())
