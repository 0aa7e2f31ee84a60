"""Real brokers: the product's own NATS server with its exact permissions, and Mosquitto."""

import getpass
import signal
import subprocess
from pathlib import Path
from typing import Any, Protocol

from sigap_server import broker, setup
from tests.support.installation import Installation
from tests.support.ports import accepts, free_port
from tests.support.processes import Processes
from tests.support.tools import require_tool
from tests.support.waiting import eventually

UNIT_ID = "unit-01"


class RealBroker(Protocol):
    port: int
    unit_password: str
    control_user: str
    control_password: str

    def start(self) -> None: ...

    def stop(self) -> None:
        """Gone at once, with what it has on disk left there."""


class Nats:
    def __init__(self, folder: Path, processes: Processes) -> None:
        self._installation = Installation(folder, processes)
        self.port = self._installation.settings.mqtt.port
        (unit,) = self._installation.add_units(UNIT_ID)
        self.unit_password = unit.password
        self.control_user = broker.SERVER_USER
        self.control_password = setup.read_identity(self._installation.settings).password

    def start(self) -> None:
        self._installation.start_broker()

    def stop(self) -> None:
        self._installation.kill_broker()


class Mosquitto:
    """Ended by SIGTERM, at which it saves its sessions; killed it would have forgotten them."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._program = require_tool("mosquitto")
        self._processes = processes
        self._process: subprocess.Popen[Any] | None = None
        folder.mkdir()
        self.port = free_port()
        self.unit_password = self.control_password = "secret"
        self.control_user = "control"
        self._config = folder / "mosquitto.conf"
        lines = (
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            f"user {getpass.getuser()}",
            "log_type error",
        )
        self._config.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        self._process = self._processes.start([self._program, "-c", self._config], stderr=subprocess.DEVNULL)
        eventually(lambda: accepts(self.port))

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


BROKERS = {"nats": Nats, "mosquitto": Mosquitto}
