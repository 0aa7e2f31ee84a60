"""A whole Sigap for the browser to talk to: `sigap serve` with its real broker, in a folder of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil

from sigap.ports import free_ports
from sigap_server import setup
from sigap_server.settings import Settings
from tests.console.radio import Radio
from tests.support.processes import Processes
from tests.support.waiting import eventually

START_S = 60.0
OPERATOR = setup.FIRST_OPERATOR
PASSWORD = "correct horse"


class City:
    """Starts with the given callsigns registered. `radio(callsign)` is that unit, not yet connected."""

    def __init__(self, folder: Path, processes: Processes, callsigns: list[str]) -> None:
        self._folder = folder
        self._processes = processes
        self._radios: list[Radio] = []
        self.http, self.mqtt, nats = free_ports(3)
        self.url = f"http://127.0.0.1:{self.http}"
        # Tests press at the same place, and each means a case of its own.
        policy = folder / "policy.toml"
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text("[queue]\nduplicate_within_s = 0\n")
        settings = Settings(
            data_dir=folder / "var",
            http={"port": self.http},
            mqtt={"port": self.mqtt, "nats_port": nats},
            # Every test presses from the same address.
            dispatch={"policy": policy},
            limits={"alerts_per_minute_per_address": 1000},
        )
        self._environment = settings.environment()
        setup.prepare(settings, operator_password=PASSWORD)
        wanted = [setup.NewUnit(f"unit-{number:02d}", callsign) for number, callsign in enumerate(callsigns, start=1)]
        made = setup.add_units(settings, wanted)
        self._credentials = dict(zip(callsigns, made, strict=True))
        self.start()

    def start(self) -> None:
        """Returns when the server answers and has its broker."""
        self._output = self._folder / "output"
        with self._output.open("ab") as output:
            self._serving = self._processes.start(
                [sys.executable, "-m", "sigap", "serve"],
                env=self._environment,
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually(self._is_up, START_S, "a server connected to its broker")

    def stop(self) -> None:
        """Broker and server end; their data stays."""
        self._serving.terminate()
        self._serving.wait(START_S)

    def kill_server(self) -> None:
        """The server dies at once; its supervisor starts another."""
        for child in psutil.Process(self._serving.pid).children():
            if "sigap_server" in child.cmdline():
                child.kill()
                return
        raise AssertionError("no server among the children")

    def radio(self, callsign: str) -> Radio:
        """The unit's side of the wire. It is disconnected by `close_radios`."""
        found = self._credentials[callsign]
        radio = Radio(self.mqtt, found.user, found.password)
        self._radios.append(radio)
        return radio

    def close_radios(self) -> None:
        """Every unit says goodbye."""
        while self._radios:
            self._radios.pop().close()

    def incidents(self, **parameters: str) -> list[dict[str, Any]]:
        """What the API lists, newest first."""
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            client.post("/api/v1/session", json={"name": OPERATOR, "password": PASSWORD}).raise_for_status()
            found: list[dict[str, Any]] = client.get("/api/v1/incidents", params=parameters).raise_for_status().json()
            return found

    def units(self) -> dict[str, dict[str, Any]]:
        """What the API lists, by unit_id."""
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            client.post("/api/v1/session", json={"name": OPERATOR, "password": PASSWORD}).raise_for_status()
            found: list[dict[str, Any]] = client.get("/api/v1/units").raise_for_status().json()
            return {unit["unit_id"]: unit for unit in found}

    def _is_up(self) -> bool:
        assert self._serving.poll() is None, self._output.read_text()
        try:
            status = httpx.get(f"{self.url}/api/v1/status", trust_env=False, timeout=5).json()
        except httpx.HTTPError:
            return False
        return bool(status["broker"] == "connected")
