"""One disk for all worlds of a worker."""

import pytest

from tests.world.disk import Disk


@pytest.fixture(scope="session")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    return Disk(tmp_path_factory.mktemp("world"))
