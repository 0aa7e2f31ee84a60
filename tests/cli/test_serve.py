"""`sigap serve` with its real broker and server."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from sigap.ports import free_ports
from tests.support.ports import accepts
from tests.support.processes import Processes
from tests.support.waiting import eventually

START_S = 60.0


class Serving:
    """A running `sigap serve` and what it said, in a folder of its own."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.http, self.mqtt, self.nats = free_ports(3)
        (folder / "sigap.toml").write_text(
            f"[http]\nport = {self.http}\n[mqtt]\nport = {self.mqtt}\nnats_port = {self.nats}\n"
        )
        self.folder = folder
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = processes.start(
                [sys.executable, "-m", "sigap", "serve"], cwd=folder, stdout=output, stderr=subprocess.STDOUT
            )

    def said(self) -> str:
        return self.output.read_text()

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        if not accepts(self.http):
            return False
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.http}/api/v1/status", trust_env=False, timeout=5)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.json()["broker"] == "connected"

    def pid(self, word: str) -> int:
        """The process id of the child whose command line has the word."""
        for child in psutil.Process(self.process.pid).children():
            if word in " ".join(child.cmdline()):
                return child.pid
        raise AssertionError(f"no {word} among the children")

    def until_up(self) -> "Serving":
        eventually(self.is_up, START_S, "a server connected to its broker")
        eventually(lambda: "Citizen page" in self.said(), what="the links")
        return self


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A `sigap serve` that is up and stays so; its children may be killed."""
    processes = Processes()
    try:
        yield Serving(tmp_path_factory.mktemp("serving"), processes).until_up()
    finally:
        processes.stop_all(START_S)


@pytest.fixture
def serving(tmp_path: Path, processes: Processes) -> Serving:
    """A `sigap serve` that is up and may be ended."""
    return Serving(tmp_path, processes).until_up()


def test_it_says_where_it_is_and_who_may_log_in(lasting: Serving) -> None:
    words = lasting.said().split()
    assert f"http://localhost:{lasting.http}/alert" in words or f"http://127.0.0.1:{lasting.http}/alert" in words
    login = {"name": words[words.index("Operator") + 1], "password": words[words.index("Password") + 1]}
    answer = httpx.post(f"http://127.0.0.1:{lasting.http}/api/v1/session", json=login, trust_env=False)
    assert answer.status_code == 204


def test_a_killed_server_is_back(lasting: Serving) -> None:
    before = lasting.pid("sigap_server")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: "server │ ended (SIGKILL)" in lasting.said(), what="the notice of its end")
    eventually(lasting.is_up, START_S, "a server again")
    assert lasting.pid("sigap_server") != before


def test_a_killed_broker_is_back_and_the_server_finds_it(lasting: Serving) -> None:
    server = lasting.pid("sigap_server")
    os.kill(lasting.pid("nats-server"), signal.SIGKILL)
    eventually(lambda: "broker │ ended (SIGKILL)" in lasting.said(), what="the notice of its end")
    eventually(lasting.is_up, START_S, "a server connected to its broker again")
    assert lasting.pid("sigap_server") == server


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_it_ends(serving: Serving, number: signal.Signals) -> None:
    children = psutil.Process(serving.process.pid).children(recursive=True)
    assert len(children) >= 2
    serving.process.send_signal(number)
    code = serving.process.wait(START_S)
    assert code == (-number if number == signal.SIGKILL else 128 + number)
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert not any(accepts(port) for port in (serving.http, serving.mqtt, serving.nats))
    assert "Traceback" not in serving.said()


def test_it_can_be_started_again_on_the_same_data(serving: Serving, processes: Processes) -> None:
    serving.process.terminate()
    assert serving.process.wait(START_S) == 128 + signal.SIGTERM
    again = Serving(serving.folder, processes).until_up()
    assert "Password" not in again.said()


@pytest.mark.parametrize("setting", ["http.port", "mqtt.port", "mqtt.nats_port"])
def test_a_taken_port_is_named_and_nothing_is_started(tmp_path: Path, processes: Processes, setting: str) -> None:
    settings = dict(zip(("http.port", "mqtt.port", "mqtt.nats_port"), free_ports(3), strict=True))
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings[setting] = port = other.getsockname()[1]
        environment = {f"SIGAP_{key.replace('.', '__').upper()}": str(value) for key, value in settings.items()}
        done = processes.start([sys.executable, "-m", "sigap", "serve"], env=environment, cwd=tmp_path, stderr=-1)
        _, said = done.communicate(timeout=START_S)
    assert done.returncode == 2
    assert said.decode() == (
        f"sigap: port {port} on 127.0.0.1 is already in use; stop the program that listens there, "
        f"or choose another port with the setting {setting}\n"
    )
    assert not (tmp_path / "var").exists()


def test_an_unknown_setting_is_named(tmp_path: Path, processes: Processes) -> None:
    (tmp_path / "sigap.toml").write_text("[http]\nprot = 1\n")
    done = processes.start([sys.executable, "-m", "sigap", "serve"], cwd=tmp_path, stderr=-1)
    _, said = done.communicate(timeout=START_S)
    assert done.returncode == 2
    assert b"unknown setting http.prot" in said


def test_json_logs_are_json_to_the_last_line(tmp_path: Path, processes: Processes, monkeypatch) -> None:
    monkeypatch.setenv("SIGAP_LOG__FORMAT", "json")
    serving = Serving(tmp_path, processes)
    eventually(serving.is_up, START_S, "a server connected to its broker")
    eventually(lambda: '"event": "running"' in serving.said(), what="the links")
    serving.process.terminate()
    serving.process.wait(START_S)
    lines = [json.loads(line) for line in serving.said().splitlines()]
    running = next(line for line in lines if line["event"] == "running")
    assert running["console"].endswith(f":{serving.http}/")
    assert {"operator", "password"} < running.keys()
