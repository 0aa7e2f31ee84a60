"""Runs on MicroPython: the application's shell around its supervisor, with a task that hangs at its first start.

Prints what happened, one word a line.
"""

import asyncio

from sigap_tracker import app
from sigap_tracker.changes import SETTLED
from sigap_tracker.supervisor import GPS, MQTT, SECOND, Supervisor


class Machine:
    def log(self, event, **values):
        print(event, values["task"], values["error"])

    def feed_watchdog(self):
        print("fed")


class Shell(app.App):
    """Nothing of the application but what watches its tasks."""

    def __init__(self):
        self._machine = Machine()
        self._supervisor = Supervisor()
        self._supervisor.allow_s(GPS, 3)
        self._settings_state = SETTLED
        self._end = app._STAY
        self.starts = 0
        self.again = asyncio.Event()
        self._running = [None, asyncio.create_task(self._keep_running(GPS, self._hang_once)), None, None]

    async def _hang_once(self):
        self.starts += 1
        if self.starts == 2:
            print("started again")
            self.again.set()
        await asyncio.Event().wait()

    def second(self):
        for task in (MQTT, SECOND):
            self._supervisor.check_in(task)
        self._watch()


async def main():
    shell = Shell()
    while not shell.starts:
        await asyncio.sleep_ms(1)
    for _ in range(4):
        shell.second()
    await shell.again.wait()
    shell.second()


asyncio.run(main())
