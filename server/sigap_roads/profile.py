"""What driving costs, and who may drive where: plain data with the defaults of Bandung, read from TOML.

Where each number comes from is told in docs/roads.md.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sigap_roads.errors import ProfileError
from sigap_roads.ways import Access, RoadClass, Way

SpeedKmh = Annotated[float, Field(ge=1, le=200, allow_inf_nan=False)]
WaitS = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


def _known_class(name: str) -> str:
    known = [road_class.name.lower() for road_class in RoadClass]
    if name not in known:
        raise ValueError(f"expected one of: {', '.join(known)}")
    return name


ClassName = Annotated[str, AfterValidator(_known_class)]


class Side(StrEnum):
    """Of the road one drives on."""

    LEFT = "left"
    RIGHT = "right"


class Signs(StrEnum):
    """What a sign with the highest speed allowed does.

    LIMIT: nobody drives faster, but where the class is slower, the class counts. INSTEAD: it counts instead of the
    class, for cities without congestion. IGNORE: nothing.
    """

    LIMIT = "limit"
    INSTEAD = "instead"
    IGNORE = "ignore"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Speeds(_Section):
    """Kilometres an hour by class of road."""

    motorway: SpeedKmh = 70
    trunk: SpeedKmh = 30
    primary: SpeedKmh = 30
    secondary: SpeedKmh = 25
    tertiary: SpeedKmh = 20
    unclassified: SpeedKmh = 15
    residential: SpeedKmh = 15
    living_street: SpeedKmh = 10
    service: SpeedKmh = 10
    track: SpeedKmh = 10

    def of(self, road_class: RoadClass) -> float:
        speed: float = getattr(self, road_class.name.lower())
        return speed


class Turns(_Section):
    """Seconds lost by turning where three or more roads meet.

    straight_within_deg   a change of course by less is no turn
    near_s across_s       towards the side one drives on, and across the oncoming traffic
    give_way_s            out of a lesser road into or across a greater one, or into a roundabout; not where lights rule
    u_turn_s u_turn_on    turning round on a street that has both directions, and the classes where that can be done;
                          at a dead end it always can
    """

    straight_within_deg: Annotated[float, Field(ge=0, le=90)] = 40
    near_s: WaitS = 2
    across_s: WaitS = 5
    give_way_s: WaitS = 3
    u_turn_s: WaitS = 20
    u_turn_on: frozenset[ClassName] = frozenset(
        {"secondary", "tertiary", "unclassified", "residential", "living_street", "service", "track"}
    )


class Obstacles(_Section):
    """Seconds that it costs to pass one, on average.

    same_lights_m   lights that follow others within this belong to the same junction and cost nothing more
    """

    signals_s: WaitS = 15
    crossing_s: WaitS = 1
    level_crossing_s: WaitS = 20
    barrier_s: WaitS = 10
    same_lights_m: Annotated[float, Field(ge=0, le=200)] = 40


class AccessRules(_Section):
    """Where the police may drive although not everybody may; a street for residents and visitors is always open."""

    private: bool = True
    bus: bool = True
    closed: frozenset[ClassName] = frozenset()  # classes of roads that no car should take, e.g. "track"


class Profile(_Section):
    """Profile() is Bandung's.

    signs          what `maxspeed` does
    measured       `avgspeed` counts before everything else
    link_factor    a slip road is so much slower than its class
    """

    name: str = "bandung"
    drives_on: Side = Side.LEFT
    signs: Signs = Signs.LIMIT
    measured: bool = True
    link_factor: Annotated[float, Field(gt=0, le=1)] = 0.6
    speed_kmh: Speeds = Speeds()
    turns: Turns = Turns()
    obstacles: Obstacles = Obstacles()
    access: AccessRules = AccessRules()

    def speed_of(self, way: Way) -> float:
        """Kilometres an hour that a patrol car makes on the way."""
        if self.measured and way.avgspeed_kmh is not None:
            return min(max(way.avgspeed_kmh, 1), 200)
        speed = self.speed_kmh.of(way.road_class) * (self.link_factor if way.is_link else 1)
        if way.maxspeed_kmh is None or self.signs is Signs.IGNORE:
            return max(speed, 1)
        sign = way.maxspeed_kmh if self.signs is Signs.INSTEAD else min(speed, way.maxspeed_kmh)
        return min(max(sign, 1), 200)

    def may_drive(self, way: Way) -> bool:
        barred = {Access.PRIVATE: not self.access.private, Access.BUS: not self.access.bus}
        return not barred.get(way.access, False) and way.road_class.name.lower() not in self.access.closed

    def may_turn_round(self, road_class: RoadClass) -> bool:
        """On a street of this class that has both directions and no divider."""
        return road_class.name.lower() in self.turns.u_turn_on

    def to_plain(self) -> dict[str, Any]:
        """JSON values, in the same order for the same profile; see profile_from()."""
        plain = self.model_dump(mode="json")
        plain["turns"]["u_turn_on"].sort()
        plain["access"]["closed"].sort()
        return plain


def profile_from(values: Mapping[str, Any], source: str) -> Profile:
    """What is not in `values` is as in Profile(). Raises ProfileError, which names `source` and the key."""
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ProfileError(f"{source}: {key} is unknown; there are: {_keys(first['loc'][:-1])}") from None
        raise ProfileError(f"{source}: {key} is {first['input']!r}: {first['msg']}") from None


def load_profile(path: Path) -> Profile:
    """The profile in a TOML file. Raises ProfileError, or OSError if it cannot be read."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path} is not TOML: {error}") from None
    return profile_from(values, str(path))


def _keys(section: tuple[str | int, ...]) -> str:
    model: Any = Profile
    for part in section:
        model = model.model_fields[part].annotation
    return ", ".join(model.model_fields)
