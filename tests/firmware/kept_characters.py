"""Runs on MicroPython: what it keeps for good of the texts that a unit is sent. Prints its table of names twice."""

import micropython

from sigap_tracker.officer import layout
from sigap_wire import cbor, topics


def take(text):
    assert cbor.loads(cbor.dumps(text)) == text
    layout.lines(text)


take("once, for what is made but once")
topics.check_unit_id("unit-1")
micropython.qstr_info()
for first in range(0, 512, 32):  # U+4E00 and on: as bytes, because chr() would keep each of them, too
    take(str(b"".join([bytes((0xE4, 0xB8 + i // 64, 0x80 + i % 64)) for i in range(first, first + 32)]), "utf-8"))
take("zyxwvutsrqponmlkjihgfedcba 0123456789 ZYXWVUTSRQPONMLKJIHGFEDCBA")
topics.check_unit_id("zyxwvutsrqponmlkjihgfedcba-23456")
micropython.qstr_info()
