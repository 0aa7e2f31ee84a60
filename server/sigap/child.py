"""One child process through all its lives: started, watched, started again when it dies, ended at last.

It leads a process group of its own, so that a terminal's Ctrl-C does not reach it and that what it started itself
ends with it. `sigap.tether` ends it when this process cannot.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from sigap import tether
from sigap.errors import ChildError

_TAIL_LINES = 20
_LINE_MAX_BYTES = 64 * 1024
_PROBE_INTERVAL_S = 0.05
_LAST_OUTPUT_S = 1.0


@dataclass(frozen=True)
class Restart:
    """When a child that died is started again: after first_s, doubled each time up to longest_s.

    `limit` deaths within `window_s` are a crash loop, which no restart cures.
    """

    first_s: float = 0.2
    longest_s: float = 5.0
    limit: int = 5
    window_s: float = 60.0


@dataclass(frozen=True)
class Child:
    """What to run. `env` is added to this process's environment without the names in `env_without`.

    `ready` is asked until it is true; the child must stay alive and get there within ready_deadline_s.
    `restart` None means that its end, whenever it comes, is an error. `log` is where the program writes instead of
    its output, if it does; the end of it is part of an error's message.
    """

    name: str
    argv: Sequence[str | os.PathLike[str]]
    env: Mapping[str, str] = field(default_factory=dict)
    env_without: frozenset[str] = frozenset()
    cwd: Path | None = None
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_deadline_s: float = 30.0
    stop_deadline_s: float = 5.0
    restart: Restart | None = Restart()
    log: Path | None = None


Kind = Literal["started", "line", "ready", "ended", "stopped"]


class Event(NamedTuple):
    """What a child did or said. `line` is one line of its output; the others are the supervisor's words."""

    child: str
    kind: Kind
    text: str


class Life:
    """Runs a Child. start() first, then keep() for as long as it shall live, stop() at the end."""

    def __init__(self, child: Child, tether_fd: int, on_event: Callable[[Event], None]) -> None:
        self.child = child
        self.process: asyncio.subprocess.Process | None = None
        self._group: int | None = None  # None once it was killed: its number may then be anybody's
        self._tether_fd = tether_fd
        self._on_event = on_event
        self._reading: asyncio.Task[None] | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)

    async def start(self) -> None:
        """Returns when the child is ready. Raises ChildError if it ends before, or is not in time."""
        await self._spawn()
        await self._until_ready()

    async def keep(self) -> None:
        """Restarts the child whenever it ends. Raises ChildError for one that must not end or cannot live."""
        policy = self.child.restart
        deaths: deque[float] = deque(maxlen=policy.limit if policy else 1)
        delay_s = policy.first_s if policy else 0.0
        while True:
            began = time.monotonic()
            code = await self._ended()
            now = time.monotonic()
            deaths.append(now)
            if policy is None:
                raise self._error(f"ended ({_words(code)})")
            if len(deaths) == policy.limit and now - deaths[0] < policy.window_s:
                raise self._error(
                    f"ended {policy.limit} times within {now - deaths[0]:.0f} s, last with {_words(code)}"
                )
            delay_s = policy.first_s if now - began > policy.window_s else delay_s
            self._say("ended", f"ended ({_words(code)}), starting it again in {delay_s:g} s")
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, policy.longest_s)
            await self._spawn()
            with contextlib.suppress(ChildError):  # its end, or its death by our hand, is counted above
                await self._until_ready()

    async def stop(self) -> None:
        """SIGTERM to the child's group, SIGKILL to what is left at its deadline."""
        if self.process is None or self._group is None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self.child.stop_deadline_s):
                await self.process.wait()
        except TimeoutError:
            self._say("line", f"does not stop within {self.child.stop_deadline_s:g} s and is killed")
            self._signal(signal.SIGKILL)
        self._say("stopped", f"stopped ({_words(await self._ended())})")

    async def _spawn(self) -> None:
        child = self.child
        inherited = {name: value for name, value in os.environ.items() if name not in child.env_without}
        tethered = [sys.executable, "-I", "-S", tether.__file__, str(self._tether_fd), *child.argv]
        # Not asyncio's own pipe: with it, the wait for the process would also be one for everybody who holds the pipe.
        output_fd, input_fd = os.pipe()
        self._reading = asyncio.create_task(self._read(output_fd), name=f"read {child.name}")
        try:
            self.process = await asyncio.create_subprocess_exec(
                *tethered,
                env={**inherited, **child.env},
                cwd=child.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=input_fd,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(self._tether_fd,),
                process_group=0,
            )
        except OSError as error:
            raise self._error(f"cannot be started: {error}") from error
        finally:
            os.close(input_fd)
        self._group = self.process.pid
        self._say("started", f"started, process {self.process.pid}")

    async def _until_ready(self) -> None:
        child, process = self.child, self.process
        assert process is not None
        if child.ready is None:
            return
        ended = asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(child.ready_deadline_s):
                while not await child.ready():
                    done, _ = await asyncio.wait([ended], timeout=_PROBE_INTERVAL_S)
                    if done:
                        await self._ended()
                        raise self._error(f"ended ({_words(ended.result())}) before it was ready")
        except TimeoutError:
            self._say("ended", f"not ready within {child.ready_deadline_s:g} s and killed")
            self._signal(signal.SIGKILL)
            await self._ended()
            raise self._error(f"was not ready within {child.ready_deadline_s:g} s") from None
        finally:
            ended.cancel()
        self._say("ready", "ready")

    async def _ended(self) -> int:
        """The exit code, once the process has ended, the rest of its group is killed and all output is read."""
        assert self.process is not None
        code = await self.process.wait()
        self._signal(signal.SIGKILL)
        self._group = None
        if self._reading is not None:
            # What has left the group may still hold the pipe.
            await asyncio.wait([self._reading], timeout=_LAST_OUTPUT_S)
            self._reading.cancel()
        return code

    async def _read(self, output_fd: int) -> None:
        output = asyncio.StreamReader()
        pipe = open(output_fd, "rb", buffering=0)  # noqa: ASYNC230, SIM115 (a pipe; the transport closes it)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(output), pipe
        )
        rest = b""
        try:
            while chunk := await output.read(_LINE_MAX_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._line(line)
                if len(rest) > _LINE_MAX_BYTES:
                    self._line(rest)
                    rest = b""
            if rest:
                self._line(rest)
        finally:
            transport.close()

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self._tail.append(text)
        self._say("line", text)

    def _signal(self, number: signal.Signals) -> None:
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
                os.killpg(self._group, number)

    def _say(self, kind: Kind, text: str) -> None:
        self._on_event(Event(self.child.name, kind, text))

    def _error(self, what: str) -> ChildError:
        return ChildError(self.child.name, what, list(self._tail) or _last_lines(self.child.log))


def _last_lines(log: Path | None) -> list[str]:
    if log is None or not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LINE_MAX_BYTES))
        return file.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]


def _words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
