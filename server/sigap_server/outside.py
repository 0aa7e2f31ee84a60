"""What the server meets outside itself: the clock, the disk and the broker's socket. A simulated world gives others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sigap_server.mqtt import Client
from sigap_server.store.database import Database


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Outside:
    """now_ms       Unix milliseconds by the machine's clock, which may be set at any time
    monotonic_s  seconds that only ever grow
    database     opens the database that is in a file
    client       makes an MQTT client; its arguments are those of `mqtt.Client`
    """

    now_ms: Callable[[], int] = now_ms
    monotonic_s: Callable[[], float] = time.monotonic
    database: Callable[[Path], Database] = Database
    client: Callable[..., Client] = Client


REAL = Outside()
