"""MicroPython for tests: the unix port with the firmware's packages and this repository to import from."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.tools import REPOSITORY, require_tool


def run_micropython(arguments: Sequence[str | Path], deadline_s: float = 100.0) -> str:
    """What `micropython ARGUMENTS` prints. Fails the test if it does not end well; skips it where there is none."""
    environment = {**os.environ, "MICROPYPATH": f".frozen:{REPOSITORY / 'firmware'}:{REPOSITORY}"}
    child = subprocess.run(
        [require_tool("micropython"), *map(str, arguments)],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=deadline_s,
        check=False,
    )
    assert child.returncode == 0, child.stderr or child.stdout
    return child.stdout
