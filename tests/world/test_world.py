"""The promises hold in every world: the real server and the firmware's order books, with everything going wrong.

Another world each seed; `python -m tests.world --seed N` tells the story of one.
"""

import os
import subprocess
import sys

import pytest

from tests.world.disk import Disk
from tests.world.ledger import BrokenError
from tests.world.world import play

WORLDS, AT_ONCE = 240, 8


@pytest.mark.parametrize("first", range(0, WORLDS, AT_ONCE))
def test_every_promise_is_kept(disk: Disk, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        try:
            play(disk, seed)
        except BrokenError as broken:
            told = "\n".join(broken.trace.lines(last=60))  # type: ignore[attr-defined]
            pytest.fail(f"{broken}\n\n{told}\n\npython -m tests.world --seed {seed}    # --shrink for less", False)


def test_a_seed_is_the_whole_world(disk: Disk) -> None:
    """Also in another process, where sets of names have another order."""
    here = play(disk, 7).lines()
    command = [sys.executable, "-m", "tests.world", "--seed", "7"]
    there = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True)
    assert there.stdout.splitlines() == here
    assert len(here) > 100
