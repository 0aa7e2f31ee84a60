"""Runs on MicroPython with the chip's modules from this folder, in one with board.json and the settings.

micropython start.py            the application from its sources
micropython start.py main       firmware/boards/main.py, as a chip does when it starts
micropython start.py script     the body of an async function in that file, with `hal` and `settings`
"""

import asyncio
import os
import sys

import bench  # the first: it is the world


def _run_application():
    from sigap_boot.start import start
    from sigap_tracker.hal_esp32 import Hal
    from sigap_tracker.startup import run

    start(Hal.open_flash(None), False)
    run(["unit", "config.json"], Hal)


def _run_main():
    with open(os.getenv("SIGAP_BENCH_MAIN")) as file:
        exec(file.read(), {"__name__": "__main__"})


def _run_script():
    from sigap_tracker.hal_esp32 import Hal
    from sigap_tracker.storage import settings as checked

    settings = checked.load("config.json")
    names = {"hal": Hal(settings), "settings": settings, "asyncio": asyncio}
    with open("script") as file:
        body = file.read()
    exec("async def script():\n" + "\n".join(["  " + line for line in body.split("\n")]), names)
    asyncio.run(names["script"]())


try:
    {"": _run_application, "main": _run_main, "script": _run_script}["".join(sys.argv[1:])]()
except bench.EndedError:
    sys.exit(0)
