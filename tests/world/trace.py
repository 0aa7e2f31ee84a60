"""What happened in a world, to be read by people."""

import asyncio
from typing import Any


class Trace:
    """Lines with the world's time. `echo` prints them as they come."""

    def __init__(self, loop: asyncio.AbstractEventLoop, echo: bool = False) -> None:
        self._loop = loop
        self._echo = echo
        self._lines: list[tuple[float, str, tuple[Any, ...]]] = []

    def __call__(self, who: str, *what: Any) -> None:
        """Somebody did something. Put into words only when read."""
        line = (self._loop.time(), who, what)
        self._lines.append(line)
        if self._echo:
            print(_words(line), flush=True)

    def lines(self, last: int | None = None) -> list[str]:
        """All lines, or the last ones."""
        return [_words(line) for line in (self._lines if last is None else self._lines[-last:])]


def _words(line: tuple[float, str, tuple[Any, ...]]) -> str:
    time_s, who, what = line
    return f"{time_s:10.3f}  {who:<12} {' '.join(str(one) for one in what)}"
