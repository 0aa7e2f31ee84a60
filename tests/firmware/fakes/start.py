"""What main.py does on a chip, in a folder with board.json and the settings: micropython start.py [SCRIPT]

SCRIPT is a file with an async function's body, run in place of the application with `hal` and `settings`.
"""

import asyncio
import sys

import bench  # the first: it is the world

from sigap_tracker.hal_esp32 import Hal
from sigap_tracker.startup import run

assert bench


def _run_script(body):
    from sigap_tracker.storage import settings as checked

    settings = checked.load("config.json")
    names = {"hal": Hal(settings), "settings": settings, "asyncio": asyncio}
    exec("async def script():\n" + "\n".join(["  " + line for line in body.split("\n")]), names)
    asyncio.run(names["script"]())


if len(sys.argv) > 1:
    with open(sys.argv[1]) as file:
        _run_script(file.read())
else:
    run(["unit", "config.json"], Hal)
