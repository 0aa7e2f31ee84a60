"""NMEA as receivers write it, for tests: sentences, a u-blox's default output, and a plain way to read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.sentences import MAX_LENGTH
from sigap_wire.report import Fix

START = datetime(2026, 3, 19, 8, 30, tzinfo=UTC)


def sentence(body: str) -> bytes:
    """'$', the body, its checksum and a line's end."""
    return b"$%b*%02X\r\n" % (body.encode(), checksum(body.encode()))


def checksum(body: bytes) -> int:
    found = 0
    for byte in body:
        found ^= byte
    return found


def epoch(number: int) -> list[bytes]:
    """What a u-blox M8 sends by default for one second of a drive: RMC, VTG, GGA, GSA, GSV and GLL, about 500 bytes."""
    at = START + timedelta(seconds=number)
    time, date = at.strftime("%H%M%S.00"), at.strftime("%d%m%y")
    north, east = 55.05 + number * 0.0045 % 1.9, 37.146 + number * 0.0031 % 1.7
    place = f"06{north % 60:08.5f},S,107{east % 60:08.5f},E"
    speed, course = f"{12 + number % 9}.{number % 1000:03d}", f"{number * 7 % 360}.{number % 100:02d}"
    bodies = [
        f"GNRMC,{time},A,{place},{speed},{course},{date},,,A",
        f"GNVTG,{course},T,,M,{speed},N,22.222,K,A",
        f"GNGGA,{time},{place},1,12,0.{70 + number % 29},{700 + number % 90}.4,M,3.1,M,,",
        "GNGSA,A,3,10,32,23,27,08,16,21,,,,,,1.61,0.85,1.37",
        "GNGSA,A,3,74,84,85,73,83,,,,,,,,1.61,0.85,1.37",
        "GPGSV,3,1,11,08,41,059,36,10,58,205,42,16,33,142,31,18,13,284,22",
        "GPGSV,3,2,11,21,27,022,30,23,24,212,38,26,05,151,,27,76,108,44",
        "GPGSV,3,3,11,29,02,343,,31,08,180,25,32,45,300,39",
        "GLGSV,2,1,07,66,03,165,,73,35,045,34,74,66,321,39,75,27,251,20",
        "GLGSV,2,2,07,83,18,012,28,84,58,342,33,85,39,242,37",
        f"GNGLL,{place},{time},A,A",
    ]
    return [sentence(body) for body in bodies]


def drive(seconds: int) -> bytes:
    return b"".join(part for number in range(seconds) for part in epoch(number))


def parse(data: bytes, chunks: "Iterator[int] | int" = 512) -> tuple[list[Fix], NmeaParser]:
    """All fixes of the bytes, given to the parser in chunks of these lengths."""
    parser = NmeaParser()
    found: list[Fix] = []
    buf = bytearray(max(len(data), 1))
    at = 0
    while at < len(data):
        count = min(chunks if isinstance(chunks, int) else next(chunks), len(data) - at)
        buf[:count] = data[at : at + count]
        found += parser.feed(buf, count)
        at += count
    return found + parser.flush(), parser


def count(data: bytes) -> tuple[int, int, int]:
    """(right, wrong checksum, not readable as a sentence), counted byte by byte, in another way than the firmware."""
    right = wrong = unreadable = 0
    body: bytearray | None = None
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte == ord("$"):
            unreadable += bool(body)
            body = bytearray()
        elif body is None:
            continue
        elif byte == ord("\n") or (byte != ord("*") and len(body) >= MAX_LENGTH - 1):
            unreadable += 1
            body = None
        elif byte == ord("*"):
            try:
                told = int(data[at : at + 2].decode("ascii"), 16) if data[at : at + 2].isalnum() else None
            except ValueError:
                told = None
            if told is None or len(data[at : at + 2]) < 2:
                unreadable += 1
            else:
                at += 2
                right += told == checksum(body)
                wrong += told != checksum(body)
            body = None
        else:
            body.append(byte)
    return right, wrong, unreadable + (body is not None)
