"""Takes out of MicroPython's asyncio what this unit never uses: its modules come whole, 1.3 KB of them for nobody."""

import asyncio
import sys


def forget(unused: str) -> None:
    """`unused` has a line for each of asyncio's modules: a name that makes asyncio load it, the module, names in it."""
    for line in unused.split(";"):
        names = line.split()
        getattr(asyncio, names[0])
        module = sys.modules["asyncio.%s" % names[1]]
        for name in names[2:]:
            if hasattr(module, name):
                delattr(module, name)
