"""Programs and data a test needs and a machine may lack.

A test without them is skipped with a reason that begins with one of the words below, so that the report at
the end of a run says what was left out and `tests.support.skips` knows which of it a CI run may leave out.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

MISSING_TOOL = "missing tool: "
MISSING_DATA = "missing data: "
PLATFORM = "platform: "

# Names a tool goes by, on Debian and elsewhere.
_PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "mosquitto": ("mosquitto", "/usr/sbin/mosquitto"),
    "micropython": (str(Path(sys.executable).parent / "micropython"),),
}


def find_tool(name: str) -> str | None:
    """The program's path, or None; `name` is a key of the table above or a program's own name."""
    for program in _PROGRAMS.get(name, (name,)):
        if path := shutil.which(program):
            return path
    return None


def require_tool(name: str) -> str:
    """The program's path; skips the test when it is missing."""
    path = find_tool(name)
    if path is None:
        pytest.skip(f"{MISSING_TOOL}{name} is not installed")
    return path


def shared_data_dir() -> Path:
    """Where recorded data of others is kept, beside the checkout; it may be absent."""
    return Path(os.environ.get("SIGAP_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")


def require_shared_data(name: str = "") -> Path:
    """The folder of recorded data, or `name` within it; skips the test when it is absent."""
    path = shared_data_dir() / name
    if not path.exists():
        pytest.skip(f"{MISSING_DATA}{name or 'shared data'} (set SIGAP_SHARED_DATA to a folder that has it)")
    return path


def require_platform(condition: bool, why: str) -> None:
    """Skips the test unless the platform can run it."""
    if not condition:
        pytest.skip(f"{PLATFORM}{why}")
