"""`sigap demo` as a user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from sigap.ports import free_ports
from sigap_roads.city import default_city
from sigap_roads.file import save
from tests.support.processes import Processes
from tests.support.tools import require_shared_data, require_tool
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(180)

STEPS = ["alert_received", "offered", "order_received", "accepted", "assigned", "on_scene", "clear", "closed"]


@pytest.fixture(autouse=True)
def _micropython() -> None:
    require_tool("micropython")


def sigap(folder: Path, *arguments: str, deadline_s: float = 150) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "sigap", *arguments]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=deadline_s, check=False)


class Demo:
    """A running `sigap demo` on free ports in a folder of its own."""

    def __init__(self, folder: Path, processes: Processes, *arguments: str) -> None:
        http, mqtt, nats, screens = free_ports(4)
        (folder / "sigap.toml").write_text(f"[http]\nport = {http}\n[mqtt]\nport = {mqtt}\nnats_port = {nats}\n")
        self.url = f"http://127.0.0.1:{http}"
        self.screens_url = f"http://127.0.0.1:{screens}"
        self._output = folder / "output"
        argv = [sys.executable, "-m", "sigap", "demo", "--screen-port", str(screens), *arguments]
        with self._output.open("wb") as output:
            self.process = processes.start(
                argv, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env={"COLUMNS": "200"}
            )

    def said(self) -> str:
        return self._output.read_text()

    def password(self) -> str:
        """Printed with the links, once everything runs."""

        def printed() -> str:
            assert self.process.poll() is None, self.said()
            found = re.search(r"log in as operator with (\S+)", self.said())
            return found.group(1) if found else ""

        return eventually(printed, 90, "the links and the login")

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Logged in."""
        login = {"name": "operator", "password": self.password()}
        with httpx.Client(base_url=self.url, trust_env=False, timeout=10) as client:
            client.post("/api/v1/session", json=login).raise_for_status()
            yield client


def test_once_tells_the_whole_story(tmp_path: Path) -> None:
    done = sigap(tmp_path, "demo", "--once", "--json", "--units", "4")
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)
    assert story["units"] == {"count": 4, "kind": "micropython"}
    timeline = story["incident"]["timeline"]
    kinds = [entry["kind"] for entry in timeline]
    assert [kind for kind in kinds if kind in STEPS] == STEPS
    assert [entry["time_ms"] for entry in timeline] == sorted(entry["time_ms"] for entry in timeline)
    nearest = min(story["candidates"], key=lambda candidate: candidate["eta_s"])
    assert len(story["candidates"]) == 4
    assert story["chosen"]["unit_id"] == nearest["unit_id"]
    assert story["chosen"]["method"] == "road"
    assert nearest["unit_id"] not in story["chosen"]["why"].split("; ")[-1]
    assert 0 <= story["transport_ms"]["order"] < 10_000
    # The unit says what it does after it has done it: the server may have heard of it first.
    assert -10_000 < story["transport_ms"]["acknowledgement"] < 10_000
    assert story["counters"]["server"]["ingest.quarantined"] == 0
    assert story["counters"]["units"][nearest["unit_id"]]["acks"]["accepted"] == 1
    assert story["counters"]["citizens"]["confirmed"] == 1
    assert list((tmp_path / "var").iterdir()) == [], "something was left behind"


def test_a_map_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a map")
    done = sigap(tmp_path, "demo", "--once", "--units", "1", "--roads", "holiday.jpg")
    assert done.returncode == 2
    assert "sigap: holiday.jpg is no PBF file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broker_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "sigap.toml").write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')  # nobody listens there
    done = sigap(tmp_path, "demo", "--once", "--units", "1", "--protocol-units")
    assert done.returncode == 2
    assert done.stderr.startswith("sigap: no broker answers at 127.0.0.1:1")
    assert "mqtt.url" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_everything_in_another_city_too(tmp_path: Path, processes: Processes) -> None:
    roads = tmp_path / "other.roads"
    save(default_city(2, middle=(-7.25, 112.75)), roads)
    demo = Demo(tmp_path, processes, "--units", "3", "--press-every", "0", "--roads", str(roads))
    with demo.client() as client:
        for path, words in (("/", "Sigap"), ("/alert", "Sigap")):
            page = client.get(path)
            assert page.status_code == 200
            assert words in page.text
        assert httpx.get(f"{demo.screens_url}/unit/1", trust_env=False).status_code == 200
        children = psutil.Process(demo.process.pid).children(recursive=True)
        assert len(children) >= 5, "broker, server and three units"
        body = {"id": str(uuid.uuid4()), "lat": -7.25, "lon": 112.75, "kind": "drill"}
        eventually(lambda: all(unit["lat"] for unit in client.get("/api/v1/units").json()), 40, "positions")
        for unit in client.get("/api/v1/units").json():
            assert abs(unit["lat"] + 7.25) < 0.03
            assert abs(unit["lon"] - 112.75) < 0.03
        assert re.search(r"other\.roads: \d,\d{3} junctions", demo.said())
        assert client.post("/api/v1/alerts", json=body).status_code == 201
        eventually(lambda: "has the order on its screen" in demo.said(), 20, "the alert's story in the terminal")
    os.kill(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(30) == 128 + signal.SIGINT
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path, processes: Processes) -> None:
    first = Demo(tmp_path, processes, "--units", "1", "--press-every", "0")
    first.password()
    second = sigap(tmp_path, "demo", "--units", "1")
    assert second.returncode == 2
    port = first.url.rsplit(":", 1)[1]
    assert f"port {port}" in second.stderr
    assert "http.port" in second.stderr
    screens = first.screens_url.rsplit(":", 1)[1]
    third = sigap(tmp_path, "demo", "--units", "1", "--screen-port", screens)
    assert third.returncode == 2
    assert f"port {screens}" in third.stderr
    assert "--screen-port" in third.stderr
    assert first.process.poll() is None, "the first one is left alone"


def test_bad_options_are_explained(tmp_path: Path) -> None:
    for arguments, words in (
        (["--json"], "--once"),
        (["--nmea", "no-such-file.log"], "no-such-file.log"),
        (["--language", "xx"], "id or en"),
        (["--units", "0"], "--units"),
    ):
        done = sigap(tmp_path, "demo", *arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr, arguments
        assert "Traceback" not in done.stderr


def test_a_recorded_drive_moves_unit_1_on_the_map(tmp_path: Path, processes: Processes) -> None:
    log = require_shared_data("nmea") / "drive-tahoe-a.log"
    demo = Demo(tmp_path, processes, "--units", "2", "--press-every", "0", "--nmea", str(log), "--speed", "20")
    seen: set[tuple[float, float]] = set()
    with demo.client() as client:

        def drove() -> bool:
            unit = next(u for u in client.get("/api/v1/units").json() if u["unit_id"] == "unit-01")
            if unit["lat"] is not None:
                seen.add((unit["lat"], unit["lon"]))
            return len(seen) >= 5

        eventually(drove, 60, "five positions of unit 1")
        assert all(abs(lat - 39.4) < 0.5 and abs(lon + 119.8) < 0.5 for lat, lon in seen)

        def other_lat() -> float:
            units = client.get("/api/v1/units").json()
            return float(next(unit["lat"] or 0.0 for unit in units if unit["unit_id"] == "unit-02"))

        assert abs(eventually(other_lat, 40, "a position of unit 2") - 39.4) < 0.5, "the others drive nearby"
