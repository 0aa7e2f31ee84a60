"""Travel times learned while the server runs: now and then the fleet's new fixes become drives, and drives paces.

An alert must not wait for it: the work is done in another thread, a few milliseconds at a time with long rests, for
Python runs one thread at once.
"""

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import orjson
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sigap_roads.errors import RoadsError
from sigap_roads.graph import RoadGraph
from sigap_roads.learned import Drive, Learned, error_report, from_plain
from sigap_roads.live import LiveRoads
from sigap_roads.snap import COURSE_UNKNOWN
from sigap_roads.tracks import TrackPoint, drives
from sigap_roads.traffic import Traffic
from sigap_server.store import learned_times
from sigap_server.store.database import Database
from sigap_server.store.learned_times import Place, TrackRow
from sigap_server.store.units import units_in_service
from sigap_wire.report import COURSE_UNKNOWN as COURSE_NOT_SENT

log = structlog.get_logger()

_INTERVAL_S = 600.0
_CHUNK_S = 0.02
_RESTS = 9  # times as long as a chunk took: learning has a tenth of a core
_BUDGET_S = 20.0  # of work at one look; who is not reached is first at the next
_FIXES = 240  # of a unit at one look, its newest
_COMPARED = 5_000  # the last drives, of which both predictions are kept


class Learning:
    """What is learned on one map, and its effect on `live`."""

    def __init__(
        self,
        live: LiveRoads,
        database: Database,
        now_ms: Callable[[], int],
        utc_offset_s: int,
        interval_s: float = _INTERVAL_S,
        budget_s: float = _BUDGET_S,
    ) -> None:
        self._live = live
        self._database = database
        self._now_ms = now_ms
        self._utc_offset_s = utc_offset_s
        self._interval_s = interval_s
        self._budget_s = budget_s
        self._profile = Traffic.by_profile(live.graph)
        self._built_from = str(live.graph.info.get("built_from", ""))
        self._learned = Learned(self._built_from)
        self._paces = self._learned.paces()
        self._up_to: dict[int, Place] = {}
        self._next_key = 0
        self._compared: deque[tuple[int, int, int]] = deque(maxlen=_COMPARED)
        self._looking = asyncio.Lock()

    async def load(self) -> None:
        """Take up what was learned on this map before a restart."""
        async with self._database.read() as connection:
            found = await learned_times.load(connection, self._built_from)
        if found is None:
            return
        try:
            self._learned = unpack(found[0], self._live.graph)
        except RoadsError as error:
            log.warning("learned_times_unreadable", reason=str(error))
            return
        self._up_to = found[1]
        self._paces = self._learned.paces()
        self._live.learn(self._paces, self._now_ms())

    async def run(self, on_change: Callable[[], Awaitable[object]]) -> None:
        """Look now and then until cancelled; `on_change` is told when travel times are different."""
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                if await self.look():
                    await on_change()
            except (DBAPIError, PoolTimeoutError) as error:
                log.error("database_unavailable", error=str(error))

    async def look(self) -> bool:
        """Learn from the fixes since the last look; whether travel times are different now."""
        async with self._looking:
            before = self._learned.drives
            if not await self._count():
                return False
            data, paces = await asyncio.to_thread(lambda: (pack(self._learned), self._learned.paces()))
            async with self._database.write() as connection:
                await learned_times.put(connection, self._built_from, data, self._up_to)
            self._paces = paces
            log.info("travel_times_learned", drives=self._learned.drives - before, in_all=self._learned.drives)
            return self._live.learn(paces, self._now_ms())

    async def _count(self) -> bool:
        """Count the drives since the last look, as far as the budget goes; whether there were new fixes."""
        is_new, spent_s = False, 0.0
        for unit_key in await self._unit_keys():
            if spent_s >= self._budget_s:
                self._next_key = unit_key
                break
            async with self._database.read() as connection:
                rows = await learned_times.track(connection, unit_key, self._up_to.get(unit_key), _FIXES)
            if not rows or rows[-1][:2] == self._up_to.get(unit_key):
                continue
            found = self._drives(rows)
            is_done = False
            while not is_done:
                is_done, took_s = await asyncio.to_thread(self._add_some, found)
                spent_s += took_s
                await asyncio.sleep(_RESTS * took_s)
            # What was counted must not be counted again, whatever fails after it.
            self._up_to[unit_key] = rows[-1][:2]
            is_new = True
        return is_new

    async def _unit_keys(self) -> Sequence[int]:
        """Of all units, beginning with the one that the last look ended before."""
        async with self._database.read() as connection:
            keys = sorted(row.unit_key for row in await connection.execute(units_in_service()))
        return [*(key for key in keys if key >= self._next_key), *(key for key in keys if key < self._next_key)]

    def _drives(self, rows: Sequence[TrackRow]) -> Iterator[Drive]:
        snapper, points = self._live.snapper, [_point(row) for row in rows]
        yield from drives(snapper, self._profile, points, self._utc_offset_s)

    def _add_some(self, found: Iterator[Drive]) -> tuple[bool, float]:
        """Whether these were the last, and how long it took in seconds."""
        began_s = time.perf_counter()
        for drive in found:
            self._compared.append((drive.predicted_ms, self._predicted_ms(drive), drive.observed_ms))
            self._learned.add(self._live.graph, [drive])
            if time.perf_counter() - began_s >= _CHUNK_S:
                return False, time.perf_counter() - began_s
        return True, time.perf_counter() - began_s

    def _predicted_ms(self, drive: Drive) -> int:
        """What was known of its roads before it was counted itself."""
        return round(drive.predicted_ms * self._paces.along(self._live.graph, drive.edges, drive.hour))

    def report(self) -> dict[str, Any]:
        """What was learned, and how good predictions were with and without it: see api.roads.TravelTimesOut."""
        compared = list(self._compared)
        return {
            "drives": self._learned.drives,
            "classes": {
                name: {"drives": number, "ratio": round(ratio, 3)}
                for name, (number, ratio) in self._learned.by_class().items()
            },
            "edges": len(self._paces.edges),
            "by_profile": error_report([(profile_ms, observed_ms) for profile_ms, _, observed_ms in compared]),
            "by_fleet": error_report([(fleet_ms, observed_ms) for _, fleet_ms, observed_ms in compared]),
        }


def pack(learned: Learned) -> bytes:
    """As the database has it."""
    return zlib.compress(orjson.dumps(learned.to_plain()), level=1)


def unpack(data: bytes, graph: RoadGraph) -> Learned:
    """What pack gave. Raises RoadsError."""
    try:
        values = orjson.loads(zlib.decompress(data))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise RoadsError(f"learned travel times cannot be unpacked: {error}") from None
    return from_plain(values, graph)


def _point(row: TrackRow) -> TrackPoint:
    course_cdeg = COURSE_UNKNOWN if row.course_cdeg == COURSE_NOT_SENT else row.course_cdeg
    return TrackPoint(row.fix_time_s * 1000, row.lat_e7, row.lon_e7, course_cdeg, row.speed_cmps)
