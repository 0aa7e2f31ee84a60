"""Every link from one file of the project to another leads somewhere."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs import markdown
from tests.support.tools import REPOSITORY

FILES = markdown.files()


def broken(path: Path, text: str) -> list[str]:
    """The links in `text`, the contents of `path`, that lead nowhere; links out of the project are not followed."""
    return [link for link in markdown.links(text) if not _leads_somewhere(path, text, link)]


def _leads_somewhere(path: Path, text: str, link: str) -> bool:
    if link.startswith(("https://", "http://", "mailto:")):
        return True
    name, _, fragment = link.partition("#")
    target = (path.parent / unquote(name)).resolve() if name else path
    if not target.exists() or not target.is_relative_to(REPOSITORY):
        return False
    if not fragment or target.suffix != ".md":
        return True
    return fragment in markdown.anchors(text if target == path else target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(path: Path) -> None:
    assert broken(path, path.read_text(encoding="utf-8")) == []


def test_every_decision_is_in_the_index() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    pages = {path.name for path in folder.glob("[0-9]*.md")}
    assert pages - set(markdown.links((folder / "README.md").read_text(encoding="utf-8"))) == set()
    numbers = [name.split("-")[0] for name in pages]
    assert len(set(numbers)) == len(numbers), "two decisions have the same number"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](README.md) ![b](LICENSE) [c](https://example.org/x)", []),
        ("[a](no-such-file.md)", ["no-such-file.md"]),
        ("# One, two\n[a](#one-two) [b](#three)", ["#three"]),
        ("# A\n# A\n[a](#a-1) [b](#a-2)", ["#a-2"]),
        ("[out](../elsewhere.md)", ["../elsewhere.md"]),
        ("`[code](no-such-file.md)`\n```\n[code](no-such-file.md)\n```\n", []),
    ],
)
def test_finds_broken_links(text: str, found: list[str]) -> None:
    assert broken(REPOSITORY / "README.md", text) == found
