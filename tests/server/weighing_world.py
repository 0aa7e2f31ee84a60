"""Weighings by hand and by Hypothesis, and what a choice must be, said as plainly as possible."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sigap_server.dispatch.events import Excluded
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import ChoiceRules, Policy
from sigap_server.dispatch.weighing import NUMBERS, UNKNOWN, WORDS, Weighed, Weighing, in_codes

NOW_MS = 1_790_000_000_000
NEED = Need(1, 1, "emergency", -69_000_000, 1_076_000_000)
# Exactly the first there: what else may be weighed is tested by itself.
STRICT = Policy(choice=ChoiceRules(tie_s=0))

_A_UNIT = Weighed(
    "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", "", "car", "", "", "", "road", ""
)  # fmt: skip


def a_unit(unit_id: str, eta_s: float | None = 100, **facts: Any) -> Weighed:
    """A free unit that was seen just now; with eta_s None no road leads from it."""
    if eta_s is None:
        return replace(_A_UNIT, unit_id=unit_id, eta_ds=UNKNOWN, turn_ds=UNKNOWN, way_m=UNKNOWN, **facts)
    way_m = round(eta_s * 10)
    return replace(_A_UNIT, **{"unit_id": unit_id, "eta_ds": way_m, "way_m": way_m, "line_m": way_m, **facts})


def a_weighing(*units: Weighed, time_ms: int = NOW_MS) -> Weighing:
    """These units, whatever the order in which they are named."""
    rows = sorted(units, key=lambda unit: unit.unit_id)
    words = {name: in_codes([getattr(unit, name) for unit in rows]) for name in WORDS}
    return Weighing(
        time_ms,
        tuple(unit.unit_id for unit in rows),
        {name: np.array([getattr(unit, name) for unit in rows], dtype=np.int64) for name in NUMBERS},
        {name: table for name, (table, _) in words.items()},
        {name: codes for name, (_, codes) in words.items()},
    )


@st.composite
def weighed_units(draw: st.DrawFn, unit_id: str) -> Weighed:
    """Any unit that could be; few different values, so that ties and limits are met."""
    has_position = draw(st.booleans()) or draw(st.booleans())
    has_way = has_position and draw(st.integers(0, 9)) > 0
    held_id = draw(st.sampled_from([0, 0, 0, 7, 8]))
    unfit = draw(st.sampled_from(["", "", "", "", "off_duty", "emergency", "link_stale"]))
    return Weighed(
        unit_id=unit_id,
        eta_ds=draw(st.integers(0, 40)) * 50 if has_way else UNKNOWN,
        turn_ds=draw(st.sampled_from([0, 150, 400])) if has_position else UNKNOWN,
        way_m=draw(st.integers(0, 9000)) if has_way else UNKNOWN,
        line_m=draw(st.integers(0, 9000)) if has_position else UNKNOWN,
        age_ds=draw(st.sampled_from([0, 5, 100, 300, 600, 601])) if has_position else UNKNOWN,
        speed_cmps=draw(st.sampled_from([0, 199, 200, 1400])),
        held_id=held_id,
        held_priority=draw(st.integers(1, 5)) if held_id else 0,
        worked_s=draw(st.sampled_from([0, 59, 60, 7200])),
        orders=draw(st.integers(0, 2)),
        cover_ppm=draw(st.sampled_from([0, 10, 20])),
        unfit=unfit if has_position else "no_position",
        phase=draw(st.sampled_from(["offered", "assigned", "en_route", "on_scene"])) if held_id else "",
        kind=draw(st.sampled_from(["car", "car", "motorcycle"])),
        skills=draw(st.sampled_from(["", "first_aid", "first_aid k9"])),
        agency=draw(st.sampled_from(["", "polri"])),
        sector=draw(st.sampled_from(["", "north", "south"])),
        method="road" if has_position else "",
        problem="" if has_way or not has_position else draw(st.sampled_from(["off_map", "no_way"])),
    )


@st.composite
def weighings(draw: st.DrawFn, most: int = 12) -> Weighing:
    """Up to `most` units."""
    count = draw(st.integers(0, most))
    return a_weighing(*(draw(weighed_units(f"u-{number:02}")) for number in range(count)))


@st.composite
def needs(draw: st.DrawFn, incident_id: int = 1, units: int = 12) -> Need:
    """Any need for one of those fleets."""
    unit_ids = st.sampled_from([f"u-{number:02}" for number in range(units)])
    return Need(
        incident_id=incident_id,
        priority=draw(st.integers(1, 5)),
        kind=draw(st.sampled_from(["emergency", "officer"])),
        lat_e7=NEED.lat_e7,
        lon_e7=NEED.lon_e7,
        unit_kinds=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"car"})])),
        skills=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"first_aid"})])),
        agency=draw(st.sampled_from(["", "polri"])),
        sector=draw(st.sampled_from(["", "north"])),
        wanted=draw(st.integers(1, 3)),
        asked=draw(st.dictionaries(unit_ids, st.sampled_from([NOW_MS - 1, NOW_MS, NOW_MS + 1]), max_size=4)),
        not_units=draw(st.frozensets(unit_ids, max_size=2)),
        waited_s=draw(st.sampled_from([0.0, 59.9, 120.0, 1e6])),
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies that differ in what a choice reads."""
    return st.builds(
        lambda tie_s, saves_s, cover_s: Policy(
            choice=ChoiceRules(tie_s=tie_s, preempt_saves_s=saves_s, cover_extra_s=(cover_s,) * 5)
        ),
        st.sampled_from([0, 10, 30]),
        st.sampled_from([0, 60]),
        st.sampled_from([0, 0, 45]),
    )


