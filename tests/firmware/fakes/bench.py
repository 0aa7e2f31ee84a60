"""The workbench around a chip that is not there: what machine.py, network.py and esp32.py beside this file act upon.

Runs in the unit's own MicroPython process. The test is at the other end of the line SIGAP_BENCH, one JSON object a line
each way. To the bench, what happens to the chip:
  {"pin": number, "level": 0 or 1}   from outside; with "missed": 1 no interrupt comes of it
  {"pin": number, "uv": microvolts}  at an analogue input
  {"display": "gone", "back" or "reset"}
  {"look": 1}                        answered by {"picture": base64, "is_on": …, "bytes": …, "transfers": …}
From the bench, what the chip does: {"did": what, …}. The process ends when the line does.
"""

import asyncio
import binascii
import json
import os

from tests.portable.panel import Panel

with open(os.getenv("SIGAP_BENCH_BOARD") or "board.json") as _file:
    _BOARD = json.load(_file)
_CHIP = os.getenv("SIGAP_BENCH_CHIP") or "esp32"

levels = {}  # pin → level from outside
microvolts = {}
irqs = {}  # pin → (Pin, handler, trigger)
taken = {}  # pin → what for
networks = json.loads(os.getenv("SIGAP_BENCH_NETWORKS") or "[]")  # [ssid, key] of each that is in reach
panel = Panel(_BOARD["display"]["address"], _BOARD["display"]["kind"])
uarts = json.loads(os.getenv("SIGAP_BENCH_UARTS") or "{}")  # number → path of the line
reset_cause = int(os.getenv("SIGAP_BENCH_RESET_CAUSE") or "1")

_line = open(os.getenv("SIGAP_BENCH"), "r+b", 0)  # noqa: SIM115 - until the process ends

_MISSING = {"esp32": {20, 24, 28, 29, 30, 31}, "esp32s3": {22, 23, 24, 25}}[_CHIP]
_FLASH = {"esp32": range(6, 12), "esp32s3": range(26, 33)}[_CHIP]
_LAST = {"esp32": 39, "esp32s3": 48}[_CHIP]
INPUT_ONLY = {"esp32": range(34, 40), "esp32s3": ()}[_CHIP]


def did(what, **values):
    values["did"] = what
    _line.write(json.dumps(values).encode() + b"\n")


class EndedError(BaseException):
    """Nothing but start.py catches it."""


def end(what, **values):
    """The chip stops running the program."""
    did(what, **values)
    raise EndedError


def check_pin(number):
    """Raises ValueError for a pin that a program cannot have, as the chip's port does."""
    if not isinstance(number, int) or not 0 <= number <= _LAST or number in _MISSING or number in _FLASH:
        raise ValueError("invalid pin")


def take(number, what):
    """Nothing may be wired to two things."""
    assert taken.get(number, what) == what, f"GPIO {number} is {taken[number]} already"
    taken[number] = what


async def _listen():
    reader = asyncio.StreamReader(_line)
    one = bytearray(1)
    while True:
        line = bytearray()
        while True:
            if not await reader.readinto(one):
                end("bench gone")
            if one[0] == 10:
                break
            line.append(one[0])
        _happens(json.loads(bytes(line)))


def _happens(said):
    if "look" in said:
        picture = binascii.b2a_base64(panel.picture())[:-1].decode()
        did("looked", picture=picture, is_on=panel.is_on, bytes=panel.bytes, transfers=panel.transfers)
    elif "display" in said:
        panel.power_off()
        panel.is_there = said["display"] != "gone"
    elif "uv" in said:
        microvolts[said["pin"]] = said["uv"]
    else:
        _set_level(said["pin"], said["level"], "missed" in said)


def _set_level(number, level, missed):
    levels[number] = level
    if number in irqs and not missed:
        pin, handler, trigger = irqs[number]
        if trigger & (2 if not level else 1):
            handler(pin)


asyncio.create_task(_listen())  # noqa: RUF006 - MicroPython's loop holds it
