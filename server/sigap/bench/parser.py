"""How many megabytes of NMEA the firmware's parser takes a second, on both interpreters."""

import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sigap.bench import parser_timing
from sigap_simulator.geometry import Truth
from sigap_simulator.launch import find_micropython, firmware_path
from sigap_simulator.receiver import HOT_START, Receiver

# A u-blox at 9600 baud speaks at most 960 bytes a second, and an ESP32 is about a hundred times slower than this.
GOAL_MB_PER_S = 1.0
_DRIVE_S = 300


@dataclass(frozen=True, slots=True)
class Speed:
    """`reader` is who read the bytes; `sentences` and `fixes` are what it found in all of them."""

    reader: str
    mb_per_s: float
    bytes: int
    sentences: int
    fixes: int


def run(duration_s: float = 3.0, chunk_bytes: int = 256) -> dict[str, Any]:
    """Each reader takes what a u-blox M8 says on a drive, in chunks as a UART gives them, over and over for duration_s.

    Returns {"benchmark", "input_bytes", "chunk_bytes", "goal_mb_per_s", "reached", "readers": [Speed as a dict, …]}.
    The first reader is the firmware on MicroPython, which has to reach the goal. Raises InterpreterMissingError where
    there is no MicroPython.
    """
    data = drive()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "drive.nmea"
        file.write_bytes(data)
        arguments = [str(file), str(chunk_bytes), str(round(duration_s * 1000))]
        speeds = [_on_micropython(arguments), _on_cpython(arguments)]
    return {
        "benchmark": "nmea",
        "input_bytes": len(data),
        "chunk_bytes": chunk_bytes,
        "goal_mb_per_s": GOAL_MB_PER_S,
        "reached": speeds[0].mb_per_s >= GOAL_MB_PER_S,
        "readers": [asdict(speed) for speed in speeds],
    }


def drive() -> bytes:
    """What the simulated u-blox M8 says in _DRIVE_S seconds of driving."""
    receiver = Receiver(1, HOT_START)
    truth = Truth(lat_deg=-6.9175, lon_deg=107.6191, speed_mps=12.0, course_deg=40.0)
    said = []
    for second in range(_DRIVE_S):
        truth = replace(truth, lat_deg=truth.lat_deg + 8e-5, lon_deg=truth.lon_deg + 7e-5)
        said.append(receiver.sentences(1790000000.0 + second, truth))
    return b"".join(said)


def _on_micropython(arguments: list[str]) -> Speed:
    said = subprocess.run(
        [find_micropython(), parser_timing.__file__, *arguments],
        env={**os.environ, "MICROPYPATH": firmware_path()},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return _speed("firmware on MicroPython", said.stdout)


def _on_cpython(arguments: list[str]) -> Speed:
    path, chunk_bytes, duration_ms = arguments
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _speed(f"firmware on CPython {version}", parser_timing.run(path, int(chunk_bytes), int(duration_ms)))


def _speed(reader: str, said: str) -> Speed:
    fed, spent_ns, sentences, fixes = map(int, said.split())
    return Speed(reader, round(fed * 1000 / spent_ns, 2), fed, sentences, fixes)
