"""Times the firmware's parser; a script that runs on MicroPython and CPython alike.

    micropython parser_timing.py FILE CHUNK_BYTES DURATION_MS

feeds the file's bytes again and again for that long and prints "bytes nanoseconds sentences fixes".
"""

import sys
import time

from sigap_tracker.position.nmea import NmeaParser


def run(path: str, chunk_bytes: int, duration_ms: int) -> str:
    with open(path, "rb") as file:
        data = file.read()
    chunks = [bytearray(data[at : at + chunk_bytes]) for at in range(0, len(data), chunk_bytes)]
    parser = NmeaParser()
    fed = 0
    start_ns = time.time_ns()
    end_ns = start_ns + duration_ms * 1000000
    while time.time_ns() < end_ns:
        for chunk in chunks:
            parser.feed(chunk, len(chunk))
        fed += len(data)
    spent_ns = time.time_ns() - start_ns
    return f"{fed} {spent_ns} {parser.sentences} {parser.fixes}"


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
