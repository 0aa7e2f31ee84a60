"""The drives of `sigap bench heap`: how long, what the receiver says, when the line to the broker is away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sigap_roads.city import MIDDLE, default_city
from sigap_simulator import nmea_sentence
from sigap_simulator.geometry import Plane, Truth
from sigap_simulator.receiver import HOT_START, Receiver
from sigap_simulator.streets import Streets
from sigap_simulator.vehicle import Vehicle

HOUR_S = 3600
QUARTER_S = 900
_PARTS = 12
_BEGIN_S = 1_790_000_000
_RMC_GGA = nmea_sentence.frame("PMTK314,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0")


@dataclass(frozen=True)
class Drive:
    """`sample_s` are the moments to look at the heap, in seconds driven; the last one is the end.

    outages      the line is away at the beginning of every second quarter of an hour
    rmc_gga      the receiver says these two alone; else everything that a u-blox M8 does
    """

    drive_s: int
    sample_s: tuple[int, ...]
    outages: bool = False
    rmc_gga: bool = False

    def is_away(self, second: int) -> bool:
        """Whether there is no line at this second: for one minute to fourteen, mostly as long as never before."""
        quarter, passed_s = divmod(second, QUARTER_S)
        return self.outages and quarter % 2 == 1 and passed_s < 60 + quarter * 97 % 781

    def heard(self) -> Iterator[bytes]:
        """What the receiver says each second, the same in every run."""
        plane = Plane(*MIDDLE)
        receiver, vehicle = Receiver(1, replace(HOT_START, obeys=True)), Vehicle(1, Streets(default_city(), plane))
        if self.rmc_gga:
            receiver.hear(_RMC_GGA)
        for second in range(self.drive_s):
            vehicle.step(1.0)
            truth = Truth(*plane.to_degrees(*vehicle.point), vehicle.speed_mps, vehicle.course_deg)
            yield receiver.sentences(_BEGIN_S + second, truth)


def short(drive_s: int) -> Drive:
    """Everything that a receiver says, looked at after each twelfth."""
    return Drive(drive_s, tuple(drive_s * part // _PARTS for part in range(1, _PARTS + 1)))


def long(hours: int) -> Drive:
    """With outages, looked at every quarter of an hour."""
    drive_s = hours * HOUR_S
    return Drive(drive_s, tuple(range(QUARTER_S, drive_s + 1, QUARTER_S)), outages=True, rmc_gga=True)
