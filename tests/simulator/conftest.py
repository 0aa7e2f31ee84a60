"""A broker of the simulator's own tests: NATS with an MQTT listener, everything allowed to one user."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap_simulator.unit import UnitAccount
from tests.support.ports import accepts, free_port
from tests.support.processes import Processes
from tests.support.waiting import eventually

USER, PASSWORD = "tester", "a password"


class Broker:
    """`start` and `kill` may be called again and again; sessions and messages survive on disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._processes = Processes()
        self._config = folder / "nats.conf"
        self._config.write_text(
            json.dumps(
                {
                    "server_name": "test",
                    "host": "127.0.0.1",
                    "port": free_port(),
                    "jetstream": {"store_dir": str(folder / "jetstream"), "sync_interval": "always"},
                    "mqtt": {"host": "127.0.0.1", "port": self.port, "ack_wait": "2s"},
                    "authorization": {"user": USER, "password": PASSWORD},
                }
            )
        )

    def start(self) -> None:
        program = Path(sys.executable).with_name("nats-server")
        path = str(program) if program.exists() else shutil.which("nats-server")
        assert path is not None, "nats-server is a dependency of the project"
        with (self._folder / "nats.log").open("ab") as log:
            self._processes.start([path, "-c", self._config], stdout=log, stderr=log)
        eventually(lambda: accepts(self.port), 20, "the broker listens")

    def kill(self) -> None:
        self._processes.stop_all(grace_s=5.0)

    def account(self, unit_id: str, keepalive_s: int = 4) -> UnitAccount:
        return UnitAccount(unit_id, "127.0.0.1", self.port, USER, PASSWORD, keepalive_s=keepalive_s)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = Broker(folder)
    broker.start()
    yield broker
    broker.kill()
