"""Takes out of MicroPython's asyncio what this unit never uses: its modules come whole, 1.3 KB of them for nobody."""

import asyncio
import sys


def forget(unused: str) -> None:
    """`unused` tells of each of asyncio's modules a name that makes asyncio load it, the module, and names in it, or in
    a class of it ("Loop.stop"); the next one comes after a ";"."""
    for line in unused.split(";"):
        names = line.split()
        getattr(asyncio, names[0])
        module = sys.modules["asyncio.%s" % names[1]]
        for name in names[2:]:
            owner, dot, method = name.partition(".")
            holder, name = (getattr(module, owner), method) if dot else (module, name)
            if hasattr(holder, name):
                delattr(holder, name)
