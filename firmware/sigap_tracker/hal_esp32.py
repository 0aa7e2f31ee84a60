"""The machine is an ESP32 or ESP32-S3 with an official MicroPython, 1.26 or newer; board.json says what hangs where.

docs/boards.md has the boards and what stands in board.json. The serial console takes and gives one JSON object a line:
from the unit {"log": event, …}, to the unit {"health": 1}, {"self_test": 1} and {"maintenance": 0 or 1}.
"""

import asyncio
import json
import time

import esp32
import framebuf
import machine
import network

from sigap_boot.partition_flash import PartitionFlash
from sigap_tracker import on_demand
from sigap_tracker.build import BUILD_TIME_S
from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.drivers.buzzer import Buzzer
from sigap_tracker.drivers.chip import Board
from sigap_tracker.drivers.console import Console
from sigap_tracker.drivers.edges import Edges
from sigap_tracker.drivers.oled import Oled
from sigap_tracker.drivers.supply import Supply
from sigap_tracker.errors import SettingsError
from sigap_tracker.hal_sockets import look_up, open_connection
from sigap_tracker.interfaces import Flash, Images, Line, ModemPort, Securing, Stream
from sigap_tracker.storage.settings import LINE_WIFI, Settings

_BOARD = "board.json"  # in the folder the unit runs in, which is the file system's top
_RECEIVER_BUFFER = 2048  # two seconds of all that a receiver says at 9600 Bd
_MODEM_BUFFER = 4096  # a third of a second at 115,200 Bd: the flash, while it erases, lets nobody else run
_REFRESH_MS = 1000
_I2C_TIMEOUT_US = 10000  # a bus that is held by a broken display
_LOOK_AGAIN_MS = 600000  # asleep without an ignition to wake the unit
_TONE_HZ = 1000
_YEAR_2000_S = 946684800
_CLOCK_OFF_S = 5  # set it only then: a fix comes every second

# By machine.reset_cause(), from 1 on; a deep sleep ends by the ignition.
_CAUSES = "unknown power_on reset watchdog ignition reset"
_ASYNCIO_UNUSED = "StreamReader stream Server start_server open_connection stream_awrite"


