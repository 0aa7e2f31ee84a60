"""Runs on MicroPython: the order picture for places all around the car, one JSON line each."""

import binascii
import json

import framebuf

from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.screen import Screen
from sigap_tracker.officer.texts import Texts
from sigap_wire.order import STATE_ASSIGNED, Order
from sigap_wire.report import Fix

NOW_S = 1789882530
# About 700 m in 8 directions, clockwise from north, near the equator: north, east in degrees × 10⁷.
PLACES = ((64, 0), (45, 45), (0, 64), (-45, 45), (-64, 0), (-45, -45), (0, -64), (45, -45))


def shown(eighth, course_cdeg, speed_cmps):
    north, east = PLACES[eighth]
    book = OrderBook()
    book.receive(Order(7, 1, STATE_ASSIGNED, 5, 0, 1, north * 1000, east * 1000, 20, NOW_S, NOW_S, 60), NOW_S, 5)
    content = bytearray(1024)
    canvas = framebuf.FrameBuffer(content, 128, 64, framebuf.MONO_VLSB)
    fix = Fix(NOW_S, 0, 0, speed_cmps, course_cdeg, 1, 9, 90)
    Screen(canvas, Texts("en"), "A", 0).draw(book, fix, 0, True, NOW_S, 0)
    return binascii.b2a_base64(content).decode().strip()


for eighth in range(8):
    for course_cdeg, speed_cmps in ((0, 1000), (9000, 1000), (31500, 1000), (9000, 0)):
        line = {"eighth": eighth, "course_cdeg": course_cdeg, "speed_cmps": speed_cmps}
        line["display"] = shown(eighth, course_cdeg, speed_cmps)
        print(json.dumps(line))
