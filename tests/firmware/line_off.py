"""Runs on MicroPython: a unit that goes off, with the real connection's task, which cannot reach its server.

Says what is done about the line, and the end.
"""

import asyncio
import sys
import time

from sigap_tracker import app
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.storage import settings
from sigap_tracker.supervisor import MQTT, Supervisor

GIVEN = {
    "unit_id": "unit-01",
    "gps": "none",
    "state_dir": "none",
    "mqtt": {"host": "broker.example", "user": "u", "password": "p", "reconnect_max_s": 1},
}


class Line:
    """Down at first; takes its time to go off: until somebody brings it up again, or nobody is there to do so."""

    has_modem = False
    notes = None

    def __init__(self, machine):
        self.machine = machine
        self.ups = 0
        self.is_on = False

    def is_up(self):
        return self.is_on

    async def up(self):
        print("up")
        self.ups += 1
        self.is_on = True

    async def off(self):
        print("going off")
        self.is_on = False
        while self.ups == 1 and not self.machine.connection.done():
            await asyncio.sleep_ms(10)
        print("off")


class Machine:
    def __init__(self):
        self.line = Line(self)
        self.connection = None

    def ticks_ms(self):
        return time.ticks_ms()

    def look_up(self, host):
        raise OSError(-2)

    def log(self, event, **values):
        pass

    def feed_watchdog(self):
        pass

    def ignition(self):
        return False

    def shut_down(self):
        print("shut down")
        sys.exit(0)


class Outbox:
    def __init__(self):
        self.journal = {}


class Desk:
    link_up = False


class Shell(app.App):
    """Nothing of the application but its end."""

    def __init__(self):
        self._machine = Machine()
        self._supervisor = Supervisor()
        self._desk = Desk()
        self._end, self._end_s = app._GO_OFF, 0
        session = MqttSession("u", "u", "p", 4, "t/link", ("t/order",))
        given = settings.check(GIVEN)
        self._link = MqttLink(self._machine, session, Outbox(), given, self, self._supervisor)
        task = asyncio.create_task(self._keep_running(MQTT, self._link.run))
        self._running = [None, None, None, None]
        self._running[MQTT] = self._machine.connection = task

    def link_down(self, reason):
        pass

    async def end(self):
        while not self._machine.line.ups:
            await asyncio.sleep_ms(1)
        await self._leave()


asyncio.run(asyncio.wait_for(Shell().end(), 30))