class Hal:
    """See Machine in interfaces.pyi."""

    def __init__(self, settings: Settings) -> None:
        self._pixels = bytearray(1024)
        self.canvas = framebuf.FrameBuffer(self._pixels, 128, 64, framebuf.MONO_VLSB)
        self._shown = asyncio.Event()
        self._console = Console(self._heard)
        self._events: "list[str]" = []
        self._changed = asyncio.ThreadSafeFlag()
        self._watchdog: "machine.WDT | None" = None
        self.set_earliest_time_s(BUILD_TIME_S)
        board = _board()
        try:
            self._set_up(board)
            self._modem = _modem(board) if "modem" in board and settings.line != LINE_WIFI else None
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError("%s does not fit this chip or firmware: %r" % (_BOARD, error))
        if self._modem is None:
            network.hostname(settings.unit_id)
            wlan = network.WLAN(network.WLAN.IF_STA)
            wifi = on_demand.load("sigap_tracker.drivers.wifi")
            self.line: "Line" = wifi.WifiLine(wlan, settings.wifi_ssid, settings.wifi_password)
        else:
            settings.modem_family = board["modem"]["family"]
            self.line = on_demand.load("sigap_tracker.network.modem").ModemLine(self._modem, settings)
        on_demand.load("sigap_tracker.asyncio_parts").forget(_ASYNCIO_UNUSED)

    def _set_up(self, board: "Board") -> None:
        if "hold" in board:  # first of all: the supply goes when nobody holds it
            self._hold: "machine.Signal | None" = _output(board["hold"]["pin"], board["hold"]["on_level"])
            self._hold.on()
        else:
            self._hold = None
        self._gps = board["gps"]
        display = board["display"]
        bus = machine.I2C(
            display["i2c"],
            scl=machine.Pin(display["scl"]),
            sda=machine.Pin(display["sda"]),
            freq=display["frequency_hz"],
            timeout=_I2C_TIMEOUT_US,
        )
        self._oled = Oled(bus, display["address"], display["kind"])
        self._edges = Edges()
        self.edge_ms = 0
        self._button_names = list(board["buttons"])
        self._buttons = [
            _Button(self._edges, line, board["buttons"][name], self._changed)
            for line, name in enumerate(self._button_names)
        ]
        self._buzzer = None
        if "buzzer" in board:  # which a PWM as it comes would sound at once
            self._buzzer = Buzzer(machine.PWM(machine.Pin(board["buzzer"]["pin"]), freq=_TONE_HZ, duty_u16=0))
        self._ignition_pin = machine.Pin(board["ignition"]["pin"], machine.Pin.IN) if "ignition" in board else None
        self._ignition_on = board["ignition"]["on_level"] if "ignition" in board else 1
        self._supply = None
        if "supply" in board:
            supply = board["supply"]
            meter = machine.ADC(machine.Pin(supply["pin"]), atten=machine.ADC.ATTN_11DB)
            self._supply = Supply(meter, supply["upper_ohm"], supply["lower_ohm"])
        self.flash: "Flash" = self.open_flash(None)
        self.slots_dir = "."  # the top of the file system, in which the unit runs

    @staticmethod
    def open_flash(settings: "Settings | None") -> "Flash":
        """The unit's records, which are where they are whatever the settings say. Raises SettingsError."""
        found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="sigap")
        if not found:
            raise SettingsError("no partition named sigap in the chip's flash")
        return PartitionFlash(found[0])

    def images(self) -> "Images | None":
        images: "Images | None" = on_demand.load("sigap_boot.images").open_images(esp32.Partition)
        return images

    # Screen, buzzer, console.

    def show(self) -> None:
        self._shown.set()

    def buzz(self, pattern: "tuple[tuple[int, ...], ...]") -> None:
        if self._buzzer is not None:
            self._buzzer.play(pattern)

    def log(self, event: str, **values: object) -> None:
        values["log"] = event
        self._console.say(values)

    async def run_output(self) -> None:
        works = [self._show_pictures(), self._check_buttons(), self._console.write(), self._console.read()]
        if self._buzzer is not None:
            works.append(self._buzzer.run())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _show_pictures(self) -> None:
        while True:
            try:
                # Also when nothing changed: a display that was lost is looked for again.
                await asyncio.wait_for_ms(self._shown.wait(), _REFRESH_MS)
            except asyncio.TimeoutError:
                pass
            self._shown.clear()
            while self._oled.send(self._pixels):
                await asyncio.sleep_ms(0)

    async def _check_buttons(self) -> None:
        """A chip that is busy, as with its flash, takes only a few interrupts: what it missed is seen here."""
        while True:
            await asyncio.sleep_ms(_REFRESH_MS)
            for button in self._buttons:
                button.check()

    def _heard(self, event: str) -> None:
        self._events.append(event)
        self._changed.set()

    async def next_event(self) -> "str | None":
        while True:
            if self._events:
                return self._events.pop(0)
            edge = self._edges.take()
            if edge is None:
                await self._changed.wait()
            else:
                self.edge_ms = edge[2] & (TICKS_PERIOD_MS - 1)
                return ("-" if edge[1] else "+") + self._button_names[edge[0]]

    # Receiver and network.

    def open_gps(self) -> "Stream":
        gps = self._gps
        port = machine.UART(gps["uart"], gps["baud"], tx=gps["tx"], rx=gps["rx"], rxbuf=_RECEIVER_BUFFER, timeout=0)
        return asyncio.StreamReader(port)  # type: ignore[return-value]  # one class for both ways

    def look_up(self, host: str) -> str:
        return look_up(host)

    async def open_connection(
        self, host: str, port: int, secure: "Securing | None"
    ) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
        return await open_connection(host, port, secure)

    # Clock and power.

    def ticks_ms(self) -> int:
        return time.ticks_ms() & (TICKS_PERIOD_MS - 1)  # type: ignore[operator]

    def set_time_s(self, unix_s: int) -> None:
        epoch_s = _epoch_s()
        if abs(time.time() + epoch_s - unix_s) < _CLOCK_OFF_S:
            return
        now = time.gmtime(unix_s - epoch_s)
        machine.RTC().datetime((now[0], now[1], now[2], now[6], now[3], now[4], now[5], 0))

    def set_earliest_time_s(self, unix_s: int) -> None:
        """A chip begins in 2000, when no broker's certificate was valid: until a fix says the time, it is at least the
        time of the firmware's making."""
        if time.time() + _epoch_s() < unix_s:
            self.set_time_s(unix_s)

    def ignition(self) -> "bool | None":
        return None if self._ignition_pin is None else self._ignition_pin.value() == self._ignition_on

    def supply_mv(self) -> "int | None":
        return None if self._supply is None else self._supply.millivolts()

    def parts(self) -> "tuple[int, bool, bool]":
        held = 0
        for line, button in enumerate(self._buttons):
            held |= (1 - button.level()) << line
        return held, self._oled.answers, self._buzzer is not None

    def reset_cause(self) -> str:
        causes = _CAUSES.split()
        cause = machine.reset_cause()
        return causes[cause if 0 < cause < len(causes) else 0]

    def reset(self) -> None:
        machine.reset()

    def shut_down(self) -> None:
        if self._modem is not None:
            self._modem.supply(False)
        if self._hold is not None:
            self._hold.off()  # the end, where the board can switch itself off
        if self._ignition_pin is not None and not self.ignition():
            esp32.wake_on_ext0(self._ignition_pin, bool(self._ignition_on))
            machine.deepsleep()
        # Shut down for another reason, such as an empty battery: look again later.
        machine.deepsleep(_LOOK_AGAIN_MS)

    def start_watchdog(self, timeout_s: int) -> None:
        self._watchdog = machine.WDT(timeout=timeout_s * 1000)

    def feed_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.feed()


