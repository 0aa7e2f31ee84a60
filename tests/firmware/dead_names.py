"""Runs on MicroPython: micropython dead_names.py PORT. The unit's connection with a name server that dies.

Says one line for each question to it, and one for each connection made or lost.
"""

import asyncio
import sys
import time

from sigap_tracker.hal_sockets import open_connection
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.storage import settings
from sigap_tracker.supervisor import Supervisor

GIVEN = {
    "unit_id": "unit-01",
    "gps": "none",
    "state_dir": "none",
    "mqtt": {
        "host": "broker.example",
        "port": int(sys.argv[1]),
        "user": "u",
        "password": "p",
        "reconnect_max_s": 1,
        "keepalive_s": 4,
    },
}


class Line:
    has_modem = False
    notes = None

    def is_up(self):
        return True


class Machine:
    """The name server answers once."""

    line = Line()
    questions = 0

    def ticks_ms(self):
        return time.ticks_ms()

    def look_up(self, host):
        self.questions += 1
        print("asked for", host)
        if self.questions > 1:
            raise OSError(-2)
        return "127.0.0.1"

    async def open_connection(self, host, port, secure):
        return await open_connection(host, port, secure)

    def log(self, event, **values):
        print(event, values)


class Outbox:
    def __init__(self):
        self.journal = {}

    def next_message(self):
        return None


class Listener:
    ups = 0

    def will(self, connection):
        return b"gone"

    def link_up(self, connection, session_present):
        self.ups += 1
        print("up", self.ups)
        if self.ups == 3:
            sys.exit(0)

    def link_down(self, reason):
        print("down")


given = settings.check(GIVEN)
session = MqttSession("u", "u", "p", 4, "t/link", ("t/order",))
link = MqttLink(Machine(), session, Outbox(), given, Listener(), Supervisor())
asyncio.run(asyncio.wait_for(link.run(), 30))
