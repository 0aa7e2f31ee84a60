"""In how small a heap the application can be imported: in place from a mapped image, and from files into RAM.

The goal is 96 KiB. This interpreter has 64 bits, where pointers are twice as long as on a chip.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sigap_simulator.flash import image
from sigap_simulator.flash.linker import MAIN
from tests.support.tools import require_tool

GOAL_KIB = 96

IMPORT = f"import gc;from {MAIN} import Hal, run;gc.collect();print(gc.mem_alloc())"
MAPPED = """
import sys
import micropython_unix
from sigap_simulator.flash import boot
flash = boot.mapped(sys.argv[1])
code = boot.mounting(flash) + sys.argv[3]
sys.exit(micropython_unix.run_main(["micropython", "-X", "heapsize=" + sys.argv[2], "-c", code]))
"""

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def application(unit_image: Path, tmp_path: Path) -> Path:
    """A folder with the same application in files, as a chip has it that copies its code into RAM."""
    for name, content in image.application(in_ram=True).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_mapped(unit_image: Path) -> None:
    def run(kib: int) -> Done:
        return _run([sys.executable, "-c", MAPPED, unit_image, f"{kib}k", IMPORT], ".frozen")

    kib, live_bytes = smallest(run, 32, GOAL_KIB)
    print(f"mapped: {kib} KiB, goal {GOAL_KIB}; {live_bytes} bytes live")


def test_from_files(application: Path) -> None:
    program = require_tool("micropython")

    def run(kib: int) -> Done:
        return _run([program, "-X", f"heapsize={kib}k", "-c", IMPORT], f"{application}:.frozen")

    kib, live_bytes = smallest(run, 64, GOAL_KIB)
    print(f"from files: {kib} KiB, goal {GOAL_KIB}; {live_bytes} bytes live")


def smallest(run: Callable[[int], Done], low: int, high: int) -> tuple[int, int]:
    """The smallest heap in KiB in which it is imported, from `low` on, and what is live then.

    Fails if `high` is too little, or if it is anything but the memory that is missing.
    """
    live_bytes = -1
    while low < high or live_bytes < 0:
        middle = (low + high) // 2 if live_bytes >= 0 else high
        done = run(middle)
        if done.returncode == 0:
            high, live_bytes = middle, int(done.stdout)
        else:
            said = done.stdout + done.stderr
            assert "MemoryError" in said, said
            assert live_bytes >= 0, f"{middle} KiB are not enough: {said}"
            low = middle + 1
    return high, live_bytes


def _run(argv: Sequence[str | Path], path: str) -> Done:
    environment = {**os.environ, "MICROPYPATH": path}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
