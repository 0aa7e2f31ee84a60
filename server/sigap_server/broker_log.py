"""What Sigap's own broker refused, read from its log: MQTT tells the sender nothing, and would tell nobody else."""

import asyncio
import re
from pathlib import Path

import structlog

from sigap_server.counters import Counters

_READ_INTERVAL_S = 1.0
_READ_MAX_BYTES = 1024**2
_VIOLATION = re.compile(
    r'\[ERR\].*? - "?(?P<client>[^"]*?)"? - (?P<what>Publish|Subscription) Violation.*?Subject "(?P<subject>[^"]*)"'
)
_LOGIN = re.compile(r'\[ERR\] (?P<address>\S+) .*?"(?P<client>[^"]*)" - unable to connect: authentication error')
_OVERSIZED = re.compile(r'\[ERR\] \S+ .*?"(?P<client>[^"]*)" - maximum payload exceeded: (?P<bytes>\d+)')

log = structlog.get_logger()


class BrokerLog:
    """Follows the log file, also when NATS begins a new one. What was there at the start is not counted again."""

    def __init__(self, path: Path, counters: Counters) -> None:
        self._path = path
        self._counters = counters
        self._file_number, self._at = self._stat()
        self._rest = b""

    async def run(self) -> None:
        """Read what is new, every second."""
        while True:
            await asyncio.sleep(_READ_INTERVAL_S)
            self.read()

    def read(self) -> None:
        """Count what the broker wrote since the last time."""
        number, size = self._stat()
        if number != self._file_number or size < self._at:
            self._file_number, self._at, self._rest = number, 0, b""
        if size == self._at:
            return
        with self._path.open("rb") as file:
            file.seek(self._at)
            text = file.read(_READ_MAX_BYTES)
        self._at += len(text)
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            self._count(line.decode(errors="replace"))

    def _count(self, line: str) -> None:
        if violation := _VIOLATION.search(line):
            self._counters.add("broker.permission_violations")
            log.warning("broker_refused", **violation.groupdict())
        elif login := _LOGIN.search(line):
            self._counters.add("broker.authentication_failures")
            log.warning("broker_refused_login", **login.groupdict())
        elif oversized := _OVERSIZED.search(line):
            self._counters.add("broker.oversized")
            log.warning("broker_refused_size", **oversized.groupdict())

    def _stat(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size
