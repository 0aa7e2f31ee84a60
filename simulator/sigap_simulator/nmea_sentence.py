"""NMEA 0183 sentences as u-blox M8 receivers write them: field by field, then framed with their checksum."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sigap_simulator.sky import Dilution, Satellite

MPS_PER_KNOT = 1852.0 / 3600.0
_SATELLITES_PER_GSV = 4
_SATELLITES_PER_GSA = 12


def frame(body: str) -> bytes:
    """`body` between $ and * with its checksum and the line end."""
    checksum = 0
    for byte in body.encode("ascii"):
        checksum ^= byte
    return b"$%s*%02X\r\n" % (body.encode("ascii"), checksum)


def clock_fields(time_s: float) -> tuple[str, str]:
    """(hhmmss.ss, ddmmyy) in UTC, to the nearest hundredth of a second."""
    hundredths = round(time_s * 100.0)
    moment = datetime.fromtimestamp(hundredths // 100, UTC)
    return f"{moment:%H%M%S}.{hundredths % 100:02d}", f"{moment:%d%m%y}"


def position_fields(lat_deg: float, lon_deg: float) -> str:
    """ddmm.mmmmm,N,dddmm.mmmmm,E"""
    north, east = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    return f"{_degrees_minutes(lat_deg, 2)},{north},{_degrees_minutes(lon_deg, 3)},{east}"


def _degrees_minutes(angle_deg: float, width: int) -> str:
    # In whole hundred-thousandths of a minute: rounding the minutes alone could print 60.00000.
    units = round(abs(angle_deg) * 60.0 * 100_000.0)
    minutes, fraction = divmod(units, 100_000)
    degrees, minutes = divmod(minutes, 60)
    return f"{degrees:0{width}d}{minutes:02d}.{fraction:05d}"


def rmc(clock: str, date: str, position: str, speed_mps: float, course_deg: float | None) -> bytes:
    """A valid fix; `course_deg` None leaves the field empty, as these receivers do at rest."""
    course = "" if course_deg is None else f"{_course(course_deg)}"
    return frame(f"GNRMC,{clock},A,{position},{speed_mps / MPS_PER_KNOT:.3f},{course},{date},,,A")


def rmc_void(clock: str, date: str) -> bytes:
    return frame(f"GNRMC,{clock},V,,,,,,,{date},,,N")


def vtg(speed_mps: float, course_deg: float | None) -> bytes:
    course = "" if course_deg is None else _course(course_deg)
    return frame(f"GNVTG,{course},T,,M,{speed_mps / MPS_PER_KNOT:.3f},N,{speed_mps * 3.6:.3f},K,A")


def vtg_void() -> bytes:
    return frame("GNVTG,,,,,,,,,N")


def gll(clock: str, position: str) -> bytes:
    return frame(f"GNGLL,{position},{clock},A,A")


def gll_void(clock: str) -> bytes:
    return frame(f"GNGLL,,,,,{clock},V,N")


def _course(course_deg: float) -> str:
    text = f"{course_deg % 360.0:.2f}"
    return "0.00" if text == "360.00" else text


def gga(clock: str, position: str, satellites: int, hdop: float, altitude_m: float, geoid_m: float) -> bytes:
    # These receivers say 12 at most, however many they use.
    return frame(
        f"GNGGA,{clock},{position},1,{min(satellites, 12):02d},{hdop:.2f},{altitude_m:.1f},M,{geoid_m:.1f},M,,"
    )


def gga_void(clock: str) -> bytes:
    return frame(f"GNGGA,{clock},,,,,0,00,99.99,,,,,,")


def gsa(used: Sequence[Satellite], dilution: Dilution) -> Iterator[bytes]:
    """One sentence per constellation: which satellites the solution uses, and its dilution."""
    solution = "3" if len(used) >= 4 else "1"
    for talker in ("GP", "GL"):
        numbers = [f"{satellite.number:02d}" for satellite in used if satellite.talker == talker][:_SATELLITES_PER_GSA]
        fields = ",".join(numbers + [""] * (_SATELLITES_PER_GSA - len(numbers)))
        yield frame(
            f"GNGSA,A,{solution},{fields},{dilution.position:.2f},{dilution.horizontal:.2f},{dilution.vertical:.2f}"
        )


def gsv(talker: str, seen: Sequence[tuple[Satellite, int | None]]) -> Iterator[bytes]:
    """The satellites in view of one constellation with their signal in dB-Hz (None: not tracked), four a sentence."""
    sentences = max(1, math.ceil(len(seen) / _SATELLITES_PER_GSV))
    for index in range(sentences):
        fields = "".join(
            f",{satellite.number:02d},{int(satellite.elevation_deg):02d},{int(satellite.azimuth_deg):03d},"
            + ("" if signal is None else f"{signal:02d}")
            for satellite, signal in seen[index * _SATELLITES_PER_GSV : (index + 1) * _SATELLITES_PER_GSV]
        )
        yield frame(f"{talker}GSV,{sentences},{index + 1},{len(seen):02d}{fields}")
