"""Only a platform's own module knows the platform, so that hal_esp32 is all that an ESP32 needs."""

import ast
from pathlib import Path

import pytest

import sigap_boot
import sigap_tracker
import sigap_wire

CHIP = {"machine", "network", "esp32"}
PLATFORM = CHIP | {"termios", "select", "socket", "micropython", "vfs"}
# What MicroPython has on every port that a unit runs on.
EVERYWHERE = {
    "array",
    "asyncio",
    "binascii",
    "collections",
    "errno",
    "framebuf",
    "gc",
    "hashlib",
    "json",
    "os",
    "struct",
    "sys",
    "tls",
    "sigap_boot",
    "sigap_tracker",
    "sigap_wire",
}
FILES = [
    path
    for package in (sigap_boot, sigap_tracker, sigap_wire)
    for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_imports(path: Path) -> None:
    if path.stem.startswith("hal_"):
        assert imported(path) & PLATFORM, "a HAL that knows no platform"
        assert path.stem == "hal_esp32" or not imported(path) & CHIP
    elif path.stem == "__main__":
        assert imported(path) == {"sys", "sigap_tracker"}
    else:
        assert imported(path) <= EVERYWHERE
