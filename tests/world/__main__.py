"""python -m tests.world --seed N: play one world and tell its story; or look for broken promises among many.

--seed N               one world, with everything that happens in it
--seed N --steps K     its first K strokes of fate only
--seed N --shrink      the fewest strokes of fate that break the same promise, told
--seeds FIRST COUNT    many worlds; the seeds that break a promise, and how fast it went
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.world.disk import Disk
from tests.world.ledger import BrokenError
from tests.world.world import STEPS, play


def main() -> int:
    """Exit code 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.world", description="Worlds around the real server")
    parser.add_argument("--seed", type=int, help="play this world and tell what happens")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"so many strokes of fate (default: {STEPS})")
    parser.add_argument("--shrink", action="store_true", help="find the fewest strokes that break a promise")
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("FIRST", "COUNT"), help="play many worlds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(Path(folder))
        if arguments.seeds:
            return _search(disk, *arguments.seeds, arguments.steps)
        if arguments.seed is None:
            parser.error("one of --seed and --seeds is needed")
        steps = _shrunk(disk, arguments.seed, arguments.steps) if arguments.shrink else arguments.steps
        try:
            play(disk, arguments.seed, steps, echo=True)
        except BrokenError as broken:
            print(f"\nseed {arguments.seed}, {steps} steps: {broken}")
            return 1
    return 0


def _search(disk: Disk, first: int, count: int, steps: int) -> int:
    begin_s, found = time.perf_counter(), 0
    for seed in range(first, first + count):
        broken = _outcome(disk, seed, steps)
        if broken is not None:
            found += 1
            print(f"--seed {seed}  {str(broken)[:300]}", flush=True)
    print(f"{count} worlds, {found} broken, {count / (time.perf_counter() - begin_s):.1f} a second")
    return 1 if found else 0


def _shrunk(disk: Disk, seed: int, steps: int) -> int:
    """What happens in a world's first strokes does not depend on how many more come, so a number of them is enough to
    name a shorter story; whether it breaks the promise too is tried by halving."""
    broken = _outcome(disk, seed, steps)
    if broken is None:
        return steps
    enough, too_few = steps, -1
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        now = _outcome(disk, seed, middle)
        if now is not None and now.promise == broken.promise:
            enough = middle
        else:
            too_few = middle
    return enough


def _outcome(disk: Disk, seed: int, steps: int) -> BrokenError | None:
    try:
        play(disk, seed, steps)
    except BrokenError as broken:
        return broken
    return None


if __name__ == "__main__":
    sys.exit(main())
