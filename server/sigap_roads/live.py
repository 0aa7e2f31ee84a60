"""The roads as they are now: by the profile, by what the fleet has learned, by what operators closed and slowed."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sigap_roads.closures import RoadChange, changed_times, edges_of
from sigap_roads.field import TravelTimeField
from sigap_roads.graph import RoadGraph
from sigap_roads.learned import Paces, hour_of_week
from sigap_roads.places import Cars
from sigap_roads.search import Int32
from sigap_roads.snap import COURSE_UNKNOWN, DEFAULT_RULES, Snapper, SnapRules, turn_round_ms
from sigap_roads.traffic import Traffic


class LiveRoads:
    """A graph and what holds on it at present. Time is given to it: `at` moves it on.

    `traffic.version` grows by one whenever a travel time or a closure changes; a field that was made at an older
    version answers as of then, and is to be made anew.

    utc_offset_s   of the city's clocks, for what was learned by hour of the week
    """

    def __init__(self, graph: RoadGraph, rules: SnapRules = DEFAULT_RULES, utc_offset_s: int = 0) -> None:
        self.graph = graph
        self.traffic = Traffic.by_profile(graph)
        self.snapper = Snapper(graph, turn_round_ms(graph), rules)
        self._utc_offset_s = utc_offset_s
        self._changes: list[tuple[RoadChange, Int32]] = []
        self._stale = False
        self._learned: Paces | None = None
        self._hour: int | None = None

    @property
    def changes(self) -> list[RoadChange]:
        """The closures and slow roads that hold."""
        return [change for change, _ in self._changes]

    @property
    def rules(self) -> SnapRules:
        return self.snapper.rules

    def snap(
        self,
        lat_e7: npt.ArrayLike,
        lon_e7: npt.ArrayLike,
        course_cdeg: npt.ArrayLike | None = None,
        speed_cmps: npt.ArrayLike | None = None,
    ) -> Cars:
        """Where n cars are, by their positions (degrees × 10⁷), courses (hundredths of a degree, -1 for one that is not
        known) and speeds (cm/s). Without courses or speeds, they stand. See Snapper.cars."""
        lat = np.atleast_1d(np.asarray(lat_e7, np.int32))
        unknown = np.full(len(lat), COURSE_UNKNOWN, np.int32)
        others = (lon_e7, unknown if course_cdeg is None else course_cdeg, 0 if speed_cmps is None else speed_cmps)
        lon, course, speed = (np.atleast_1d(np.asarray(column, np.int32)) for column in others)
        speed = np.broadcast_to(speed, lat.shape) if speed_cmps is None else speed
        if not len(lat) == len(lon) == len(course) == len(speed):
            lengths = [len(column) for column in (lat, lon, course, speed)]
            raise ValueError(f"lengths are {lengths}, expected equal ones")
        return self.snapper.cars(lat, lon, course, speed)

    def field(self, lat_e7: int, lon_e7: int) -> TravelTimeField:
        """Travel times to an incident there (degrees × 10⁷), as the roads are now."""
        return TravelTimeField(self.traffic, self.snapper.stops(lat_e7, lon_e7))

    def change(self, changes: Sequence[RoadChange], now_ms: int) -> bool:
        """These closures and slow roads hold, and no others; whether that changed anything.

        Raises RoadsError for one that cannot be applied; then everything stays as it was.
        """
        self._changes = [(change, self._edges_of(change)) for change in changes]
        self._stale = True
        return self.at(now_ms)

    def learn(self, learned: Paces | None, now_ms: int) -> bool:
        """Use what was learned from now on, None for the profile alone; whether that changed anything."""
        self._learned = learned
        self._stale = True
        return self.at(now_ms)

    def at(self, now_ms: int) -> bool:
        """It is that time now: what expired holds no more. Whether any travel time or closure changed.

        Costs next to nothing where nothing expired and no new hour began.
        """
        holding = [(change, edges) for change, edges in self._changes if change.holds(now_ms)]
        hour = hour_of_week(now_ms, self._utc_offset_s) if self._learned else None
        if not self._stale and hour == self._hour and len(holding) == len(self._changes):
            return False
        self._changes, self._hour, self._stale = holding, hour, False
        time_ms, closed = changed_times(self._usual_ms(hour), holding)
        before = self.traffic
        if np.array_equal(time_ms, before.time_ms) and np.array_equal(closed, before.closed):
            return False
        self.traffic = Traffic(self.graph, time_ms, closed, before.version + 1)
        return True

    def _usual_ms(self, hour: int | None) -> Int32:
        if self._learned is None or hour is None:
            return self.graph.edge_time_ms
        return self._learned.times_ms(self.graph, hour)

    def _edges_of(self, change: RoadChange) -> Int32:
        for known, edges in self._changes:
            if known == change:
                return edges
        return edges_of(self.graph, change)
