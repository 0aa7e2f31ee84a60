"""The serial console, one JSON object a line: what the unit tells technicians, and what they ask of it."""

import asyncio
import json
import sys

from sigap_tracker.drivers.chip import Hearing
from sigap_tracker.interfaces import HEALTH, MAINTENANCE, MAINTENANCE_OVER, SELF_TEST

_BYTES_PER_MS = 11  # 115,200 Bd
_LINE_MAX_BYTES = 128
_LINES_MAX = 16
_NOBODY_MS = 1000


class Console:
    """write() and read() are to run for good; `heard` is told each event that somebody asked for."""

    def __init__(self, heard: "Hearing") -> None:
        self._heard = heard
        self._lines: "list[str]" = []
        self._lost = 0
        self._said = asyncio.Event()

    def say(self, values: "dict[str, object]") -> None:
        if len(self._lines) == _LINES_MAX:  # slower than that: the latest lines count
            self._lines.pop(0)
            self._lost += 1
        elif self._lost and not self._lines:
            self._lines.append('{"log": "lines_lost", "lines": %d}' % self._lost)
            self._lost = 0
        self._lines.append(json.dumps(values))
        self._said.set()

    async def write(self) -> None:
        while True:
            await self._said.wait()
            self._said.clear()
            while self._lines:
                line = self._lines.pop(0)
                print(line)
                # So that the next one finds the console's own buffer empty and does not wait for it.
                await asyncio.sleep_ms(len(line) // _BYTES_PER_MS + 1)

    async def read(self) -> None:
        console = asyncio.StreamReader(sys.stdin.buffer)
        one = bytearray(1)
        line = bytearray()
        while True:
            if not await console.readinto(one):
                await asyncio.sleep_ms(_NOBODY_MS)
            elif one[0] not in (10, 13):
                if len(line) < _LINE_MAX_BYTES:  # the rest of a longer line is no JSON any more
                    line.append(one[0])
            elif line:
                event = _event(line)
                if event is None:
                    self.say({"log": "control_refused", "line": repr(bytes(line[:60]))})
                else:
                    self._heard(event)
                line = bytearray()


def _event(line: bytearray) -> "str | None":
    """What a line says, None if it says nothing known."""
    try:
        said: object = json.loads(bytes(line))
    except ValueError:
        return None
    if said == {"health": 1}:
        return HEALTH
    if said == {"self_test": 1}:
        return SELF_TEST
    if said == {"maintenance": 1}:
        return MAINTENANCE
    return MAINTENANCE_OVER if said == {"maintenance": 0} else None
