"""Real child processes: they start, are watched, and end, whatever happens to the process that started them."""

import asyncio
import os
import signal
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from sigap.child import Child, Event, Restart
from sigap.errors import ChildError
from sigap.supervisor import Supervisor
from tests.support.processes import Processes
from tests.support.waiting import eventually, eventually_async

QUICK = Restart(first_s=0.01, longest_s=0.05, limit=3)


def program(source: str, *arguments: object) -> list[str]:
    """Arguments that run `source` in a Python of its own."""
    return [sys.executable, "-u", "-c", textwrap.dedent(source), *map(str, arguments)]


def gone(pid: int) -> bool:
    """Whether the process has ended; a zombie that nobody has waited for has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def group_of(pid: int) -> list[int]:
    """Everybody in the process group that `pid` leads."""
    return [p.pid for p in psutil.process_iter() if not gone(p.pid) and _group(p.pid) == pid]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_children_stop_in_reverse_order_when_the_block_ends() -> None:
    events: list[Event] = []
    async with Supervisor(events.append) as supervisor:
        for name in ("first", "second"):
            await supervisor.start(Child(name, ["sleep", "1000"], ready=yes))
        pids = [supervisor.pid("first"), supervisor.pid("second")]
        assert not any(gone(pid) for pid in pids)
    assert all(gone(pid) for pid in pids)
    assert [(event.child, event.kind) for event in events] == [
        ("first", "started"),
        ("first", "ready"),
        ("second", "started"),
        ("second", "ready"),
        ("second", "stopped"),
        ("first", "stopped"),
    ]
    assert events[-1].text == "stopped (SIGTERM)"


async def test_output_comes_as_lines_whatever_its_form() -> None:
    events: list[Event] = []
    said = program(
        r"""
        import sys
        sys.stdout.buffer.write(b"one\r\ntwo \xff\n" + b"x" * 200_000 + b"\nerr")
        sys.stdout.flush()
        print("or", file=sys.stderr)
        """
    )
    async with Supervisor(events.append) as supervisor:
        await supervisor.start(Child("talker", said, restart=None))
        with pytest.raises(ChildError):
            await supervisor.wait()
    lines = [event.text for event in events if event.kind == "line"]
    assert lines[:2] == ["one", "two \N{REPLACEMENT CHARACTER}"]
    assert "".join(lines[2:-1]) == "x" * 200_000
    assert lines[-1] == "error"


async def test_environment_and_folder_are_the_childs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "1")
    events: list[Event] = []
    source = "import os; print(os.getcwd(), os.environ.get('SECRET_OF_THE_PARENT'), os.environ['COLOUR'])"
    child = Child(
        "child",
        program(source),
        env={"COLOUR": "green"},
        env_without=frozenset({"SECRET_OF_THE_PARENT"}),
        cwd=tmp_path,
        restart=None,
    )
    async with Supervisor(events.append) as supervisor:
        await supervisor.start(child)
        with pytest.raises(ChildError):
            await supervisor.wait()
    assert [event.text for event in events if event.kind == "line"] == [f"{tmp_path} None green"]


async def test_a_dead_child_is_started_again() -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(Child("child", ["sleep", "1000"], restart=QUICK))
        first = supervisor.pid("child")
        os.kill(first, signal.SIGKILL)
        await eventually_async(lambda: supervisor.pid("child") != first, what="another process")
        second = supervisor.pid("child")
        assert not gone(second)
    assert gone(second)


async def test_what_a_dead_child_leaves_behind_is_ended() -> None:
    """A grandchild that holds the dead child's output neither survives nor delays the restart."""
    events: list[Event] = []
    source = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid); raise SystemExit(7)"
    async with Supervisor(events.append) as supervisor:
        await supervisor.start(Child("child", program(source), restart=None))
        with pytest.raises(ChildError, match="exit code 7"):
            await supervisor.wait()
    grandchild = int(next(event.text for event in events if event.kind == "line"))
    eventually(lambda: gone(grandchild), what="the grandchild's end")


async def test_a_crash_loop_is_an_error_with_the_last_words() -> None:
    source = "import sys; print('cannot find the map', file=sys.stderr); sys.exit(3)"
    async with Supervisor() as supervisor:
        await supervisor.start(Child("router", program(source), restart=QUICK))
        with pytest.raises(ChildError) as caught:
            await supervisor.wait()
    assert str(caught.value).startswith("router ended 3 times within ")
    assert "last with exit code 3; its last lines:\n  router | cannot find the map" in str(caught.value)


