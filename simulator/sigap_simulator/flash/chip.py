"""What a chip does for its program besides running it: it starts it anew, wakes it, and does not wait for it for ever.

`firmware/sigap_tracker/hal_unix.py` is the program's side. The reset cause is kept as in a register that survives a
reset, in a file of the unit's state folder; a start that finds none is a power-on.
"""

import contextlib
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import NoReturn

from sigap_boot import SLOT_FOLDERS
from sigap_boot.file_flash import FileFlash
from sigap_boot.start import start

EXIT_RESET, EXIT_ASLEEP = 75, 76
_CAUSE_FILE = "reset_cause"
_CRASHES = ("reset", "watchdog")  # where the program did not ask for it
_EXIT_SETTINGS = 2


class Chip:
    """One chip, whose program is this process. `state_dir` need not exist."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._cause_path = state_dir / _CAUSE_FILE
        self._cause = "power_on"

    def power_up(self) -> None:
        """Tell the program why it starts, and begin to watch it once it asks for it."""
        with contextlib.suppress(OSError):
            self._cause = self._cause_path.read_text()
            self._cause_path.unlink()
        os.environ["SIGAP_RESET_CAUSE"] = self._cause
        os.environ["SIGAP_WATCHDOG_FD"] = str(self._start_watchdog())

    def load(self) -> dict[str, bytes] | None:
        """Run the loader, as `firmware/boards/main.py` does on a board.

        Returns the chosen slot's files, path → content; None for the first slot as delivered.
        """
        slot = 0
        with contextlib.suppress(OSError):  # the program says why nothing can be kept there
            self._state_dir.mkdir(exist_ok=True)
            flash = FileFlash(str(self._state_dir / "flash.bin"))
            slot, _ = start(flash, self._cause in _CRASHES)
            flash.close()
        folder = self._state_dir / SLOT_FOLDERS[slot]
        if slot == 0 and not folder.exists():
            return None
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def ended(self, status: int) -> int:
        """The exit status of this process, unless the program is to run again: then this does not return."""
        if status == EXIT_RESET:
            self._restart("reset")
        if status == EXIT_ASLEEP and _wait_for_ignition():
            self._restart("ignition")
        if status not in (0, _EXIT_SETTINGS, EXIT_ASLEEP):
            self._note("reset")  # the program failed, and the loader would start it anew; here its parent does
        return 0 if status == EXIT_ASLEEP else status

    def _restart(self, cause: str) -> NoReturn:
        """In the same process, with the same lines to the world; a connection does not outlive the program."""
        self._note(cause)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.execv(sys.executable, [sys.executable, "-m", "sigap_simulator.flash.boot", *sys.argv[1:]])

    def _note(self, cause: str) -> None:
        with contextlib.suppress(OSError):
            self._cause_path.write_text(cause)

    def _start_watchdog(self) -> int:
        """Returns the descriptor to feed it by. It has to be another process: the interpreter holds this one."""
        reading, feeding = os.pipe()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchdog's end
        watched = os.getpid()
        if os.fork():
            os.close(reading)
            return feeding
        os.close(feeding)
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        timeout_s = None
        while select.select([reading], [], [], timeout_s)[0]:
            lines = os.read(reading, 4096).split()
            if not lines:
                os._exit(0)  # the program ended
            timeout_s = float(lines[-1])
        self._note("watchdog")
        with contextlib.suppress(ProcessLookupError):
            os.kill(watched, signal.SIGKILL)
        os._exit(0)


def state_dir(settings_path: str) -> Path:
    """The folder that the settings name; beside them if they are no settings, which the program will say."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return Path(str(json.loads(Path(settings_path).read_text(encoding="utf-8"))["state_dir"]))
    return Path(settings_path).parent


def _wait_for_ignition() -> bool:
    """A line on the control channel turns the ignition on, other lines reach nobody; False at the end of the input."""
    with contextlib.suppress(OSError):
        os.write(1, b'{"log": "asleep"}\n')
    line = b""
    while byte := os.read(0, 1):
        if byte != b"\n":
            line += byte
            continue
        with contextlib.suppress(ValueError):
            if json.loads(line) == {"ignition": 1}:
                return True
        line = b""
    return False
