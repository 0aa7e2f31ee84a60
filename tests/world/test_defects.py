"""The worlds find what is wrong: each defect, planted alone, breaks a promise within a few seeds."""

import pytest

from tests.world.defects import DEFECTS
from tests.world.disk import Disk
from tests.world.ledger import BrokenError
from tests.world.world import play

ENOUGH = 200


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name: str, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    DEFECTS[name](monkeypatch)
    for seed in range(ENOUGH):
        try:
            play(disk, seed)
        except BrokenError as broken:
            print(f"{name}: seed {seed}: {broken}"[:300])
            return
    pytest.fail(f"{ENOUGH} worlds with this defect, and every promise seemed to be kept")