async def test_the_last_words_may_be_in_a_file(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    source = f"open({str(log)!r}, 'w').write('one\\nno space left\\n'); raise SystemExit(1)"
    async with Supervisor() as supervisor:
        with pytest.raises(ChildError, match=r"before it was ready; its last lines:\n  broker \| one\n.*no space left"):
            await supervisor.start(Child("broker", program(source), ready=no, log=log))


async def test_a_child_that_ends_before_it_is_ready_is_an_error_at_once() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(ChildError, match=r"(?s)ended \(exit code 1\) before it was ready.*no such port"):
            await supervisor.start(Child("child", program("raise SystemExit('no such port')"), ready=no))


async def test_a_child_that_is_never_ready_is_ended() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(ChildError, match="was not ready within"):
            await supervisor.start(Child("child", ["sleep", "1000"], ready=no, ready_deadline_s=0.1))
        assert gone(supervisor.pid("child"))


async def test_a_program_that_does_not_exist_is_named() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(ChildError, match="cannot run /no/such/program: No such file"):
            await supervisor.start(Child("child", ["/no/such/program"], ready=no))


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    source = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); signal.pause()"
    events: list[Event] = []
    async with Supervisor(events.append) as supervisor:
        await supervisor.start(Child("child", program(source), stop_deadline_s=0.1))
        await eventually_async(lambda: any(event.text == "deaf" for event in events), what="its first word")
        pid = supervisor.pid("child")
    assert gone(pid)
    assert events[-1].text == "stopped (SIGKILL)"


async def test_nothing_of_the_group_is_left_after_a_stop() -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(Child("child", ["sleep", "1000"]))
        pid = supervisor.pid("child")
        await eventually_async(lambda: len(group_of(pid)) == 2, what="the program and its watcher")
    eventually(lambda: not group_of(pid), what="an empty process group")


# A supervisor in a process of its own; prints the children's process ids and waits.
SUPERVISED = """
import asyncio, sys
from sigap.child import Child
from sigap.signals import run
from sigap.supervisor import Supervisor

DEAF = '''
import signal, subprocess
subprocess.Popen(["sleep", "1000"])  # before the next line: an ignored signal is inherited
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pause()
'''

async def ready():
    return sys.argv[1] == "ready"

async def main():
    def tell(event):
        if event.kind == "started":
            print(supervisor.pid(event.child), flush=True)

    async with Supervisor(tell) as supervisor, asyncio.TaskGroup() as tasks:
        for name, argv in (("plain", ["sleep", "1000"]), ("deaf", [sys.executable, "-c", DEAF])):
            child = Child(name, argv, ready=ready, stop_deadline_s=float(sys.argv[2]))
            tasks.create_task(supervisor.start(child))
            await asyncio.sleep(0)
        tasks.create_task(supervisor.wait())

sys.exit(run(main()))
"""


@pytest.fixture
def supervised(processes: Processes):
    """Starts SUPERVISED; gives the process and the ids of "plain" and "deaf" once they are what they shall be."""

    def start(mode: str, stop_deadline_s: float = 0.2):
        parent = processes.start(program(SUPERVISED, mode, stop_deadline_s), stdout=-1, stderr=-1, text=True)
        plain, deaf = [int(parent.stdout.readline()) for _ in range(2)]
        eventually(lambda: len(group_of(plain)) == 2, what="the program and its watcher")
        eventually(lambda: len(group_of(deaf)) == 3, what="the program, its own child and its watcher")
        return parent, [plain, deaf]

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(supervised, number: signal.Signals) -> None:
    parent, pids = supervised("ready")
    parent.send_signal(number)
    _, said = parent.communicate(timeout=20)
    assert (parent.returncode, said) == (128 + number, "")
    assert all(gone(pid) for pid in pids)
    eventually(lambda: not any(group_of(pid) for pid in pids), what="the end of every group")


def test_ctrl_c_in_the_middle_of_the_start_ends_what_was_started(supervised) -> None:
    parent, pids = supervised("never ready")
    parent.send_signal(signal.SIGINT)
    _, said = parent.communicate(timeout=20)
    assert (parent.returncode, said) == (128 + signal.SIGINT, "")
    eventually(lambda: not any(group_of(pid) for pid in pids), what="the end of every group")


def test_a_second_ctrl_c_does_not_wait(supervised) -> None:
    parent, pids = supervised("ready", stop_deadline_s=1000)
    parent.send_signal(signal.SIGINT)
    eventually(lambda: len(group_of(pids[1])) == 2, what="the end of the child of the deaf one, which is not deaf")
    parent.send_signal(signal.SIGINT)
    parent.communicate(timeout=20)
    assert parent.returncode == 128 + signal.SIGINT
    eventually(lambda: not any(group_of(pid) for pid in pids), what="the end of every group")


def test_children_do_not_outlive_a_killed_supervisor(supervised) -> None:
    parent, pids = supervised("ready")
    parent.kill()
    parent.communicate(timeout=20)
    eventually(lambda: not any(group_of(pid) for pid in pids), what="the end of every group")


async def test_a_cancelled_start_ends_the_child() -> None:
    pids: list[int] = []

    async def start() -> None:
        async with Supervisor() as supervisor:
            starting = asyncio.create_task(supervisor.start(Child("child", ["sleep", "1000"], ready=no)))
            pids.append(await eventually_async(lambda: _pid(supervisor)))
            await starting

    task = asyncio.create_task(start())
    await eventually_async(lambda: bool(pids), what="a running child")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pids[0])


def _pid(supervisor: Supervisor) -> int | None:
    try:
        return supervisor.pid("child")
    except KeyError:
        return None
