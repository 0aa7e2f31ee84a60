"""What every simulated unit offers, whether real firmware runs in it or only its protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

Event = Mapping[str, object]
"""One message of a unit's control channel: {"display": …}, {"buzzer": …} or {"log": name, …values}."""
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class UnitAccount:
    """Who a unit is and how it reaches its broker.

    callsign     what people call it; at most 16 characters
    keepalive_s  decides how soon its silence is noticed
    """

    unit_id: str
    host: str
    port: int
    user: str
    password: str
    callsign: str = ""
    keepalive_s: int = 10


class Line(Protocol):
    """From a receiver to its unit; counts what was written and what the unit did not take."""

    written_bytes: int
    dropped_bytes: int

    def write(self, content: bytes) -> None:
        """Never waits; what the unit has no room for is lost."""

    async def send(self, content: bytes) -> None:
        """Waits until the unit has room."""

    def read(self) -> bytes:
        """What the unit has written to its receiver."""

    def close(self) -> None: ...


class Unit(Protocol):
    """`start` returns when the unit runs, or raises UnitError; `stop` leaves nothing behind and may be called twice.

    Listeners are called in the event loop's thread, in the order of the events.
    """

    @property
    def unit_id(self) -> str: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def listen(self, listener: Listener) -> None: ...

    def press(self, button: str) -> None: ...

    def edge(self, button: str, down: bool) -> None:
        """A finger goes down on a button, or comes up: what is held for long means something else than a press."""
