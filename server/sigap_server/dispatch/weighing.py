"""The fleet as it was for one decision: the only place where a choice looks at units and at travel times.

A `Weighing` holds facts alone, no judgement: `choice.choose` applies the policy to it, so that a decision can be made
again from the record, by the same policy or by another. It is kept in columns: a thousand units are weighed, chosen
from and written down within milliseconds and a few kilobytes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigap_roads.geometry import EARTH_RADIUS_M
from sigap_server.dispatch.cover import cover_ppm
from sigap_server.dispatch.events import Excluded
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import ChoiceRules, Policy
from sigap_server.dispatch.state import DispatchState
from sigap_server.dispatch.workload import since
from sigap_server.eta import Eta, EtaMethod
from sigap_server.fleet import Duty, Fleet, LinkState, Unit, UnitPosition

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNKNOWN = -1
# Whole numbers, UNKNOWN where a column allows for it; what they mean: Weighed.
NUMBERS = (
    "eta_ds", "turn_ds", "way_m", "line_m", "age_ds", "speed_cmps", "held_id", "held_priority", "worked_s", "orders",
    "cover_ppm",
)  # fmt: skip
# Words, each an index into the column's own table.
WORDS = ("unfit", "phase", "kind", "skills", "agency", "sector", "method", "problem")

_DUTY = {Duty.OFF_DUTY: Excluded.OFF_DUTY, Duty.OUT_OF_SERVICE: Excluded.OUT_OF_SERVICE}
_RADIANS_PER_E7 = np.pi / 180 / 1e7


@dataclass(frozen=True, slots=True)
class Weighed:
    """One unit's facts.

    unfit           an Excluded reason that holds for any incident, "" if there is none
    eta_ds          travel time from where it was last seen, in tenths of a second; UNKNOWN without a way or a position
    turn_ds         so much longer, if it drove away from the place since
    way_m           length of that way; UNKNOWN likewise
    line_m          straight-line distance; UNKNOWN without a position
    age_ds          age of the position, in tenths of a second; UNKNOWN without one, or if it came as backlog
    speed_cmps      at that position, 0 without one
    held_id         the incident on which it is asked or assigned, 0 if none; with its priority and the order's phase
    kind …          what it is for: `traits.Traits`; skills in order, with a space between
    worked_s        time on incidents within ChoiceRules.work_window_s
    orders          incidents it was assigned to within that
    cover_ppm       share of the city's calls that are covered worse if it leaves, in millionths; 0 if nobody asks
    method problem  how the travel time was found, and what is wrong with it: `eta.Eta`
    """

    unit_id: str
    eta_ds: int
    turn_ds: int
    way_m: int
    line_m: int
    age_ds: int
    speed_cmps: int
    held_id: int
    held_priority: int
    worked_s: int
    orders: int
    cover_ppm: int
    unfit: str
    phase: str
    kind: str
    skills: str
    agency: str
    sector: str
    method: str
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class Weighing:
    """Every unit of the fleet for one incident, by unit_id.

    time_ms   when they were weighed
    numbers   NUMBERS → one value for each unit
    tables    WORDS → the words that occur
    codes     WORDS → for each unit, the index of its word
    """

    time_ms: int
    unit_ids: tuple[str, ...]
    numbers: Mapping[str, Ints]
    tables: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.unit_ids)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Weighing)
            and (self.time_ms, self.unit_ids, self.tables) == (other.time_ms, other.unit_ids, other.tables)
            and all(np.array_equal(self.numbers[name], other.numbers[name]) for name in NUMBERS)
            and all(np.array_equal(self.codes[name], other.codes[name]) for name in WORDS)
        )

    def __hash__(self) -> int:
        return hash((self.time_ms, self.unit_ids))

    def index(self, unit_id: str) -> int | None:
        """The unit's place in the columns, None if it is not in the fleet."""
        i = bisect_left(self.unit_ids, unit_id)
        return i if i < len(self) and self.unit_ids[i] == unit_id else None

    def word(self, name: str, index: int) -> str:
        """One unit's word in a column of WORDS."""
        return self.tables[name][int(self.codes[name][index])]

    def has(self, name: str, words: Iterable[str]) -> NDArray[np.bool_]:
        """Which units have one of these words in a column of WORDS."""
        wanted = frozenset(words)
        return np.array([word in wanted for word in self.tables[name]], dtype=bool)[self.codes[name]]

    def unit(self, index: int) -> Weighed:
        """One unit's facts together."""
        facts: dict[str, Any] = {name: int(self.numbers[name][index]) for name in NUMBERS}
        facts.update({name: self.word(name, index) for name in WORDS})
        return Weighed(self.unit_ids[index], **facts)

    def units(self) -> list[Weighed]:
        """Every unit's facts, by unit_id."""
        return [self.unit(index) for index in range(len(self))]


