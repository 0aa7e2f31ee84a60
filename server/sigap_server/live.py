"""The live feed: what changed, to everybody who watches.

A watcher gets a snapshot first, then changes. One that is too slow to take them gets a fresh snapshot instead of a
queue that grows: nothing is lost by it, as every change is sent whole.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Any, NamedTuple

import orjson

from sigap_server.counters import Counters

UNITS_INTERVAL_S = 0.25
COUNTERS_INTERVAL_S = 2.0
_QUEUE_LIMIT = 256


class LiveEvent(NamedTuple):
    """`data` is JSON."""

    name: str
    data: str


class Watcher:
    """One open feed, of one session."""

    def __init__(self, session: str, snapshot: Callable[[], dict[str, Any]], counters: Counters) -> None:
        self.session = session
        self._snapshot = snapshot
        self._counters = counters
        self._queue: deque[LiveEvent] = deque()
        self._must_resync = True
        self._wake = asyncio.Event()
        self._wake.set()
        self.ended = False

    def put(self, event: LiveEvent) -> None:
        """Queue an event, unless a snapshot is due that has it already."""
        if self._must_resync:
            return
        if len(self._queue) >= _QUEUE_LIMIT:
            self._queue.clear()
            self._must_resync = True
            self._counters.add("live.resyncs")
        else:
            self._queue.append(event)
        self._wake.set()

    def end(self) -> None:
        """Let the feed end."""
        self.ended = True
        self._wake.set()

    async def events(self) -> AsyncIterator[LiveEvent]:
        """A snapshot, then changes, until the end."""
        while not self.ended:
            await self._wake.wait()
            self._wake.clear()
            if self._must_resync:
                self._must_resync = False
                yield encode("snapshot", self._snapshot())
            while self._queue and not self.ended:
                yield self._queue.popleft()


class LiveFeed:
    """All watchers, and what to tell them next."""

    def __init__(
        self,
        snapshot: Callable[[], dict[str, Any]],
        unit_views: Callable[[Iterable[str]], list[dict[str, Any]]],
        incident_view: Callable[[int], dict[str, Any] | None],
        counters: Counters,
    ) -> None:
        self._snapshot = snapshot
        self._unit_views = unit_views
        self._incident_view = incident_view
        self._counters = counters
        self._watchers: set[Watcher] = set()
        self._changed_units: set[str] = set()
        counters.gauge("live.clients_connected", lambda: len(self._watchers))

    def open(self, session: str) -> Watcher:
        """A new watcher; `close` it in the end."""
        watcher = Watcher(session, self._snapshot, self._counters)
        self._watchers.add(watcher)
        self._counters.add("live.clients")
        return watcher

    def close(self, watcher: Watcher) -> None:
        """The watcher is gone."""
        self._watchers.discard(watcher)

    def end_session(self, session: str) -> None:
        """The operator logged out."""
        for watcher in self._watchers:
            if watcher.session == session:
                watcher.end()

    def end_all(self) -> None:
        """Let every feed end: the server stops."""
        for watcher in self._watchers:
            watcher.end()

    def change(self, incident_ids: Collection[int], unit_ids: Iterable[str]) -> None:
        """These look different now. Incidents are sent at once, units with the next batch."""
        if not self._watchers:
            return
        self._changed_units.update(unit_ids)
        for incident_id in incident_ids:
            view = self._incident_view(incident_id)
            if view is not None:
                self._send(encode("incident", view))

    async def run(self) -> None:
        """Send changed units at most four times a second, counters every two."""
        loop = asyncio.get_running_loop()
        counters_due = loop.time()
        while True:
            await asyncio.sleep(UNITS_INTERVAL_S)
            if not self._watchers:
                self._changed_units.clear()
                continue
            if self._changed_units:
                changed, self._changed_units = self._changed_units, set()
                self._send(encode("units", self._unit_views(sorted(changed))))
            if loop.time() >= counters_due:
                counters_due = loop.time() + COUNTERS_INTERVAL_S
                self._send(encode("counters", self._counters.read()))

    def _send(self, event: LiveEvent) -> None:
        for watcher in self._watchers:
            watcher.put(event)


def encode(name: str, data: object) -> LiveEvent:
    """One event; encoded once, however many watch."""
    return LiveEvent(name, orjson.dumps(data).decode())
