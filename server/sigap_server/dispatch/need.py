"""What one incident needs of the fleet now: with the weighing of the units, all that a choice depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Need:
    """Raises nothing, looks nothing up: plain data.

    kind         of the incident: "emergency", "drill", policy.OFFICER …
    unit_kinds   kinds of unit that may go; empty: any
    skills       what a unit must be able to do, all of it
    agency       whose units may go; "": anybody's
    sector       where the incident is; "": not known
    wanted       units still to be found
    asked        unit_id → when a unit that declined or did not answer may be asked again (Unix ms)
    not_units    unit_ids that must not go: the officer in distress, units an operator called back
    waited_s     since when nobody is on the way
    """

    incident_id: int
    priority: int
    kind: str
    lat_e7: int
    lon_e7: int
    unit_kinds: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    agency: str = ""
    sector: str = ""
    wanted: int = 1
    asked: Mapping[str, int] = field(default_factory=dict)
    not_units: frozenset[str] = frozenset()
    waited_s: float = 0.0
