"""Code that a unit needs seldom is loaded when it is needed and leaves the heap after its last use."""

import sys


def load(name: str):  # type: ignore[no-untyped-def]
    """The module `name`, imported now and kept by nobody but the caller.

    The name has to stand in the call as a literal: the linker makes a file of its own for each.
    """
    __import__(name)
    module = sys.modules.pop(name)
    package, _, last = name.rpartition(".")
    # A package keeps what is imported from it, too.
    if hasattr(sys.modules.get(package), last):
        delattr(sys.modules[package], last)
    return module
