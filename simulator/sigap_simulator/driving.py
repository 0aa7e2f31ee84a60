"""How a car is driven: what it can do, how fast it takes a bend, how fast it may be to obey all that lies ahead."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sigap_simulator.streets import Point

_BRAKE_SHARE = 0.8  # braking is planned with this share of what the car can do
_ROOT_HALF = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class Driving:
    """How a car is driven.

    accelerate_mps2, brake_mps2   limits that are never exceeded
    corner_mps                    through a right angle; faster through lesser bends
    haste                         factor on the streets' usual speeds
    waits                         factor on what the road graph says that a patrol car on call waits at junctions
    park_share, park_s            share of junctions where the crew parks, and for how long
    """

    accelerate_mps2: float = 2.0
    brake_mps2: float = 3.0
    corner_mps: float = 5.0
    haste: float = 1.0
    waits: float = 2.0
    park_share: float = 0.02
    park_s: tuple[float, float] = (30.0, 120.0)

    def stopping_m(self, speed_mps: float) -> float:
        return speed_mps**2 / (2.0 * _BRAKE_SHARE * self.brake_mps2)

    def through_mps(self, turned_rad: float) -> float:
        """How fast a bend is taken; infinite for none."""
        sharp = math.sin(min(abs(turned_rad), math.pi) / 2.0)
        return self.corner_mps * _ROOT_HALF / sharp if sharp > 1e-6 else math.inf

    def next_mps(self, now_mps: float, step_s: float, here: Point, ahead: Sequence["Leg"]) -> float:
        """As fast as the street allows, so that everything ahead can still be obeyed after this step."""
        brake_mps2 = _BRAKE_SHARE * self.brake_mps2
        lost_mps = brake_mps2 * step_s
        speed_mps = min(now_mps + self.accelerate_mps2 * step_s, ahead[0].limit_mps)
        ahead_m = 0.0
        for leg in ahead:
            ahead_m += math.dist(here, leg.point)
            here = leg.point
            # v'² ≤ pass² + 2·b·(ahead − (v + v')/2·step), solved for v'.
            room = lost_mps**2 + 4.0 * (leg.pass_mps**2 + 2.0 * brake_mps2 * ahead_m - lost_mps * now_mps)
            speed_mps = min(speed_mps, (math.sqrt(room) - lost_mps) / 2.0 if room > 0.0 else 0.0)
        return max(speed_mps, now_mps - self.brake_mps2 * step_s, 0.0)


PATROL = Driving()
URGENT = Driving(waits=1.0, park_share=0.0)


@dataclass(slots=True)
class Leg:
    """Straight on to `point`, `along_m` metres from the beginning of `edge`.

    pass_mps   the speed there; nobody drives through an end whose continuation is unknown
    wait_s     there, after stopping
    """

    edge: int
    point: Point
    along_m: float
    limit_mps: float
    pass_mps: float = 0.0
    wait_s: float = 0.0
