"""A unit that goes off takes its line down, and nothing brings it up again."""

from pathlib import Path

from tests.portable.interpreters import run_micropython


def test_the_line_stays_off() -> None:
    said = run_micropython([str(Path(__file__).with_name("line_off.py"))]).splitlines()
    assert said == ["up", "going off", "off", "shut down"]
