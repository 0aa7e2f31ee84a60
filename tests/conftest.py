"""Fixtures for every part's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sigap_tracker.build import BUILD_TIME_S
from tests.support.ports import free_port
from tests.support.processes import Processes
from tests.support.tools import require_shared_data

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("sigap", settings(deadline=None))
settings.load_profile("sigap")

# The tests' drives were before the newest commit: a unit would take them for drives of twenty years later.
os.environ["SOURCE_DATE_EPOCH"] = str(BUILD_TIME_S)

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
