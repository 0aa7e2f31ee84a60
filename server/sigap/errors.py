"""Exceptions of the `sigap` command itself.

CommandError      the message is for the person at the terminal; the command prints it and exits with 2
├── PackageError  an update's package cannot be made of what was given, or is none
├── PortError     a port or address of the settings cannot be listened on; names port and setting
└── ChildError    a child process did not start, or died again and again; has its last lines
"""

from collections.abc import Sequence


class CommandError(Exception):
    """Base of everything the command raises on purpose."""


class PackageError(CommandError):
    pass


class PortError(CommandError):
    pass


class ChildError(CommandError):
    """`name` of the child, `what` happened to it and the `lines` it said last."""

    def __init__(self, name: str, what: str, lines: Sequence[str]) -> None:
        said = "".join(f"\n  {name} | {line}" for line in lines)
        super().__init__(f"{name} {what}" + (f"; its last lines:{said}" if said else ""))
        self.name = name
