"""The city's roads in the server: the map that was imported, what operators closed and slowed, and what follows."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from sigap_roads.errors import RoadsError
from sigap_server.errors import RequestError, SettingsError
from sigap_server.eta import EtaMethod, StraightLine
from sigap_server.settings import Settings
from sigap_server.store import learned_times, road_changes
from sigap_server.store.database import Database
from sigap_server.store.road_changes import RoadChangeRow

if TYPE_CHECKING:
    from sigap_server.learning import Learning
    from sigap_server.travel import CityMap

log = structlog.get_logger()


class Roads:
    """Without a map there are no roads: travel times are the straight line's, and nothing can be closed.

    eta        how travel times are found
    learning   None without a map, or if the settings say so
    """

    def __init__(self, settings: Settings, database: Database, now_ms: Callable[[], int]) -> None:
        """Raises SettingsError for a map that cannot be read."""
        straight = StraightLine(settings.dispatch.assumed_speed_mps)
        self._database = database
        self.map: CityMap | None = None
        self.learning: Learning | None = None
        self.eta: EtaMethod = straight
        if settings.roads.file is not None:
            utc_offset_s = settings.roads.utc_offset_min * 60
            self.map = _open(settings.roads.file, straight, utc_offset_s)
            self.eta = self.map.travel
            if settings.roads.learn:
                self.learning = _learning(self.map, database, now_ms, utc_offset_s)

    async def load(self, now_ms: int) -> None:
        """Take up what was closed, slowed and learned before a restart."""
        if self.map is None:
            return
        async with self._database.read() as connection:
            rows = await road_changes.in_force(connection, now_ms)
        holding: list[RoadChangeRow] = []
        for row in rows:
            try:
                self.map.check(row)
            except RoadsError as error:
                # Another map than the one it was made on: what cannot be found in it is said, and nothing else stops.
                log.warning("road_change_not_on_this_map", change_id=row.change_id, reason=str(error))
            else:
                holding.append(row)
        self.map.hold(holding, now_ms)
        if self.learning is not None:
            await self.learning.load()

    def place_words(self, lat_e7: int, lon_e7: int) -> str:
        """What people call a place, "" if nobody knows."""
        return self.map.names.words(lat_e7, lon_e7) if self.map else ""

    def pass_time(self, now_ms: int) -> bool:
        """Whether travel times are different now: something expired, or another hour began."""
        return self.map is not None and self.map.live.at(now_ms)

    async def report(self, since_ms: int) -> dict[str, Any]:
        """What was learned, and how good predictions were since then: see api.roads.TravelTimesOut.

        Raises RequestError without a map.
        """
        self._city()
        from sigap_server.journeys import report_journeys  # as in _open

        async with self._database.read() as connection:
            rows = await learned_times.journeys(connection, since_ms)
        learned = {} if self.learning is None else self.learning.report()
        return {"learn": self.learning is not None, "journeys": report_journeys(rows), **learned}

    async def change(self, values: dict[str, Any], now_ms: int) -> RoadChangeRow:
        """Close or slow roads: factor, area, street, reason, actor and expires_ms as in models.RoadChange.

        Raises RequestError for roads that there are not.
        """
        city = self._city()
        draft = RoadChangeRow(0, **values, created_ms=now_ms, ended_ms=None, ended_by=None)
        if not draft.holds(now_ms):
            raise RequestError(422, "field_invalid", "expires_ms has passed already", "expires_ms")
        try:
            city.check(draft)
        except RoadsError as error:
            raise RequestError(422, "roads_unknown", str(error)) from error
        async with self._database.write() as connection:
            change_id = await road_changes.add(connection, **values, created_ms=now_ms)
        row = draft._replace(change_id=change_id)
        city.hold([*city.held, row], now_ms)
        log.info("roads_changed", change_id=change_id, actor=row.actor, factor=row.factor, reason=row.reason)
        return row

    async def restore(self, change_id: int, now_ms: int, actor: str) -> None:
        """Take a change back. Raises RequestError if there is none of this number in force."""
        city = self._city()
        async with self._database.write() as connection:
            if not await road_changes.end(connection, change_id, now_ms, actor):
                raise RequestError(404, "road_change_unknown", f"no change {change_id} of the roads is in force")
        city.hold([row for row in city.held if row.change_id != change_id], now_ms)
        log.info("roads_restored", change_id=change_id, actor=actor)

    def _city(self) -> "CityMap":
        if self.map is None:
            raise RequestError(409, "no_roads", "this server has no map; the setting roads.file names one")
        return self.map


def _learning(city: "CityMap", database: Database, now_ms: Callable[[], int], utc_offset_s: int) -> "Learning":
    # As in _open.
    from sigap_server.learning import Learning

    return Learning(city.live, database, now_ms, utc_offset_s)


def _open(path: Path, straight: StraightLine, utc_offset_s: int) -> "CityMap":
    # Compiled code and what it stands on take seconds to import: a server without a map starts without them.
    from sigap_server.travel import open_map

    try:
        return open_map(path, straight, utc_offset_s)
    except (RoadsError, OSError) as error:
        raise SettingsError(f"roads.file: {error}") from error
