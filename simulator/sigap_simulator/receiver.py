"""A satellite receiver: from where the antenna truly is to the sentences on its serial line, once a second.

The stages of a start are those of a u-blox M8: nothing known, then time known but no fix, then fixes. After that the
position errs by a slowly wandering amount (its scale follows the dilution of precision) and a little white noise,
and the sky's visible part breathes as it does between houses.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from sigap_simulator import nmea_sentence
from sigap_simulator.geometry import Plane, Truth, course_deg
from sigap_simulator.noise import GaussMarkov
from sigap_simulator.receiver_output import Output
from sigap_simulator.sky import NO_DILUTION, Dilution, Satellite, dilution, satellites


@dataclass(frozen=True, slots=True)
class ReceiverModel:
    """How a kind of receiver errs.

    first_fix_s       earliest and latest time from power-on to the first fix
    time_known_s      from power-on until sentences carry the time
    range_error_m     standard deviation of one axis' wandering error at a dilution of 1
    range_memory_s    over which that error forgets itself
    jitter_m          white noise of one axis
    speed_error_mps   white noise of one axis of the velocity
    course_speed_mps  below this speed no course is given
    mask_deg          mean and spread of the elevation under which houses and trees hide satellites
    obeys             it says what PMTK314 and PUBX,40 ask for; otherwise everything, whatever it is told
    """

    first_fix_s: tuple[float, float]
    time_known_s: float
    range_error_m: float = 1.8
    range_memory_s: float = 90.0
    jitter_m: float = 0.25
    speed_error_mps: float = 0.08
    course_speed_mps: float = 0.5
    mask_deg: tuple[float, float] = (15.0, 5.0)
    obeys: bool = False


COLD_START = ReceiverModel(first_fix_s=(24.0, 34.0), time_known_s=9.0)
HOT_START = ReceiverModel(first_fix_s=(1.0, 3.0), time_known_s=0.0)

Seen = tuple[Satellite, int | None]
"""A satellite above the horizon and its signal in dB-Hz, None where the surroundings hide it."""

_GEOID_M = 20.0  # the geoid stands this far above the ellipsoid around Bandung
_MASK_MEMORY_S = 40.0
_SKY_INTERVAL_S = 10.0  # satellites move half a degree a minute


class Receiver:
    """Deterministic by `seed`, given the same sequence of calls."""

    def __init__(self, seed: int, model: ReceiverModel = COLD_START) -> None:
        self._random = Random(seed)
        self._model = model
        self._first_fix_s = self._random.uniform(*model.first_fix_s)
        self._east = GaussMarkov(self._random, model.range_error_m, model.range_memory_s)
        self._north = GaussMarkov(self._random, model.range_error_m, model.range_memory_s)
        self._height = GaussMarkov(self._random, model.range_error_m, model.range_memory_s)
        self._mask = GaussMarkov(self._random, model.mask_deg[1], _MASK_MEMORY_S)
        self._started_s: float | None = None
        self._last_s = 0.0
        self._sky: list[Satellite] = []
        self._sky_time_s = -math.inf
        self._output = Output()

    def hear(self, told: bytes) -> None:
        """What the unit wrote on the line."""
        if self._model.obeys:
            self._output.hear(told)

    def sentences(self, time_s: float, truth: Truth) -> bytes:
        """What the receiver writes for Unix time `time_s`, which must not go back between calls."""
        return self._output.chosen(self._all_sentences(time_s, truth))

    def _all_sentences(self, time_s: float, truth: Truth) -> bytes:
        if self._started_s is None:
            self._started_s = self._last_s = time_s
        self._advance(time_s, truth)
        age_s = time_s - self._started_s
        if age_s < self._first_fix_s:
            return self._searching(time_s, age_s)
        seen = self._seen()
        used = [satellite for satellite, signal in seen if signal is not None]
        geometry = dilution(used)
        if geometry == NO_DILUTION:
            return self._void(*nmea_sentence.clock_fields(time_s), seen, used)
        return self._solution(time_s, self._measured(truth, geometry), seen, used, geometry)

    def _advance(self, time_s: float, truth: Truth) -> None:
        for process in (self._east, self._north, self._height, self._mask):
            process.advance(time_s - self._last_s)
        self._last_s = time_s
        if time_s - self._sky_time_s >= _SKY_INTERVAL_S:
            self._sky = satellites(time_s, truth.lat_deg, truth.lon_deg)
            self._sky_time_s = time_s

    def _seen(self) -> list[Seen]:
        mask_deg = max(5.0, self._model.mask_deg[0] + self._mask.value)
        return [(satellite, self._signal(satellite, mask_deg)) for satellite in self._sky]

    def _signal(self, satellite: Satellite, mask_deg: float) -> int | None:
        if satellite.elevation_deg < mask_deg:
            return None
        strength = 26.0 + 20.0 * math.sin(math.radians(satellite.elevation_deg))
        return round(min(52.0, max(15.0, self._random.gauss(strength, 1.5))))

    def _measured(self, truth: Truth, geometry: Dilution) -> Truth:
        """The truth with this second's errors in it."""
        model, random = self._model, self._random
        plane = Plane(truth.lat_deg, truth.lon_deg)
        scale = geometry.horizontal
        lat_deg, lon_deg = plane.to_degrees(
            self._east.value * scale + random.gauss(0.0, model.jitter_m),
            self._north.value * scale + random.gauss(0.0, model.jitter_m),
        )
        course = math.radians(truth.course_deg)
        east_mps = truth.speed_mps * math.sin(course) + random.gauss(0.0, model.speed_error_mps)
        north_mps = truth.speed_mps * math.cos(course) + random.gauss(0.0, model.speed_error_mps)
        return replace(
            truth,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            speed_mps=math.hypot(east_mps, north_mps),
            course_deg=course_deg(east_mps, north_mps),
            altitude_m=truth.altitude_m + self._height.value * geometry.vertical,
        )

    def _searching(self, time_s: float, age_s: float) -> bytes:
        """Sentences of a receiver that has no fix yet: it finds one satellite after the other."""
        known = age_s >= self._model.time_known_s
        clock, date = nmea_sentence.clock_fields(time_s) if known else ("", "")
        heard = int(3 * age_s / self._first_fix_s) if known else 0
        tracked = [(satellite, signal) for satellite, signal in self._seen() if signal is not None]
        return self._void(clock, date, tracked[:heard], [])

    def _void(self, clock: str, date: str, seen: Sequence[Seen], used: Sequence[Satellite]) -> bytes:
        return b"".join(
            (
                nmea_sentence.rmc_void(clock, date),
                nmea_sentence.vtg_void(),
                nmea_sentence.gga_void(clock),
                *nmea_sentence.gsa(used[:3], NO_DILUTION),
                *_views(seen),
                nmea_sentence.gll_void(clock),
            )
        )

    def _solution(
        self,
        time_s: float,
        measured: Truth,
        seen: Sequence[Seen],
        used: Sequence[Satellite],
        geometry: Dilution,
    ) -> bytes:
        clock, date = nmea_sentence.clock_fields(time_s)
        position = nmea_sentence.position_fields(measured.lat_deg, measured.lon_deg)
        course = measured.course_deg if measured.speed_mps >= self._model.course_speed_mps else None
        return b"".join(
            (
                nmea_sentence.rmc(clock, date, position, measured.speed_mps, course),
                nmea_sentence.vtg(measured.speed_mps, course),
                nmea_sentence.gga(clock, position, len(used), geometry.horizontal, measured.altitude_m, _GEOID_M),
                *nmea_sentence.gsa(used, geometry),
                *_views(seen),
                nmea_sentence.gll(clock, position),
            )
        )


def _views(seen: Sequence[Seen]) -> list[bytes]:
    return [
        sentence
        for talker in ("GP", "GL")
        for sentence in nmea_sentence.gsv(talker, [item for item in seen if item[0].talker == talker])
    ]
