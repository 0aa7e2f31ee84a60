"""Code that a unit needs seldom is loaded when it is needed and leaves the heap after its last use."""

import sys


def load(name: str):  # type: ignore[no-untyped-def]
    """The module `name`, imported now and kept by nobody but the caller, unless it was there already.

    The name has to stand in the call as a literal: the linker makes a file of its own for each, and gives it a name
    that costs nothing. Packages of which nothing else was imported are not kept either.
    """
    if name in sys.modules:
        return sys.modules[name]
    packages = name.split(".")
    last = packages.pop()
    new = [n for n in range(1, len(packages) + 1) if ".".join(packages[:n]) not in sys.modules]
    __import__(name)
    module = sys.modules.pop(name)
    if packages:  # of which the last one keeps what is imported from it, too
        delattr(sys.modules[".".join(packages)], last)
    for n in new:
        del sys.modules[".".join(packages[:n])]
    return module
