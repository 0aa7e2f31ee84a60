"""docs/boards.md and the tables in firmware/boards are what the boards' definitions make of them."""

import pytest

from sigap.boards import partitions
from tests.docs import board_page


def test_the_page() -> None:
    text = board_page.PAGE.read_text(encoding="utf-8")
    assert text == board_page.render(text), "out of date; .venv/bin/python -m tests.docs.board_page writes it anew"


@pytest.mark.parametrize("size", sorted(board_page.TABLES))
def test_the_partition_tables(size: int) -> None:
    assert board_page.TABLES[size].read_text(encoding="utf-8") == partitions.csv(size)
