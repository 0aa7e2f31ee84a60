"""Child processes of a test, each in its own process group, all gone when the test ends."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import IO, Any


class Processes:
    """Starts children and ends them, with everything they started, at the end of the test."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[Any]] = []

    def start(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        env: dict[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        stdin: int | IO[Any] | None = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        text: bool = False,
    ) -> "subprocess.Popen[Any]":
        """A child in a new process group. `env` is added to this process's environment."""
        child = subprocess.Popen(
            [os.fspath(part) for part in argv],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=text,
            process_group=0,
        )
        self._children.append(child)
        return child

    def stop_all(self, grace_s: float = 5.0) -> None:
        """SIGTERM to every group, newest first, then SIGKILL to what is left."""
        for child in reversed(self._children):
            _signal_group(child, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(grace_s)
            _signal_group(child, signal.SIGKILL)
            child.wait(grace_s)
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        self._children.clear()


def _signal_group(child: "subprocess.Popen[Any]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
