"""Installations with real brokers, databases and sockets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.processes import Processes

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path, processes: Processes) -> Install:
    """Makes an installation; keyword arguments are sections of settings."""

    def make(**sections: dict[str, object]) -> Installation:
        return Installation(tmp_path / "data", processes, **sections)

    return make


@pytest.fixture
def installation(install: Install) -> Installation:
    """An installation with its broker running."""
    made = install()
    made.start_broker()
    return made
