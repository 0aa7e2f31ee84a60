"""Power may go at any moment of an update: one of the two versions starts, whole, and in the end the new one does."""

import json

from tests.portable.interpreters import run_micropython
from tests.support.tools import REPOSITORY

SCRIPT = REPOSITORY / "tests" / "firmware" / "update_cuts.py"


def test_at_every_operation_of_littlefs_and_of_the_boot_record() -> None:
    said = json.loads(run_micropython(["-X", "heapsize=16m", SCRIPT, "23"]))
    assert said["wrong"] == []
    assert said["operations"] > 100
    assert said["cuts"] > 5 * said["operations"]
    print(f"{said['operations']} operations, cut {said['cuts']} times in pairs")