def _epoch_s() -> int:
    """Unix time of the port's zero: 2000, unless it was built otherwise."""
    return _YEAR_2000_S if time.gmtime(0)[0] == 2000 else 0


class _Button:
    """A button between its pin and ground."""

    def __init__(self, edges: Edges, line: int, pin: int, changed: "asyncio.ThreadSafeFlag") -> None:
        self._edges = edges
        self._line = line
        self._changed = changed
        self._pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self._level = 1
        self._pin.irq(self._on_edge, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)

    def level(self) -> int:
        """0 while it is held."""
        return self._pin.value()

    def _on_edge(self, pin: machine.Pin) -> None:
        """Called between any two steps of the program."""
        self._level = pin.value()
        self._edges.put(self._line, self._level, time.ticks_ms())  # type: ignore[arg-type]
        self._changed.set()

    def check(self) -> None:
        if self._pin.value() != self._level:
            self._on_edge(self._pin)


def _modem(board: "Board") -> "ModemPort":
    modem = board["modem"]
    supply, reset = modem.get("power"), modem.get("reset")
    uart = machine.UART(modem["uart"], modem["baud"], tx=modem["tx"], rx=modem["rx"], rxbuf=_MODEM_BUFFER, timeout=0)
    port: "ModemPort" = on_demand.load("sigap_tracker.drivers.modem_port").UartModem(
        uart,
        _output(modem["power_key"], modem["power_key_level"]),
        None if reset is None else _output(reset, modem["reset_level"]),
        None if supply is None else _output(supply, 1),
        network.PPP,
    )
    return port


def _output(pin: int, on_level: int) -> machine.Signal:
    """Off from its first moment on."""
    return machine.Signal(machine.Pin(pin, machine.Pin.OUT, value=not on_level), invert=not on_level)


def _board() -> "Board":
    """What a board's TOML says of its pins, as checked when it was made."""
    try:
        with open(_BOARD) as file:
            board: "Board" = json.load(file)
            return board
    except OSError:
        raise SettingsError("%s is missing; it is made for each board and flashed with the firmware" % _BOARD)
    except ValueError:
        raise SettingsError("%s is not JSON" % _BOARD)
