"""What the application asks of the machine it runs on, and the MQTT link of the application.

One module a platform implements Machine as its class Hal: hal_unix.py does. Nothing else in this package may import
`machine`, `network`, `esp32` or `termios`. No method blocks: one that cannot do its work at once leaves it to
run_output() or is a coroutine.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any, Protocol

import framebuf

from sigap_tracker.storage.settings import Settings

Work = Coroutine[Any, Any, None]
WorkMaker = Callable[[], Work]
Restart = Callable[[str], None]
"""Starts the unit anew, soon and in order, for a reason in a few words."""
Events = Iterator[tuple[Any, ...]]
Steps = Generator[tuple[Any, ...], None, Any]
"""What is to be done, one step after the other, and what came of it in the end."""
Requests = Iterator[bytes | None]
Securing = Callable[[Any], Any]
"""A connected socket in, the same under TLS out."""
Pauses = Generator[None, None, None]
"""Work that can be left and gone on with at any pause in it, a few milliseconds of an ESP32 apart."""
Verdicts = Iterator[bool | None]
"""Such work that ends with what was found."""

class Stream(Protocol):
    """An asyncio stream both ways, as MicroPython's are."""

    async def readinto(self, buf: bytearray) -> int | None: ...
    def write(self, buf: bytes) -> None: ...

HEALTH: str
"""An event: somebody asks for a health message now."""
SELF_TEST: str
"""An event: somebody wants to know whether the unit's parts work."""
MAINTENANCE: str
MAINTENANCE_OVER: str
"""Events: a technician works on the unit from now on, and is done."""

