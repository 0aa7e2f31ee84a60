"""Real brokers that take units over TLS alone; the server's side of a test reaches them without where they can."""

import getpass
import signal
import subprocess
from pathlib import Path
from typing import Any, Protocol

from sigap.bench.authority import Files
from sigap_server import broker, setup
from tests.firmware.real_broker import UNIT_ID
from tests.support.installation import Installation
from tests.support.ports import accepts, free_port
from tests.support.processes import Processes
from tests.support.tools import require_tool
from tests.support.waiting import eventually

PSK_IDENTITY, PSK = "unit-01", "00112233445566778899aabbccddeeff"


class TlsBroker(Protocol):
    port: int
    control_port: int
    control_needs_tls: bool
    unit_password: str
    control_user: str
    control_password: str

    def start(self, files: Files) -> None:
        """With this certificate."""

    def stop(self) -> None: ...


class TlsNats:
    """The product's own broker with its exact permissions; its MQTT side has one port, under TLS for everybody."""

    control_needs_tls = True

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._installation = Installation(folder, processes)
        settings = self._installation.settings
        self.port = self.control_port = settings.mqtt.port
        (unit,) = self._installation.add_units(UNIT_ID)
        self.unit_password = unit.password
        self.control_user = broker.SERVER_USER
        self.control_password = setup.read_identity(settings).password
        self._plain = broker.config_path(settings).read_text()

    def start(self, files: Files) -> None:
        tls = f'mqtt {{\n  tls {{ cert_file: "{files.certificate}", key_file: "{files.key}" }}\n'
        assert "mqtt {\n" in self._plain
        broker.config_path(self._installation.settings).write_text(self._plain.replace("mqtt {\n", tls))
        self._installation.start_broker()

    def stop(self) -> None:
        self._installation.kill_broker()


class TlsMosquitto:
    """A port under TLS and one without; `psk` adds one that knows the key PSK."""

    control_needs_tls = False

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._program = require_tool("mosquitto")
        self._folder, self._processes = folder, processes
        self._process: subprocess.Popen[Any] | None = None
        folder.mkdir()
        self.port, self.control_port, self.psk_port = free_port(), free_port(), free_port()
        self.unit_password = self.control_password = "secret"
        self.control_user = "control"

    def start(self, files: Files) -> None:
        keys = self._folder / "psk"
        keys.write_text(f"{PSK_IDENTITY}:{PSK}\n")
        config = self._folder / "mosquitto.conf"
        lines = (
            "allow_anonymous true",
            "per_listener_settings false",
            f"user {getpass.getuser()}",
            "log_type error",
            f"listener {self.control_port} 127.0.0.1",
            f"listener {self.port} 127.0.0.1",
            f"certfile {files.certificate}",
            f"keyfile {files.key}",
            f"listener {self.psk_port} 127.0.0.1",
            "psk_hint sigap",
            f"psk_file {keys}",
        )
        config.write_text("\n".join(lines) + "\n")
        self._process = self._processes.start([self._program, "-c", config], stderr=subprocess.DEVNULL)
        eventually(lambda: accepts(self.port) and accepts(self.psk_port))

    def reload(self) -> None:
        """Its certificate's files have other content now."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)


TLS_BROKERS = {"nats": TlsNats, "mosquitto": TlsMosquitto}
