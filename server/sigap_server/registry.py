"""Which units are in service: the server's memory of the table `unit`, and the fleet's beginning."""

from collections.abc import Collection, Iterable

import structlog

from sigap_server.fleet import Duty, Fleet
from sigap_server.store.database import Database
from sigap_server.store.units import UnitRow, last_heard, newest_key, units_in_service

log = structlog.get_logger()


class Registry:
    """Knows each unit's key in the database and tells the fleet of new units. Other programs register units too."""

    def __init__(self, database: Database, fleet: Fleet) -> None:
        self._database = database
        self._fleet = fleet
        self._keys: dict[str, int] = {}
        self._newest_key = 0

    def key(self, unit_id: str) -> int | None:
        """The unit's key in the database, None if it is not in service."""
        return self._keys.get(unit_id)

    async def load(self) -> None:
        """Register all units, each where it was last heard of."""
        async with self._database.read() as connection:
            self._newest_key = await newest_key(connection)
            for row in [UnitRow._make(row) for row in await connection.execute(units_in_service())]:
                self._add(row)
                heard = await last_heard(connection, row.unit_key)
                # The fleet's rules, applied to the last messages once more, say what they said before.
                if heard.link:
                    self._fleet.apply_link(row.unit_id, *heard.link)
                for report in heard.reports:
                    self._fleet.apply_report(row.unit_id, *report)
                if heard.distress:
                    self._fleet.apply_distress(row.unit_id, *heard.distress)
                if heard.result:
                    self._fleet.apply_result(row.unit_id, *heard.result)
        log.info("units_loaded", units=len(self._keys))

    async def refresh(self) -> Collection[str]:
        """Register what was added meanwhile; the unit_ids."""
        async with self._database.read() as connection:
            newest = await newest_key(connection)
            if newest == self._newest_key:
                return ()
            rows = [UnitRow._make(row) for row in await connection.execute(units_in_service())]
        self._newest_key = newest
        return self._add_changed(rows)

    async def look_up(self, unit_ids: Collection[str]) -> None:
        """Register those of these that are in service after all."""
        async with self._database.read() as connection:
            rows = [UnitRow._make(row) for row in await connection.execute(units_in_service(list(unit_ids)))]
        self._add_changed(rows)

    def _add_changed(self, rows: Iterable[UnitRow]) -> Collection[str]:
        changed = [row for row in rows if self._keys.get(row.unit_id) != row.unit_key]
        for row in changed:
            self._add(row)
            log.info("unit_registered", unit_id=row.unit_id, callsign=row.callsign)
        return [row.unit_id for row in changed]

    def _add(self, row: UnitRow) -> None:
        self._keys[row.unit_id] = row.unit_key
        self._fleet.register(row.unit_id, row.callsign, Duty(row.duty), row.traits, row.duty_ms)