class Survey:
    """The fleet as it is now, without a place to go to: made once, for all incidents of one decision."""

    def __init__(self, state: DispatchState, fleet: Fleet, now_ms: int, policy: Policy) -> None:
        self.time_ms = now_ms
        units = sorted(fleet.units(), key=lambda unit: unit.unit_id)
        self.unit_ids = tuple(unit.unit_id for unit in units)
        self.placed = np.array([i for i, unit in enumerate(units) if unit.position], dtype=np.int64)
        self.positions = [unit.position for unit in units if unit.position]
        self.lat = np.array([at.lat_e7 for at in self.positions], dtype=np.float64) * _RADIANS_PER_E7
        self.lon = np.array([at.lon_e7 for at in self.positions], dtype=np.float64) * _RADIANS_PER_E7
        self.cos_lat = np.cos(self.lat)
        held = [_held(state, unit.unit_id) for unit in units]
        worked = [_worked(state, unit.unit_id, now_ms, policy.choice) for unit in units]
        self.numbers = {
            "age_ds": _ints(_age_ds(unit.position, now_ms) for unit in units),
            "speed_cmps": _ints(unit.position.speed_cmps if unit.position else 0 for unit in units),
            "held_id": _ints(incident_id for incident_id, _, _ in held),
            "held_priority": _ints(priority for _, priority, _ in held),
            "worked_s": _ints(worked_s for worked_s, _ in worked),
            "orders": _ints(orders for _, orders in worked),
            "cover_ppm": np.zeros(len(units), dtype=np.int64),
        }
        self.tables: dict[str, tuple[str, ...]] = {}
        self.codes: dict[str, Ints] = {}
        self._write("unfit", [unfit(unit) for unit in units])
        self._write("phase", [phase for _, _, phase in held])
        self._write("kind", [unit.traits.kind for unit in units])
        self._write("skills", [" ".join(sorted(unit.traits.skills)) for unit in units])
        self._write("agency", [unit.traits.agency for unit in units])
        self._write("sector", [unit.traits.sector for unit in units])
        if policy.choice.cover_points:
            self._cover(policy.choice)

    def lines_m(self, lat_e7: int, lon_e7: int) -> Floats:
        """Straight-line distances from all positions by the haversine formula, as eta.distance_m."""
        lat, lon = lat_e7 * _RADIANS_PER_E7, lon_e7 * _RADIANS_PER_E7
        half_lat, half_lon = np.sin((self.lat - lat) / 2), np.sin((self.lon - lon) / 2)
        chord = half_lat * half_lat + np.cos(lat) * self.cos_lat * half_lon * half_lon
        metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
        return metres

    def _cover(self, rules: ChoiceRules) -> None:
        """Who could be sent now covers the points; who leaves is missed there."""
        is_ready = (self.numbers["held_id"] == 0) & (self.numbers["age_ds"] != UNKNOWN)
        is_ready &= np.array([word == "" for word in self.tables["unfit"]], dtype=bool)[self.codes["unfit"]]
        ready = is_ready[self.placed]
        lines_m = np.stack([self.lines_m(point.lat_e7, point.lon_e7)[ready] for point in rules.cover_points], axis=1)
        self.numbers["cover_ppm"][self.placed[ready]] = cover_ppm(lines_m, rules)

    def _write(self, name: str, words: Sequence[str]) -> None:
        self.tables[name], self.codes[name] = in_codes(words)


