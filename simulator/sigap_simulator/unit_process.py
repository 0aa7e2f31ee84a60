"""A unit that is the real firmware: a MicroPython process on a pty, its screen and buttons on a control channel."""

import asyncio
import contextlib
import json
import os
from collections import deque
from pathlib import Path

from sigap_simulator.errors import UnitError
from sigap_simulator.launch import LaunchCommand
from sigap_simulator.unit import Event, Listener, UnitAccount

_FIRST_RESTART_S = 0.5
_LONGEST_RESTART_S = 30.0
_LASTING_S = 60.0  # a process that lived so long did not die of its start
_TAIL_LINES = 20
_LINE_MAX_BYTES = 1 << 18


class UnitProcess:
    """Starts the firmware and keeps it running.

    The process ends itself when its stdin does, so it cannot outlive this one, whatever ends this one.
    `settings` are further keys of the unit's configuration, such as language and policy.
    """

    def __init__(
        self,
        account: UnitAccount,
        command: LaunchCommand,
        gps_path: str,
        state_dir: Path,
        settings: dict[str, object] | None = None,
        restarts: bool = True,
        start_deadline_s: float = 60.0,
    ) -> None:
        self._account = account
        self._command = command
        self._gps_path = gps_path
        self._state_dir = state_dir
        self._settings = settings or {}
        self._restarts = restarts
        self._start_deadline_s = start_deadline_s
        self._listeners: list[Listener] = []
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._booted = asyncio.Event()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.starts = 0
        self.patience_s = (3.0, 2.0)  # after the end of input, and after SIGTERM

    @property
    def unit_id(self) -> str:
        return self._account.unit_id

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process is not None else None

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def start(self) -> None:
        """Returns when the firmware has booted. Raises UnitError with its last words."""
        config_path = self._write_config()
        self._keeper = asyncio.create_task(self._keep(config_path), name=f"unit {self.unit_id}")
        booted = asyncio.create_task(self._booted.wait())
        try:
            both = {booted, self._keeper}
            await asyncio.wait(both, timeout=self._start_deadline_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            booted.cancel()
        if self._booted.is_set():
            return
        error = self._keeper.exception() if self._keeper.done() else None
        await self.stop()
        raise error or UnitError(
            f"{self.unit_id} did not boot within {self._start_deadline_s:g} s: {self._last_words()}"
        )

    async def stop(self) -> None:
        """End of input, then SIGTERM, then SIGKILL, each after a few seconds of patience."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError, UnitError):
            await keeper

    def press(self, button: str) -> None:
        self._send({"button": button})

    def edge(self, button: str, down: bool) -> None:
        self._send({"down" if down else "up": button})

    def ask_health(self) -> None:
        """The unit publishes its counters at once."""
        self._send({"health": 1})

    def _send(self, message: dict[str, object]) -> None:
        """Lost while the process is not running, as a press on a dead unit's button is."""
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            process.stdin.write(json.dumps(message).encode() + b"\n")

    def _write_config(self) -> Path:
        account = self._account
        config = {
            "unit_id": account.unit_id,
            "mqtt": {
                "host": account.host,
                "port": account.port,
                "user": account.user,
                "password": account.password,
                "keepalive_s": account.keepalive_s,
            },
            "callsign": account.callsign,
            "gps": self._gps_path,
            "state_dir": str(self._state_dir),
            **self._settings,
        }
        self._state_dir.mkdir(parents=True, exist_ok=True)
        path = self._state_dir / "config.json"
        # It holds the password: readable by this user alone from its first byte on.
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(config, file, indent=1)
        return path

    async def _keep(self, config_path: Path) -> None:
        """Run the process, again and again if it dies."""
        delay_s = _FIRST_RESTART_S
        clock = asyncio.get_running_loop().time
        while True:
            started_s = clock()
            code = await self._run(config_path)
            self._tell({"log": "process_ended", "code": code, "text": self._last_words()})
            if not self._restarts or not self._booted.is_set():
                raise UnitError(f"{self.unit_id} ended with status {code}: {self._last_words()}")
            delay_s = _FIRST_RESTART_S if clock() - started_s > _LASTING_S else min(2 * delay_s, _LONGEST_RESTART_S)
            await asyncio.sleep(delay_s)

    async def _run(self, config_path: Path) -> int:
        """One life of the process; returns its exit status."""
        process = await asyncio.create_subprocess_exec(
            *self._command.argv,
            config_path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self._command.env},
            limit=_LINE_MAX_BYTES,
            start_new_session=True,  # a terminal's Ctrl-C is for this process, which then ends the units in order
        )
        self._process = process
        self.starts += 1
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await asyncio.gather(self._read_events(process.stdout), self._read_errors(process.stderr))
            return await process.wait()
        finally:
            await _end(process, self.patience_s)

    async def _read_events(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if isinstance(event, dict):
                if event.get("log") == "boot":
                    self._booted.set()
                self._tell(event)
            else:
                self._tail.append(line.decode(errors="replace").rstrip())

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self._tail.append(line.decode(errors="replace").rstrip())

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _last_words(self) -> str:
        return " / ".join(line for line in self._tail if line) or "it said nothing"


async def _end(process: asyncio.subprocess.Process, patience_s: tuple[float, float]) -> None:
    """The process is gone when this returns, also when it is cancelled."""
    try:
        if process.stdin is not None:
            process.stdin.close()
        for wait_s, send_next in zip(patience_s, (process.terminate, process.kill), strict=True):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), wait_s)
                return
            send_next()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
