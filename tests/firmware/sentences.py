"""What a receiver says about a car that drives through Bandung, for tests that need a fix, not a realistic one."""

from datetime import UTC, datetime

START_S = 1789882530  # 2026-09-20 05:35:30 UTC
# A step of a second at about 12 m/s.
_STEP_MIN = 0.0065


def checked(body: str) -> bytes:
    """The sentence of a body without '$' and checksum."""
    found = 0
    for byte in body.encode():
        found ^= byte
    return f"${body}*{found:02X}\r\n".encode()


def drive(second: int, speed_kn: float = 24.0) -> bytes:
    """RMC and GGA of one second of a drive back and forth along a street, its course changing every minute."""
    at = datetime.fromtimestamp(START_S + second, UTC)
    time = at.strftime("%H%M%S.00")
    phase = second % 1200
    way_min = min(phase, 1200 - phase) * _STEP_MIN if speed_kn else 0.0
    lat = f"06{54.88 + way_min / 10:08.5f}"
    lon = f"107{36.58 + way_min:08.5f}"
    course = 90.0 if second // 60 % 2 else 45.0
    position = f"{lat},S,{lon},E"
    rmc = checked(f"GPRMC,{time},A,{position},{speed_kn:.1f},{course:.1f},{at:%d%m%y},,,A")
    gga = checked(f"GPGGA,{time},{position},1,09,0.9,710.0,M,3.0,M,,")
    return rmc + gga