def weigh(need: Need, state: DispatchState, fleet: Fleet, eta: EtaMethod, policy: Policy, now_ms: int) -> Weighing:
    """Every unit of the fleet for this incident. For several incidents at once make one `Survey` for all."""
    return weigh_on(need, Survey(state, fleet, now_ms, policy), eta)


def weigh_on(need: Need, survey: Survey, eta: EtaMethod) -> Weighing:
    """Every unit of the survey for this incident."""
    etas = eta.eta(need.lat_e7, need.lon_e7, survey.positions)
    if len(etas) != len(survey.positions):
        raise ValueError(f"{len(etas)} travel times for {len(survey.positions)} positions")
    words = {name: _spread(survey, [getattr(found, name) or "" for found in etas]) for name in ("method", "problem")}
    return Weighing(
        time_ms=survey.time_ms,
        unit_ids=survey.unit_ids,
        numbers={
            "eta_ds": _placed(survey, [_tenths(found.eta_s) for found in etas]),
            "turn_ds": _placed(survey, [_tenths(found.turn_s) for found in etas]),
            "way_m": _placed(survey, [_whole(found) for found in etas]),
            "line_m": _placed(survey, np.rint(survey.lines_m(need.lat_e7, need.lon_e7))),
            **survey.numbers,
        },
        tables={**survey.tables, **{name: table for name, (table, _) in words.items()}},
        codes={**survey.codes, **{name: codes for name, (_, codes) in words.items()}},
    )


def in_codes(words: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """A column of words as the table of those that occur, in order, and each one's index in it."""
    table = tuple(sorted(set(words)))
    index = {word: i for i, word in enumerate(table)}
    return table, _ints(index[word] for word in words)


def unfit(unit: Unit) -> str:
    """Why nobody could ask this unit whatever it was for, the plainest reason first. That it is busy is said apart:
    an incident may outrank what it is busy with."""
    if unit.duty is not Duty.AVAILABLE:
        return _DUTY[unit.duty]
    if unit.in_emergency:
        return Excluded.EMERGENCY
    if unit.link is not LinkState.FRESH:
        return Excluded.LINK_LOST if unit.link is LinkState.LOST else Excluded.LINK_STALE
    if unit.position is None:
        return Excluded.NO_POSITION
    return "" if unit.position.live else Excluded.POSITION_OLD


def _held(state: DispatchState, unit_id: str) -> tuple[int, int, str]:
    """incident_id, priority and phase of the unit's open order; zeros and "" if it has none."""
    held = state.by_unit.get(unit_id)
    if held is None:
        return 0, 0, ""
    incident = state.incidents[held[0]]
    return incident.incident_id, incident.priority, incident.orders[held[1]].phase.value


def _worked(state: DispatchState, unit_id: str, now_ms: int, rules: ChoiceRules) -> tuple[int, int]:
    order = state.open_order(unit_id)
    lasting_ms = order.assigned_ms if order else None
    work = state.work.get(unit_id, ())
    return since(work, now_ms - round(rules.work_window_s * 1000), now_ms, lasting_ms)


def _age_ds(position: UnitPosition | None, now_ms: int) -> int:
    if position is None or not position.live:
        return UNKNOWN
    return max(0, now_ms - position.received_ms) // 100


def _tenths(value_s: float | None) -> int:
    return UNKNOWN if value_s is None else round(value_s * 10)


def _whole(found: Eta) -> int:
    return UNKNOWN if found.distance_m is None else round(found.distance_m)


def _placed(survey: Survey, values: Any) -> Ints:
    """A column of UNKNOWN but for the units that have a position."""
    column = np.full(len(survey.unit_ids), UNKNOWN, dtype=np.int64)
    column[survey.placed] = values
    return column


def _spread(survey: Survey, words: list[str]) -> tuple[tuple[str, ...], Ints]:
    """The column of words with "" for units without a position."""
    column = [""] * len(survey.unit_ids)
    for index, word in zip(survey.placed, words, strict=True):
        column[index] = word
    return in_codes(column)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
