"""A unit under test: the firmware in its MicroPython process, a pty for its receiver, pipes for its control channel."""

import base64
import contextlib
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import tty
from pathlib import Path
from typing import Any

from tests.support.processes import Processes
from tests.support.waiting import eventually

Event = dict[str, Any]


class Unit:
    """`start` may be called again after the process ended; the receiver's line and the state folder stay."""

    def __init__(self, image: Path, folder: Path, processes: Processes, settings: dict[str, Any]) -> None:
        self._image = image
        self._processes = processes
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self._folder = folder
        self.settings = {
            "unit_id": "unit-01",
            "gps": os.ttyname(self._slave),
            "state_dir": str(folder / "state"),
            **settings,
        }
        self.events: list[Event] = []
        self.errors = b""
        self.process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self, booted: bool = True, heard: bool = True, env: dict[str, str] | None = None) -> None:
        """Waits for it to boot; unless it is `heard`, its output stays in the pipe."""
        path = self._folder / "config.json"
        path.write_text(json.dumps(self.settings))
        self.process = self._processes.start(
            [sys.executable, "-m", "sigap_simulator.flash.boot", self._image, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
        )
        if heard:
            self.hear()
            if booted:
                self.await_log("boot")

    def hear(self) -> None:
        """Read its output from now on."""
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        with contextlib.suppress(ValueError):  # the test is over and has closed the pipes
            for line in process.stdout:
                self.events.append(_event(line))
            self.errors = process.stderr.read()

    def wait(self, deadline_s: float = 10.0) -> int:
        """The exit status of a process that is to end."""
        assert self.process is not None
        assert self._reader is not None
        status = self.process.wait(deadline_s)
        self._reader.join(deadline_s)
        return status

    def unplug(self) -> None:
        """The receiver is gone, with its line."""
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    # Its receiver and its control channel.

    def feed(self, content: bytes) -> None:
        """What the receiver says; waits while the line is full."""
        os.write(self._master, content)

    def told(self) -> bytes:
        """What it has said to its receiver since the last call."""
        ready, _, _ = select.select([self._master], [], [], 0)
        return os.read(self._master, 4096) if ready else b""

    def await_heard(self) -> None:
        """Everything that the receiver said is read and dealt with."""

        def waiting_bytes() -> int:
            return int(struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)))[0])

        eventually(lambda: waiting_bytes() == 0)
        before = len(self.logged("control_refused"))
        self.say(b"a line to wait for\n")
        self.await_log("control_refused", before + 1)

    def say(self, line: bytes) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def press(self, button: str) -> None:
        self.say(json.dumps({"button": button}).encode() + b"\n")

    def hang_up(self) -> None:
        """The end of its stdin."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()

    # What it said.

    def logged(self, name: str) -> list[Event]:
        return [event for event in self.events if event.get("log") == name]

    def await_log(self, name: str, number: int = 1, deadline_s: float = 15.0) -> Event:
        """The event `name` when it came for the `number`th time."""
        eventually(lambda: len(self.logged(name)) >= number, deadline_s, f"{number} × {name} in {self.events[-5:]}")
        return self.logged(name)[number - 1]

    def views(self) -> list[str]:
        """What the screen said about orders, in turn."""
        return [event["view"] for event in self.logged("screen")]

    def pictures(self) -> list[bytes]:
        return [base64.b64decode(event["display"]) for event in self.events if "display" in event]


def _event(line: bytes) -> Event:
    try:
        event: Event = json.loads(line)
    except ValueError:
        return {"not_json": line.decode(errors="replace")}
    return event
