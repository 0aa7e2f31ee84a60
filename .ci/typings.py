"""Lays MicroPython's typings out in .cache/typings, where mypy takes them in place of CPython's.

mypy does not look for top-level stub files in site-packages, and MicroPython's must come before its own.
"""

import importlib.metadata
import shutil
import sys
from pathlib import Path

DISTRIBUTIONS = ("micropython-esp32-stubs", "micropython-stdlib-stubs")


def lay_out(target: Path) -> None:
    """Copies the stub files of DISTRIBUTIONS into `target`, unless they are there already."""
    wanted = " ".join(f"{name}=={importlib.metadata.version(name)}" for name in DISTRIBUTIONS)
    stamp = target / "VERSIONS_HERE"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(target, ignore_errors=True)
    for name in DISTRIBUTIONS:
        for file in importlib.metadata.files(name) or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                destination = target / file
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), destination)
    stamp.write_text(wanted)


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
