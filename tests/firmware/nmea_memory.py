"""Runs on MicroPython: heap bytes that a parser takes for a file, with the garbage collector off.

micropython nmea_memory.py FILE CHUNK…      prints one JSON line a chunk length
"""

import gc
import json
import sys

from sigap_tracker.position.nmea import NmeaParser


def measure(data, chunk):
    parser = NmeaParser()
    buf = bytearray(chunk)
    fixes = feeds = 0
    _feed(parser, data, buf)  # whatever is made once
    gc.collect()
    live = gc.mem_alloc()
    gc.disable()
    spent = 0
    for at in range(0, len(data) - chunk + 1, chunk):
        buf[:] = data[at : at + chunk]
        start = gc.mem_alloc()
        fixes += len(parser.feed(buf, chunk))
        spent += gc.mem_alloc() - start
        feeds += 1
        if gc.mem_free() < 200000:  # not within feed, so that nothing is counted as given back
            gc.collect()
    gc.enable()
    gc.collect()
    return {
        "chunk": chunk,
        "bytes": feeds * chunk,
        "feeds": feeds,
        "fixes": fixes,
        "spent": spent,
        "kept": gc.mem_alloc() - live,
    }


def _feed(parser, data, buf):
    for at in range(0, len(data) - len(buf) + 1, len(buf)):
        buf[:] = data[at : at + len(buf)]
        parser.feed(buf, len(buf))


with open(sys.argv[1], "rb") as file:
    recorded = file.read()
for argument in sys.argv[2:]:
    print(json.dumps(measure(recorded, int(argument))))
