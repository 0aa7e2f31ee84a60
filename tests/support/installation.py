"""A Sigap installation in a folder of its own: its settings, its units, its broker and its server."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from sigap_server import broker, setup
from sigap_server.broker import Credentials
from sigap_server.settings import (
    DispatchSettings,
    FleetSettings,
    HttpSettings,
    LimitsSettings,
    LogSettings,
    MqttSettings,
    RoadsSettings,
    Settings,
)
from tests.support.ports import accepts, free_port
from tests.support.processes import Processes
from tests.support.waiting import eventually

OPERATOR_PASSWORD = "correct horse battery"


class Installation:
    """Free ports, a new database, the operator "operator" with OPERATOR_PASSWORD. Nothing runs yet."""

    def __init__(self, folder: Path, processes: Processes, **sections: dict[str, Any]) -> None:
        mqtt = {"port": free_port(), "nats_port": free_port(), **sections.get("mqtt", {})}
        self.settings = Settings(
            data_dir=folder,
            http=HttpSettings(**{"port": free_port(), **sections.get("http", {})}),
            mqtt=MqttSettings(**mqtt),
            dispatch=DispatchSettings(policy=_policy(folder, sections.get("policy"))),
            roads=RoadsSettings(**sections.get("roads", {})),
            fleet=FleetSettings(**sections.get("fleet", {})),
            limits=LimitsSettings(**sections.get("limits", {})),
            log=LogSettings(level="warning"),
        )
        self._processes = processes
        self._broker: subprocess.Popen[Any] | None = None
        self._server: subprocess.Popen[Any] | None = None
        setup.prepare(self.settings, OPERATOR_PASSWORD)

    @property
    def url(self) -> str:
        """Where the server's pages and API are."""
        return f"http://127.0.0.1:{self.settings.http.port}"

    def add_units(self, *unit_ids: str) -> list[Credentials]:
        """Register units; the callsign is the unit_id in capitals."""
        return setup.add_units(self.settings, [setup.NewUnit(unit_id, unit_id.upper()) for unit_id in unit_ids])

    def start_broker(self) -> None:
        """Run the product's own broker with the configuration it wrote; returns when it accepts connections."""
        self._broker = self._processes.start(broker.broker_argv(self.settings), stderr=subprocess.DEVNULL)
        eventually(lambda: self._lives(self._broker, "broker") and accepts(self.settings.mqtt.port))

    def kill_broker(self) -> None:
        """SIGKILL."""
        _kill(self._broker)

    def start_server(self, *, ready: bool = True, env: dict[str, str] | None = None) -> "subprocess.Popen[Any]":
        """Run `python -m sigap_server`; returns when its port accepts connections."""
        self._server = self._processes.start(self.server_argv(), env={**self.settings.environment(), **(env or {})})
        if ready:
            eventually(lambda: self._lives(self._server, "server") and accepts(self.settings.http.port), deadline_s=30)
        return self._server

    def server_argv(self) -> Sequence[str]:
        """The server's command."""
        return [sys.executable, "-m", "sigap_server"]

    def kill_server(self) -> None:
        """SIGKILL."""
        _kill(self._server)

    def stop_server(self) -> int:
        """SIGTERM; the exit code."""
        assert self._server is not None
        self._server.send_signal(signal.SIGTERM)
        code = self._server.wait(15)
        self._server = None
        return code

    @staticmethod
    def _lives(child: "subprocess.Popen[Any] | None", name: str) -> bool:
        assert child is not None
        assert child.poll() is None, f"{name} ended with {child.returncode}"
        return True


def _policy(folder: Path, rules: dict[str, Any] | None) -> Path | None:
    if rules is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "policy.toml"
    path.write_text(tomli_w.dumps(rules))
    return path


def _kill(child: "subprocess.Popen[Any] | None") -> None:
    assert child is not None
    os.killpg(child.pid, signal.SIGKILL)
    child.wait(10)