class Machine(Protocol):
    canvas: framebuf.FrameBuffer
    """128 × 64, MONO_VLSB, as SSD1306 and SH1106 displays take it."""
    flash: Flash
    """For the unit's records alone, apart from the file system with its program."""
    line: Line
    slots_dir: str
    """Folder of the file system that holds the application's two slots, and an update that is on its way."""

    edge_ms: int
    """ticks_ms() of when the button went down or came up that next_event() told of last."""

    @property
    def images(self) -> ImagesOpener | None:
        """None where the interpreter cannot be replaced."""

    def show(self) -> None:
        """Put the canvas on the display; costs little when nothing changed."""

    def buzz(self, pattern: tuple[tuple[int, ...], ...]) -> None:
        """Play (frequency_hz, on_ms, off_ms) …, in place of what is playing; an empty pattern is silence."""

    def log(self, event: str, **values: object) -> None:
        """One event for technicians: a short name, then integers and short texts."""

    def ticks_ms(self) -> int:
        """Milliseconds, from 0 to 2**30 - 1 and over again."""

    def open_gps(self) -> Stream:
        """A stream whose `await readinto(buffer)` gives the bytes that are there, at least one. 0, None or OSError mean
        that the receiver is gone. What `write(bytes)` is given goes to the receiver; OSError where it cannot."""

    def look_up(self, host: str) -> str:
        """The address of a name, or of an address itself. Blocks for a name. Raises OSError."""

    async def open_connection(
        self, host: str, port: int, secure: Securing | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TCP connection, put through `secure` once it stands; may be cancelled. Raises OSError."""

    async def next_event(self) -> str | None:
        """A button's name (orders.BUTTONS): after a plus sign when it goes down, after a minus sign when it comes up,
        alone for a short press where somebody else has told it from a long one. Or one of the events above; None when
        the unit is to end."""

    async def run_output(self) -> None:
        """Never returns: does what show(), buzz() and log() left to do."""

    def set_time_s(self, unix_s: int) -> None:
        """Set the clock that certificates are held against; by a fix, so it is right."""

    def ignition(self) -> bool | None:
        """Whether the car's ignition is on; None where nothing tells."""

    def supply_mv(self) -> int | None:
        """The car's supply voltage in millivolts; None where nothing measures it."""

    def parts(self) -> tuple[int, bool, bool]:
        """For the self-test: buttons held now as bits, whether the display answers, whether there is a buzzer."""

    def reset_cause(self) -> str:
        """Why the unit started: one of RESET_CAUSES."""

    def reset(self) -> None:
        """Start the unit anew, now. Never returns."""

    def shut_down(self) -> None:
        """Sleep, or go off, until the ignition comes on; then the unit starts anew. Never returns."""

    def start_watchdog(self, timeout_s: int) -> None:
        """From now on the unit starts anew when feed_watchdog() was not called for so long. It cannot be stopped."""

    def feed_watchdog(self) -> None:
        """Does nothing before start_watchdog()."""

RESET_CAUSES: str
"""The words that reset_cause() can say; a health message has a word's place among them."""

Proof = Callable[[Settings], object]
"""Raises SettingsError for settings that are each allowed and do not work."""
FlashOpener = Callable[[Settings | None], Flash | None]

class MachineMaker(Protocol):
    """A platform's class Hal."""

    def __call__(self, settings: Settings) -> Machine: ...
    @staticmethod
    def open_flash(settings: Settings | None) -> Flash | None:
        """The flash of the machine before there is a machine, because its settings are in there.

        settings   as the unit was provisioned; None if they are no good. Then some machines do not know their flash.
        """

class Flash(Protocol):
    """NOR flash in sectors of 4096 bytes, of which a unit's records are made; littlefs has a part of its own.

    A write can only clear bits, an erase sets a sector to 0xFF. A power cut may end a write after any of its bytes, the
    last of them with any of its bits cleared, and leave a sector that was being erased in any state. All three raise
    OSError.
    """

    sector_count: int

    def read(self, at: int, buffer: bytearray | memoryview) -> None:
        """Fill the buffer from byte `at` on."""

    def write(self, at: int, data: bytes | bytearray | memoryview) -> None:
        """Clear the bits that are 0 in `data`, from byte `at` on; done when this returns."""

    def erase(self, sector: int) -> None: ...

class Images(Protocol):
    """The partitions that hold the interpreter's image, by numbers above 0: sigap_boot/images.py."""

    @property
    def running(self) -> int: ...
    @property
    def free(self) -> int:
        """The one that does not run."""

    @property
    def flash(self) -> Flash:
        """That one's content."""

    def activate(self, number: int) -> None:
        """The chip starts that one from now on. Raises OSError if it does not take it."""

    def confirm(self) -> None:
        """What runs is well: the chip need not go back by itself. Raises OSError."""

ImagesOpener = Callable[[], Images | None]
"""None where there is no second partition."""

class Line(Protocol):
    """The unit's way into the network, under MQTT: Wi-Fi, an LTE modem, or the host's own network."""

    has_modem: bool
    """Whether reset() and power_cycle() do anything."""
    signal_dbm: int | None
    """As last measured; None if unknown or meaningless."""
    notes: Notes | None
    """Where it keeps what has to survive a restart; to be set before up()."""
    status: str
    """A word or two for technicians: what it is doing, or why it is down."""

    async def up(self) -> None:
        """Returns when addresses can be reached. Raises LineError with the reason."""

    async def down(self) -> None:
        """Never fails: what cannot be taken down in order is taken down without."""

    def is_up(self) -> bool: ...
    async def reset(self) -> None:
        """Make the modem start anew by a command or its reset pin. Raises LineError if it does not answer then."""

    async def off(self) -> None:
        """Before the unit sleeps: leave nothing on that empties the car's battery. Never fails; takes 10 s at most."""

    async def power_cycle(self) -> None:
        """Take the modem's power away and give it back. Raises LineError if it does not answer then."""

class ModemPort(Protocol):
    """The wires to an LTE modem. Its pins are told by what they do; the levels are the board's affair."""

    hurry: int
    """Every wait for the modem is divided by this: 1, but more where it is simulated."""
    has_reset: bool
    has_supply: bool
    """Whether hold_reset() and supply() are wired; where not, commands and the power key do."""

    async def read(self, buffer: bytearray) -> int | None:
        """The bytes that are there, at least one, while no call has the line; 0 or None mean that the line is gone.
        May be cancelled."""

    def write(self, content: bytes) -> None: ...
    def press_key(self, pressed: bool) -> None: ...
    def hold_reset(self, held: bool) -> None: ...
    def supply(self, on: bool) -> None: ...
    def ppp_start(self, user: str, password: str) -> None:
        """The modem said CONNECT: the line is PPP's from now on. Does not wait."""

    def ppp_connected(self) -> bool:
        """Whether addresses can be reached by it."""

    def ppp_stop(self) -> None:
        """End PPP, and the call with it; the line is read() and write() again."""

class Notes(Protocol):
    """A few small values that survive restarts and power cuts, by number."""

    def get(self, key: int) -> bytes | None: ...
    def put(self, key: int, value: bytes) -> None: ...
    def remove(self, key: int) -> None: ...

class Updating(Protocol):
    """An update from its offer to its end: update/updater.py."""

    def message(self, payload: bytes) -> None:
        """Something on the topic ota."""

    async def run(self) -> None:
        """Returns when there is nothing left to do."""

class Listener(Protocol):
    def will(self, connection: int) -> bytes:
        """The payload to be published when connection number `connection` breaks."""

    def link_up(self, connection: int, session_present: bool) -> None:
        """The server took the connection."""

    def link_down(self, reason: str) -> None:
        """A connection ended or could not be made."""

    def may_reboot(self) -> bool:
        """Whether nothing speaks against starting the unit anew."""

    def reboot(self) -> None:
        """All that was done about the line was in vain: start the unit anew."""

    def message(self, kind: str, payload: bytes) -> None:
        """Something came from the server, on the unit's topic of that kind (sigap_wire.topics). It is acknowledged to
        the server when this returns."""
