"""Runs on MicroPython: the modem's line alone. micropython modem_up.py DEVICE SETTINGS STEP…, one line said a step."""

import asyncio
import json
import sys

from sigap_tracker.errors import LineError
from sigap_tracker.hal_unix_modem import Port
from sigap_tracker.network.modem import ModemLine


class Given:
    modem_family = "A7670"
    modem_apn = modem_user = modem_password = modem_pin = ""


class Notes:
    def __init__(self):
        self.values = {}

    def get(self, key):
        return self.values.get(key)

    def put(self, key, value):
        self.values[key] = value

    def remove(self, key):
        del self.values[key]


async def main(device, given, steps):
    for name, value in json.loads(given).items():
        setattr(Given, name, value)
    line = ModemLine(Port(device), Given)
    line.notes = Notes()
    for step in steps:
        error = ""
        if step == "off_amid_up":
            rising = asyncio.create_task(line.up())
            await asyncio.sleep_ms(100)
            await line.off()
            try:
                await rising
            except LineError as failure:
                error = str(failure)
        elif step == "wait_down":
            while line.is_up():
                await asyncio.sleep_ms(10)
        else:
            try:
                await getattr(line, step)()
            except LineError as failure:
                error = str(failure)
        print(json.dumps([step, error, line.is_up(), line.signal_dbm, line.status]))


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
