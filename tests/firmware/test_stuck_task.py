"""A task that hangs is ended and started again, and the watchdog is not fed before that."""

from pathlib import Path

from tests.portable.interpreters import run_micropython


def test_a_task_that_hangs() -> None:
    said = run_micropython([str(Path(__file__).with_name("stuck_task.py"))]).splitlines()
    assert said == ["fed"] * 3 + ["task_failed gps stuck", "started again", "fed"]
