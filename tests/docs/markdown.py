"""The project's Markdown files, taken apart as far as the checks of the documentation need it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.tools import REPOSITORY

_FENCE = re.compile(r"^(```|~~~)(\w*).*?\n(.*?)^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def files() -> list[Path]:
    """Every Markdown file that belongs to the project, new ones included."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.md"]
    done = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return sorted(REPOSITORY / name for name in done.stdout.split("\0") if name and (REPOSITORY / name).exists())
    places = [REPOSITORY.glob("*.md"), *((REPOSITORY / name).rglob("*.md") for name in ("docs", "gateway", "hardware"))]
    return sorted(path for place in places for path in place)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(language, contents) of every fenced block."""
    for match in _FENCE.finditer(text):
        yield match[2], match[3]


def code(text: str) -> list[str]:
    """What stands between single backticks, outside fenced blocks."""
    return _CODE.findall(_FENCE.sub("", text))


def links(text: str) -> list[str]:
    """The target of every link and picture, outside code."""
    return _LINK.findall(_CODE.sub("", _FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """The fragments that GitHub gives to the headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        base = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        name, number = base, 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found
