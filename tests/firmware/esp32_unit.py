"""A unit on an ESP32 that is not there: the firmware with fakes/ in place of the chip's modules."""

import base64
import contextlib
import json
import os
import pty
import subprocess
import threading
import tty
from pathlib import Path
from typing import Any

from sigap.boards import definition
from sigap.boards.unit_files import board_json
from tests.firmware.unit import Event, Unit
from tests.support.processes import Processes
from tests.support.tools import REPOSITORY, require_tool
from tests.support.waiting import eventually

FAKES = REPOSITORY / "tests" / "firmware" / "fakes"
_PATH = f".frozen:{REPOSITORY / 'firmware'}:{REPOSITORY}"


class Esp32Unit(Unit):
    """Its serial console is at stdin and stdout; what the chip does otherwise is in `did`."""

    def __init__(self, board: str, folder: Path, processes: Processes, settings: dict[str, Any]) -> None:
        super().__init__(Path(), folder, processes, settings)
        self.board = definition.load(board)
        self.did: list[Event] = []
        self.networks: list[list[str]] = []  # [ssid, key] of each that is in reach
        self._is_flashed = False
        self.uarts = {1: "/dev/null", 2: "/dev/null", self.board.gps.uart: os.ttyname(self._slave)}  # number → path
        self._bench, self._bench_end = pty.openpty()
        tty.setraw(self._bench_end)
        (folder / "board.json").write_text(board_json(self.board))
        threading.Thread(target=self._watch, daemon=True).start()

    def start(
        self,
        booted: bool = True,
        heard: bool = True,
        env: dict[str, str] | None = None,
        path: str = _PATH,
        script: str = "",
        main: bool = False,
    ) -> None:
        """`path` is where the firmware is imported from, unless it is flashed. A `script`, or main.py, runs in place of
        the application, see start.py."""
        if self._is_flashed:
            path, main = f"{self._folder}:{FAKES}:.frozen:{REPOSITORY}", True
        (self._folder / "config.json").write_text(json.dumps(self.settings))
        (self._folder / "script").write_text(script)
        self.process = self._processes.start(
            [
                require_tool("micropython"),
                "-X",
                "heapsize=1m",
                FAKES / "start.py",
                *(["main"] if main else ["script"] if script else []),
            ],
            cwd=self._folder,
            env={
                "MICROPYPATH": path,
                "SIGAP_BENCH": os.ttyname(self._bench_end),
                "SIGAP_BENCH_CHIP": self.board.chip,
                "SIGAP_BENCH_MAIN": str(REPOSITORY / "firmware" / "boards" / "main.py"),
                "SIGAP_BENCH_NETWORKS": json.dumps(self.networks),
                "SIGAP_BENCH_UARTS": json.dumps(self.uarts),
                **(env or {}),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.hear()
        if booted:
            self.await_log("boot")

    def _watch(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):  # the bench is taken away
            while True:
                *lines, rest = (rest + os.read(self._bench, 4096)).split(b"\n")
                self.did += map(json.loads, lines)

    def unplug(self) -> None:
        super().unplug()
        for descriptor in (self._bench, self._bench_end):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def flash(self, files: dict[str, bytes]) -> None:
        """Run from these files from now on, as main.py among them does; the board stays."""
        self._is_flashed = True
        for name, content in files.items():
            if name != "board.json":
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def run(self, script: str, deadline_s: float = 10.0, **env: str) -> list[str]:
        """What the script prints besides JSON; see start.py. Fails if it does."""
        self.start(booted=False, env=env, script=script)
        status = self.wait(deadline_s)
        assert status == 0, self.errors.decode() or self.events
        return [event["not_json"].rstrip("\n") for event in self.events if "not_json" in event]

    # What happens to the chip.

    def happens(self, **what: Any) -> None:
        os.write(self._bench, json.dumps(what).encode() + b"\n")

    def pin(self, number: int, level: int) -> None:
        self.happens(pin=number, level=level)

    def press(self, button: str) -> None:
        """Down, as a finger does; the contact bounces. Let go of it once the screen shows that it is held()."""
        number = getattr(self.board.buttons, button)
        for level in (0, 1, 0):
            self.pin(number, level)

    def release(self, button: str) -> None:
        self.pin(getattr(self.board.buttons, button), 1)

    def held(self) -> bool:
        """Whether the display shows for how long a button is down: the bar's frame closes it below."""
        return all(column & 0x80 for column in self.look()["picture"][-128:])

    # What the chip does.

    def done(self, what: str) -> list[Event]:
        return [event for event in list(self.did) if event["did"] == what]

    def await_done(self, what: str, number: int = 1, deadline_s: float = 15.0) -> Event:
        eventually(lambda: len(self.done(what)) >= number, deadline_s, f"{number} × {what} in {self.did[-5:]}")
        return self.done(what)[number - 1]

    def look(self) -> Event:
        """At the display: `picture`, `is_on`, and how much it was sent so far."""
        before = len(self.done("looked"))
        self.happens(look=1)
        found = self.await_done("looked", before + 1)
        return {**found, "picture": base64.b64decode(found["picture"])}
