"""Fixtures for every part's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.ports import free_port
from tests.support.processes import Processes
from tests.support.tools import require_shared_data

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("sigap", settings(deadline=None))
settings.load_profile("sigap")

pytest_plugins = ["pytester", "tests.support.sharing", "tests.support.skips"]


@pytest.fixture
def shared_data() -> Path:
    """The folder of recorded data of others; skips where it is absent."""
    return require_shared_data()


@pytest.fixture
def port() -> int:
    """A TCP port nobody listens on."""
    return free_port()


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Starts child processes that are gone, with all their own children, when the test ends."""
    started = Processes()
    yield started
    started.stop_all()
