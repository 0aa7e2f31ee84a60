"""MicroPython for tests: the unix port with the firmware's packages and this repository to import from."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from tests.portable import answers
from tests.support.tools import REPOSITORY, require_tool

T = TypeVar("T")


def run_micropython(arguments: Sequence[str | Path], deadline_s: float = 100.0) -> str:
    """What `micropython ARGUMENTS` prints. Fails the test if it does not end well; skips it where there is none."""
    environment = {**os.environ, "MICROPYPATH": f".frozen:{REPOSITORY / 'firmware'}:{REPOSITORY}"}
    child = subprocess.run(
        [require_tool("micropython"), *map(str, arguments)],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=deadline_s,
        check=False,
    )
    assert child.returncode == 0, child.stderr or child.stdout
    return child.stdout


def samples(strategy: SearchStrategy[T], count: int) -> list[T]:
    """That many examples of a strategy, for a run that takes them all at once."""
    found: list[T] = []

    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found


def ask_both(function: str, arguments: Sequence[object], folder: Path) -> list[str]:
    """What `answers.FUNCTION` says to each argument; fails where the two interpreters do not say the same."""
    questions = [[function, argument] for argument in arguments]
    file = folder / f"{function}.json"
    file.write_text(json.dumps(questions), encoding="utf-8")
    here = [line.encode("ascii", "backslashreplace").decode() for line in answers.answers(questions)]
    there = run_micropython(["-X", "heapsize=64m", answers.__file__, file]).splitlines()
    assert len(there) == len(here)
    for argument, ours, theirs in zip(arguments, here, there, strict=True):
        assert ours == theirs, f"{function}({argument!r})"
    return here
