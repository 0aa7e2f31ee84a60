"""The change log says everything once."""

import re

from tests.support.tools import REPOSITORY

FIRST_WORDS = 6


def twice(text: str) -> list[str]:
    """How the entries begin that begin like one before them."""
    found, seen = [], set()
    for entry in re.split(r"^- ", text, flags=re.MULTILINE)[1:]:
        start = " ".join(entry.split()[:FIRST_WORDS])
        if start in seen:
            found.append(start)
        seen.add(start)
    return found


def test_nothing_is_told_twice() -> None:
    assert twice((REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")) == []


def test_what_is_told_twice_is_seen() -> None:
    once = "- A search that knows every car's time.\n"
    again = "#### Later\n\n- A search that knows\n  every car's way.\n"
    assert twice(once + "- A search for lights.\n") == []
    assert twice(once + again) == ["A search that knows every car's"]
