"""The machine is a MicroPython process: the receiver is a pty, the rest of the car is at stdin and stdout.

One JSON object a line. From the unit: {"display": base64 of 1024 bytes}, {"buzzer": [[hz, on_ms, off_ms], …]},
{"log": event, …}. To the unit: {"button": name} for a short press, {"down": name}, {"up": name}, {"health": 1},
{"self_test": 1}, {"ignition": 0 or 1}, {"supply_mv": number}, {"maintenance": 0 or 1}. The end of stdin ends the unit.

What a chip does besides running the program is done by who started the process, if anybody does it (boot.py of the
simulator). It learns by the exit status that the chip was reset or sleeps, and by bytes in a pipe that the watchdog was
fed; the other way it sets the environment: SIGAP_WATCHDOG_FD, SIGAP_RESET_CAUSE, SIGAP_TICKS_MS for a clock that does
not begin at 0.
"""

import asyncio
import binascii
import io
import json
import os
import select
import sys
import termios  # type: ignore[import-not-found]
import time

import framebuf

from sigap_boot.file_flash import FileFlash
from sigap_tracker import on_demand
from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.errors import SettingsError
from sigap_tracker.hal_sockets import look_up, open_connection
from sigap_tracker.interfaces import (
    HEALTH,
    MAINTENANCE,
    MAINTENANCE_OVER,
    SELF_TEST,
    Flash,
    Line,
    Notes,
    Securing,
    Stream,
)
from sigap_tracker.officer.orders import BUTTONS
from sigap_tracker.storage.settings import LINE_MODEM, Settings

_LINE_MAX_BYTES = 256
_LINES_MAX = 32
_POLL_MS = 20
_WRITE_BYTES = 512
_ASYNCIO_UNUSED = (
    "StreamReader stream Server start_server open_connection stream_awrite"
    " Stream.read Stream.readexactly Stream.get_extra_info;"
    "Loop core Loop.stop Loop.close Loop.run_forever Loop.set_exception_handler Loop.get_exception_handler;"
    "Event event ThreadSafeFlag;"
    "wait_for_ms funcs gather _Remove"
)
_EXIT_RESET, _EXIT_ASLEEP = 75, 76


class HostLine:
    """The host is in the network by itself."""

    signal_dbm: "int | None" = None
    status = "host"
    has_modem = False
    notes: "Notes | None" = None

    async def up(self) -> None:
        pass

    async def down(self) -> None:
        pass

    def is_up(self) -> bool:
        return True

    async def reset(self) -> None:
        pass

    async def power_cycle(self) -> None:
        pass

    async def off(self) -> None:
        pass