@dataclass(frozen=True)
class Plain:
    """A choice in its plainest form."""

    ranked: list[str]
    excluded: dict[str, Excluded]
    asked_again: bool
    takes: list[str]


def choose_plainly(need: Need, weighing: Weighing, policy: Policy) -> Plain:
    """The rules once more, unit by unit, without a column in sight."""
    units = {unit.unit_id: unit for unit in weighing.units()}
    why = {unit_id: _why_not(need, unit, policy) for unit_id, unit in units.items()}
    able = [unit for unit in units.values() if why[unit.unit_id] is None and not unit.held_id]
    free = [unit for unit in able if unit.unit_id not in need.asked]
    asked_again = not free and any(need.asked[unit.unit_id] <= weighing.time_ms for unit in able)
    if not free:
        free = [unit for unit in able if need.asked[unit.unit_id] <= weighing.time_ms]
    takeable = [
        unit
        for unit in units.values()
        if unit.held_id not in (0, need.incident_id)
        and why[unit.unit_id] is None
        and unit.unit_id not in need.asked
        and unit.phase != "on_scene"
        and policy.queue.may_take(need.kind, need.priority, unit.held_priority)
    ]
    if free:
        first_s = min(latest_ds(unit, policy) for unit in free) / 10
        saves_s = policy.choice.preempt_saves_s
        takeable = [unit for unit in takeable if latest_ds(unit, policy) / 10 + saves_s <= first_s]
    takes = _one_by_one(need, takeable, policy)[: need.wanted]
    ranked = takes + _one_by_one(need, free, policy)
    excluded = {}
    for unit_id, unit in units.items():
        if unit_id in ranked:
            continue
        reason = why[unit_id]
        if unit.held_id and reason not in (Excluded.OFF_DUTY, Excluded.EMERGENCY):
            reason = Excluded.BUSY
        excluded[unit_id] = reason or Excluded.ALREADY_ASKED
    return Plain(ranked, excluded, asked_again, takes)


def latest_ds(unit: Weighed, policy: Policy) -> int:
    """When the unit is there at the latest."""
    if unit.speed_cmps >= policy.choice.moving_min_mps * 100:
        return unit.eta_ds + unit.age_ds + min(unit.turn_ds, unit.age_ds)
    return unit.eta_ds + min(unit.age_ds, round(policy.choice.stood_slack_s * 10))


def _one_by_one(need: Need, units: list[Weighed], policy: Policy) -> list[str]:
    """Choose the best, take it away, choose again."""
    left, ordered = list(units), []
    cover_s = policy.choice.cover_extra_s[need.priority - 1]
    while left:
        first_ds = min(latest_ds(unit, policy) for unit in left)
        equals = [unit for unit in left if latest_ds(unit, policy) <= first_ds + 10 * max(cover_s, policy.choice.tie_s)]
        best = min(
            equals,
            key=lambda unit: (
                unit.cover_ppm if cover_s else 0,
                unit.worked_s // 60,
                unit.orders,
                latest_ds(unit, policy),
                unit.unit_id,
            ),
        )
        left.remove(best)
        ordered.append(best.unit_id)
    return ordered


def _why_not(need: Need, unit: Weighed, policy: Policy) -> Excluded | None:
    """Why not this unit, whether or not it is busy or was asked."""
    rules = policy.choice
    if unit.unfit in ("off_duty", "emergency"):
        return Excluded(unit.unfit)
    if unit.unit_id in need.not_units:
        return Excluded.RULED_OUT
    if unit.unfit:
        return Excluded(unit.unfit)
    if unit.age_ds > rules.max_fix_age_s * 10:
        return Excluded.POSITION_OLD
    if need.unit_kinds and unit.kind not in need.unit_kinds:
        return Excluded.WRONG_KIND
    if not need.skills <= set(unit.skills.split()):
        return Excluded.LACKS_SKILL
    foreign_agency = need.agency and unit.agency not in ("", need.agency)
    if foreign_agency and need.waited_s < rules.cross_agency_after_s[need.priority - 1]:
        return Excluded.OTHER_AGENCY
    foreign_sector = need.sector and unit.sector not in ("", need.sector)
    if foreign_sector and need.waited_s < rules.cross_sector_after_s[need.priority - 1]:
        return Excluded.OTHER_SECTOR
    if unit.problem == "off_map":
        return Excluded.OFF_MAP
    if unit.eta_ds == UNKNOWN:
        return Excluded.UNREACHABLE
    if latest_ds(unit, policy) > rules.eta_max_s * 10:
        return Excluded.TOO_FAR
    return None
