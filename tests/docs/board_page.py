"""The boards in docs/boards.md, made from their definitions: `python -m tests.docs.board_page` writes them anew."""

import re

from sigap.boards import definition, partitions
from sigap.boards.wiring import page
from tests.support.tools import REPOSITORY

PAGE = REPOSITORY / "docs" / "boards.md"
TABLES = {size: REPOSITORY / "firmware" / "boards" / f"partitions-{size}mb.csv" for size in (4, 8)}


def render(text: str) -> str:
    """The page with every part between `<!-- made from … -->` and `<!-- end -->` as it has to be."""
    text = _replaced(text, "the boards", "\n".join(map(_section, _in_order())))
    for size in TABLES:
        text = _replaced(text, f"the table for {size} MB", f"```\n{partitions.csv(size)}```\n")
    return text


def _section(name: str) -> str:
    board = definition.load(name)
    return f"### {board.name}\n\n`{name}`. {page(board)}"


def _in_order() -> list[str]:
    """The recommended first."""
    return sorted(definition.names(), key=lambda name: ("Recommended" not in definition.load(name).summary, name))


def _replaced(text: str, source: str, content: str) -> str:
    pattern = re.compile(f"(<!-- made from {source} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert pattern.search(text), f"docs/boards.md has no place for {source}"
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for size, path in TABLES.items():
        path.write_text(partitions.csv(size), encoding="utf-8")
