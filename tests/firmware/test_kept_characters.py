"""MicroPython keeps each character for good that a program looks at as a text: a unit is not to do that with what it is
sent, or texts in a large script would fill its memory."""

import re
from pathlib import Path

from tests.portable.interpreters import run_micropython

SCRIPT = Path(__file__).with_name("kept_characters.py")


def test_texts_that_come_and_go_leave_nothing_behind() -> None:
    before, after = map(int, re.findall(r"n_qstr=(\d+)", run_micropython([SCRIPT])))
    assert before == after
