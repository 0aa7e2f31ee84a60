"""A simulated LTE modem on a pseudo-terminal, its pins on a named pipe: what a unit of the unix port is wired to.

`path` is the serial line, `path` + ".pins" takes lines of a pin and its state: "key 1", "reset 0", "supply 1".
"""

import contextlib
import os
import select
import threading
import time
import tty
from pathlib import Path
from types import TracebackType

from sigap_simulator.modem_core import ModemCore, Surroundings

_POLL_S = 0.01  # its own time passes, too


class SimulatedModem:
    """Runs in a thread of its own between `with` and its end. Its time passes `speed` times as fast as ours."""

    def __init__(self, folder: Path, around: Surroundings, on: bool = False, speed: float = 10.0) -> None:
        self.around = around
        self.core = ModemCore(around, on)
        self._speed = speed
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "modem"
        path.symlink_to(os.ttyname(self._slave))
        pins = folder / "modem.pins"
        os.mkfifo(pins)
        self.path = str(path)
        # Open for both, so that no end of file comes when a unit ends.
        self._pins = os.open(pins, os.O_RDWR | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name="modem", daemon=True)
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> "SimulatedModem":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        for descriptor in (self._master, self._slave, self._pins):
            os.close(descriptor)

    def hang_up(self) -> None:
        """The network ends the call."""
        with self._lock:
            self.core.hang_up()

    def _run(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._master, self._pins], [], [], _POLL_S)
            now_s = time.monotonic() * self._speed
            with self._lock:
                if self._pins in ready:
                    for line in os.read(self._pins, 4096).decode().splitlines():
                        name, state = line.split()
                        self.core.pin(name, state == "1", now_s)
                if self._master in ready:
                    self.core.receive(os.read(self._master, 4096), now_s)
                self.core.tick(now_s)
                said = self.core.take()
            # A unit that does not read loses what does not fit, as on any serial line.
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, said)
