"""A recorded receiver log instead of a simulated receiver: the same bytes, paced by the times they carry."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sigap_simulator.errors import RecordingError, SettingError
from sigap_simulator.geometry import Truth
from sigap_simulator.nmea_sentence import MPS_PER_KNOT

_DAY_S = 86400.0
# Position of the hhmmss.ss field after the sentence's name.
_TIME_FIELD = {b"RMC": 0, b"GGA": 0, b"GNS": 0, b"ZDA": 0, b"GST": 0, b"GBS": 0, b"GLL": 4}
_SENTENCE = re.compile(rb"\$[A-Z]{2}([A-Z]{3}),([^*\r\n]*)")
_CLOCK = re.compile(rb"(\d\d)(\d\d)(\d\d(?:\.\d*)?)$")
# A second of sentences is about 700 bytes. What has no times at all goes out in pieces of this size, at the rate
# of the 9600 baud line that most receivers start with.
_PIECE_BYTES = 2048
_BYTES_PER_S = 960.0


class LogReceiver:
    """Replays a log: iterating gives (delay_s, bytes), the bytes to send after waiting `delay_s`.

    The pieces joined are exactly the file. A piece is what carries one UTC time. The delay is the step from the
    piece before, divided by `speed`; `silent_s` where the recording has no time or jumps back, and at most
    `longest_gap_s` of recorded time. Raises RecordingError where the file cannot be read, SettingError.
    """

    def __init__(self, path: Path, speed: float = 1.0, longest_gap_s: float = 10.0, silent_s: float = 1.0) -> None:
        if speed <= 0.0:
            raise SettingError(f"replay speed is {speed:g}, expected more than 0")
        self._speed = speed
        self._longest_gap_s = longest_gap_s
        self._silent_s = silent_s
        try:
            self._content = path.read_bytes()
        except OSError as error:
            raise RecordingError(f"cannot read the receiver log {path}: {error.strerror}") from error
        if not self._content:
            raise RecordingError(f"the receiver log {path} is empty")

    def first_fix(self) -> Truth | None:
        """The first valid position in the log, if it has any."""
        return first_fix(self._content)

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        for delay_s, piece in _pieces(self._content.splitlines(keepends=True), self._longest_gap_s, self._silent_s):
            yield delay_s / self._speed, piece


def _pieces(lines: Iterable[bytes], longest_gap_s: float, silent_s: float) -> Iterator[tuple[float, bytes]]:
    piece = bytearray()
    kinds: set[bytes] = set()  # of the timed sentences in this piece
    clock_s: float | None = None  # this piece's time
    last_clock_s: float | None = None
    delay_s = 0.0
    for line in lines:
        kind, line_clock_s = _clock(line)
        if kind and _is_next(kind, line_clock_s, kinds, clock_s):
            yield delay_s, bytes(piece)
            piece.clear()
            kinds.clear()
            last_clock_s = clock_s if clock_s is not None else last_clock_s
            clock_s = None
            delay_s = _step_s(last_clock_s, line_clock_s, longest_gap_s, silent_s)
        if kind:
            kinds.add(kind)
            clock_s = line_clock_s if clock_s is None else clock_s
        piece += line
        while len(piece) > _PIECE_BYTES:
            yield delay_s, bytes(piece[:_PIECE_BYTES])
            del piece[:_PIECE_BYTES]
            delay_s = _PIECE_BYTES / _BYTES_PER_S
    if piece:
        yield delay_s, bytes(piece)


def _is_next(kind: bytes, line_clock_s: float | None, kinds: set[bytes], clock_s: float | None) -> bool:
    """Whether a timed sentence belongs to the next second: by its time, or without one because its kind comes again."""
    if line_clock_s is not None and clock_s is not None:
        return line_clock_s != clock_s
    return kind in kinds


def _step_s(before_s: float | None, now_s: float | None, longest_gap_s: float, silent_s: float) -> float:
    if before_s is None or now_s is None:
        return silent_s
    step_s = now_s - before_s
    if step_s < -_DAY_S / 2.0:  # midnight
        step_s += _DAY_S
    return min(step_s, longest_gap_s) if step_s > 0.0 else silent_s


def _clock(line: bytes) -> tuple[bytes | None, float | None]:
    """(kind of sentence, its UTC time of day in seconds); kind None for what never carries a time."""
    match = _SENTENCE.search(line)
    if match is None or match[1] not in _TIME_FIELD:
        return None, None
    fields = match[2].split(b",")
    at = _TIME_FIELD[match[1]]
    clock = _CLOCK.match(fields[at]) if len(fields) > at else None
    if clock is None:
        return match[1], None
    return match[1], int(clock[1]) * 3600.0 + int(clock[2]) * 60.0 + float(clock[3])


def first_fix(content: bytes) -> Truth | None:
    """The first position of a valid RMC with a right checksum: where, how fast and which way."""
    for match in re.finditer(rb"\$([A-Z]{2}RMC,[^*\r\n]*)\*([0-9A-Fa-f]{2})", content):
        checksum = 0
        for byte in match[1]:
            checksum ^= byte
        fields = match[1].decode("ascii").split(",")
        if checksum == int(match[2], 16) and len(fields) > 9 and fields[2] == "A":
            try:
                return _position(fields)
            except ValueError:
                continue
    return None


def _position(fields: list[str]) -> Truth:
    """Raises ValueError where a field of this RMC sentence is not a number."""
    lat_deg = _angle_deg(fields[3], 2) * (-1.0 if fields[4] == "S" else 1.0)
    lon_deg = _angle_deg(fields[5], 3) * (-1.0 if fields[6] == "W" else 1.0)
    speed_mps = float(fields[7] or 0.0) * MPS_PER_KNOT
    return Truth(lat_deg, lon_deg, speed_mps, float(fields[8] or 0.0))


def _angle_deg(field: str, degree_digits: int) -> float:
    return int(field[:degree_digits]) + float(field[degree_digits:]) / 60.0