class Hal:
    """See Machine in interfaces.pyi."""

    images = None

    def __init__(self, settings: Settings) -> None:
        self.line: "Line" = HostLine()
        if settings.line == LINE_MODEM:
            try:
                port = on_demand.load("sigap_tracker.hal_unix_modem").Port(settings.modem_device)
            except OSError as error:
                raise SettingsError("modem.device is %r, which cannot be opened: %s" % (settings.modem_device, error))
            self.line = on_demand.load("sigap_tracker.network.modem").ModemLine(port, settings)
        self._gps_path = settings.gps
        self.slots_dir = settings.state_dir
        flash = self.open_flash(settings)
        assert flash is not None
        self.flash: Flash = flash
        if os.getenv("SIGAP_RESET_CAUSE") is None:  # nobody plays the chip: there was no loader
            on_demand.load("sigap_boot.start").start(flash, False)
        self.edge_ms = 0
        self._pixels = bytearray(1024)
        self.canvas = framebuf.FrameBuffer(self._pixels, 128, 64, framebuf.MONO_VLSB)
        self._shown_crc = 0
        self._dirty = False
        self._lines: "list[str]" = []
        self._lines_lost = 0
        self._rest = b""  # of what is being written
        self._output = asyncio.Event()
        self._input = asyncio.StreamReader(sys.stdin.buffer)
        self._ticks_offset_ms = int(os.getenv("SIGAP_TICKS_MS") or 0)
        self._watchdog: "io.FileIO | None" = None  # the pipe to who watches
        self._watchdog_line = b""
        self._ignition: "bool | None" = True if self.reset_cause() == "ignition" else None
        self._supply_mv: "int | None" = None
        on_demand.load("sigap_tracker.asyncio_parts").forget(_ASYNCIO_UNUSED)

    @staticmethod
    def open_flash(settings: "Settings | None") -> "Flash | None":
        if settings is None:
            return None
        try:
            os.mkdir(settings.state_dir)
        except OSError:
            pass  # it is there; if it cannot be made, writing below says so
        try:
            return FileFlash("%s/flash.bin" % settings.state_dir)
        except OSError as error:
            raise SettingsError("state_dir is %s, where nothing can be kept: %s" % (settings.state_dir, error))

    def show(self) -> None:
        crc = binascii.crc32(self._pixels)
        if crc != self._shown_crc:
            self._shown_crc = crc
            self._dirty = True
            self._output.set()

    def buzz(self, pattern: "tuple[tuple[int, ...], ...]") -> None:
        self._say({"buzzer": pattern})

    def log(self, event: str, **values: object) -> None:
        values["log"] = event
        self._say(values)

    def ticks_ms(self) -> int:
        return (time.ticks_ms() + self._ticks_offset_ms) & (TICKS_PERIOD_MS - 1)  # type: ignore[operator]

    def set_time_s(self, unix_s: int) -> None:
        pass  # the host's clock is right

    def ignition(self) -> "bool | None":
        return self._ignition

    def supply_mv(self) -> "int | None":
        return self._supply_mv

    def parts(self) -> "tuple[int, bool, bool]":
        return 0, True, True

    def reset_cause(self) -> str:
        return os.getenv("SIGAP_RESET_CAUSE") or "power_on"

    def reset(self) -> None:
        self._end(_EXIT_RESET)

    def shut_down(self) -> None:
        self._end(_EXIT_ASLEEP)

    def start_watchdog(self, timeout_s: int) -> None:
        descriptor = os.getenv("SIGAP_WATCHDOG_FD")
        if descriptor:
            self._watchdog = open(int(descriptor), "wb")
            self._watchdog_line = b"%d\n" % timeout_s
            self.feed_watchdog()

    def feed_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.write(self._watchdog_line)

    def open_gps(self) -> "Stream":
        port = open(self._gps_path, "rb")
        try:
            attributes = termios.tcgetattr(port.fileno())
            if attributes[0] or attributes[1] & 1:  # setraw() throws away what has come, so only where it is needed
                termios.setraw(port.fileno())
                attributes = termios.tcgetattr(port.fileno())
            # A read must take what is there. As setraw() leaves it, one would wait for a whole buffer of bytes and
            # stop everything else. VMIN and VTIME are the two entries that are numbers.
            attributes[6] = [0 if isinstance(item, int) else item for item in attributes[6]]
            termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
            # Only a line is opened for writing: what is written to a pipe or a file would be read from it.
            reading, port = port, open(self._gps_path, "r+b")
            reading.close()
        except OSError:
            pass  # a pipe
        return asyncio.StreamReader(port)  # type: ignore[return-value]  # one class for both ways

    def look_up(self, host: str) -> str:
        return look_up(host)

    async def open_connection(
        self, host: str, port: int, secure: "Securing | None"
    ) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
        return await open_connection(host, port, secure)

    async def next_event(self) -> "str | None":
        while True:
            line = await self._read_line()
            if line is None:
                return None
            event = self._event(line)
            if event:
                return event
            if event is None:
                self.log("control_refused", line=repr(bytes(line[:60])))

    async def _read_line(self) -> "bytearray | None":
        """A byte at a time: on a pipe that blocks, the first byte is all that a poll promises."""
        one = bytearray(1)
        line = bytearray()
        while await self._input.readinto(one):
            if one[0] == 10:
                return line
            if len(line) < _LINE_MAX_BYTES:  # the rest of a longer line is no JSON any more
                line.append(one[0])
        return None

    async def run_output(self) -> None:
        poll = select.poll()
        poll.register(sys.stdout.buffer, select.POLLOUT)
        while True:
            await self._output.wait()
            self._output.clear()
            while self._rest or self._lines or self._dirty:
                if poll.poll(0):
                    self._write_some()
                else:
                    await asyncio.sleep_ms(_POLL_MS)

    def _write_some(self) -> None:
        """After a poll a pipe takes PIPE_BUF bytes at least (4096 on Linux, 512 on macOS) without blocking. No
        coroutine: its frame would keep the last picture until the next one."""
        if not self._rest:
            self._rest = self._next_output()
        sys.stdout.buffer.write(self._rest[:_WRITE_BYTES])
        self._rest = self._rest[_WRITE_BYTES:]

    def _next_output(self) -> bytes:
        if self._lines:
            return self._lines.pop(0).encode()
        self._dirty = False
        return b'{"display": "%s"}\n' % binascii.b2a_base64(bytes(self._pixels), newline=False)

    def _say(self, values: "dict[str, object]") -> None:
        if len(self._lines) == _LINES_MAX:  # nobody reads: the latest lines count
            self._lines.pop(0)
            self._lines_lost += 1
        elif self._lines_lost and not self._lines:
            self._lines.append('{"log": "lines_lost", "lines": %d}\n' % self._lines_lost)
            self._lines_lost = 0
        self._lines.append(json.dumps(values) + "\n")
        self._output.set()

    def _event(self, line: bytearray) -> "str | None":
        """The event in a control line, "" if it only says how things are, None if it says nothing known."""
        try:
            said = json.loads(bytes(line))
        except ValueError:
            return None
        if not isinstance(said, dict) or len(said) != 1:
            return None
        ((what, value),) = said.items()
        if what in ("button", "down", "up"):
            self.edge_ms = self.ticks_ms()
            sign = "" if what == "button" else "+" if what == "down" else "-"
            return sign + value if value in BUTTONS else None
        if not isinstance(value, int) or value < 0:
            return None
        if what == "supply_mv":
            self._supply_mv = value
            return ""
        if what in ("health", "self_test") and value == 1:
            return HEALTH if what == "health" else SELF_TEST
        if what == "ignition" and value <= 1:
            self._ignition = value == 1
            return ""
        if what == "maintenance" and value <= 1:
            return MAINTENANCE if value else MAINTENANCE_OVER
        return None

    def _end(self, status: int) -> None:
        """Say what is left to say, as far as somebody reads it, and end the process."""
        poll = select.poll()
        poll.register(sys.stdout.buffer, select.POLLOUT)
        self._dirty = False
        while (self._rest or self._lines) and poll.poll(_POLL_MS):
            self._write_some()
        sys.exit(status)
