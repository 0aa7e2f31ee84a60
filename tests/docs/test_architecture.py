"""The modules that docs/architecture.md sends a reader to exist, and so do all files that the documentation names."""

import re
from pathlib import Path

import pytest

from tests.docs import markdown
from tests.support.tools import REPOSITORY

TEXT = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
READING = TEXT.partition("## The order of reading\n")[2].partition("\n## ")[0]
ROOMS = [
    REPOSITORY / room
    for room in (
        "firmware",
        "firmware/sigap_tracker",
        "server",
        "server/sigap_server",
        "server/sigap_server/dispatch",
        "server/sigap_roads",
    )
]
_FILE = re.compile(r"(?:firmware|server|simulator|tests)/[\w/]+\.\w+")


def exists(module: str) -> bool:
    return any((room / f"{module}.py").is_file() or (room / module / "__init__.py").is_file() for room in ROOMS)


def test_the_order_of_reading() -> None:
    modules = markdown.code(READING)
    assert len(modules) > 30
    assert [module for module in modules if not exists(module)] == []


def test_a_module_that_is_gone_is_seen() -> None:
    assert not exists("dispatch/clairvoyance")


@pytest.mark.parametrize("path", markdown.files(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_files_that_are_named_exist(path: Path) -> None:
    named = [name for name in markdown.code(path.read_text(encoding="utf-8")) if _FILE.fullmatch(name)]
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
