"""Installations with real brokers, databases and sockets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from sigap_server import access
from tests.support.installation import Installation
from tests.support.processes import Processes

Install = Callable[..., Installation]


@pytest.fixture(autouse=True)
def _quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is hashed three times a test, and each time a third of what the test takes: here at argon2's least
    cost. What proves something about passwords has the real one."""
    if request.path.stem != "test_access":
        monkeypatch.setattr(access, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


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
