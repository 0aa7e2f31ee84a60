"""A board: its chip, what hangs on which pin, and whether that can be.

One TOML file a board in firmware/boards. Everything that depends on a board, the unit's own board.json, the partition
table, the wiring in the documentation, is made from it.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sigap.boards.chips import CHIPS, Chip
from sigap.errors import CommandError

# A car's supply may be 24 V; charging, that is 28.8 V.
_SUPPLY_MAX_MV = 30_000
_ADC_MAX_MV = 3_100  # of an ESP32 and ESP32-S3 with 11 dB attenuation

Pin = Annotated[int, Field(ge=0, le=48)]
Level = Literal[0, 1]
Uart = Literal[1, 2]  # 0 is the console


class BoardError(CommandError):
    """Names the board's file, the key, what it is and what was expected."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Gps(_Section):
    uart: Uart
    tx: Pin
    rx: Pin
    baud: Literal[4800, 9600, 19200, 38400, 57600, 115200]


class Display(_Section):
    kind: Literal["sh1106", "ssd1306"]
    i2c: Level
    sda: Pin
    scl: Pin
    address: Literal[0x3C, 0x3D]
    frequency_hz: Annotated[int, Field(ge=100_000, le=400_000)]


class Buttons(_Section):
    """Each between its pin and ground."""

    accept: Pin
    decline: Pin
    on_scene: Pin
    clear: Pin


class Buzzer(_Section):
    pin: Pin


class Supply(_Section):
    pin: Pin
    upper_ohm: Annotated[int, Field(ge=1_000, le=1_000_000)]
    lower_ohm: Annotated[int, Field(ge=1_000, le=1_000_000)]


class Ignition(_Section):
    pin: Pin
    on_level: Level


class Hold(_Section):
    """Keeps the board's supply on while at `on_level`."""

    pin: Pin
    on_level: Level


class Modem(_Section):
    """`power_key_level` is the pin's level while the modem's PWRKEY is pressed, `reset_level` while it is reset."""

    family: Literal["A7670", "SIM7600", "SIM7000"]
    uart: Uart
    baud: Literal[115200, 230400, 460800, 921600]
    tx: Pin
    rx: Pin
    power_key: Pin
    power_key_level: Level
    power: Pin | None = None
    reset: Pin | None = None
    reset_level: Level = 1


class Board(_Section):
    name: str
    summary: str
    chip: Literal["esp32", "esp32s3"]
    module: str
    flash_mb: Literal[4, 8, 16]
    psram_mb: Literal[0, 2, 4, 8]
    image: str
    """The official MicroPython build, as its download page names it."""
    sources: Annotated[list[str], Field(min_length=1)]
    taken: list[Pin] = []
    """Pins that the board itself leads to something else."""
    gps: Gps
    display: Display
    buttons: Buttons
    buzzer: Buzzer | None = None
    supply: Supply | None = None
    ignition: Ignition | None = None
    hold: Hold | None = None
    modem: Modem | None = None


SECTIONS = ("gps", "display", "buttons", "buzzer", "supply", "ignition", "hold", "modem")
_PIN_KEYS = {"tx", "rx", "sda", "scl", "pin", "power_key", "power", "reset", *Buttons.model_fields}
_OUTPUTS = {"tx", "sda", "scl", "power_key", "power", "reset", "buzzer.pin", "hold.pin"}


def folder() -> Path:
    """Where the boards are: in an installation beside this file, in a checkout in firmware/."""
    installed = Path(__file__).with_name("files")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "firmware" / "boards"


def names() -> list[str]:
    return sorted(path.stem for path in folder().glob("*.toml"))


def load(name: str) -> Board:
    """The board `name`, checked. Raises BoardError."""
    path = folder() / f"{name}.toml"
    if not path.is_file():
        raise BoardError(f"no board {name!r}, expected one of: {', '.join(names())}")
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, file: str) -> Board:
    """The board in the text of a TOML file. Raises BoardError, which names `file`."""
    try:
        board = Board.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = f" (found {first['input']!r})" if first["type"] != "missing" else ""
        raise BoardError(f"{file}: {key}: {first['msg']}{found}") from error
    for fault in _faults(board):
        raise BoardError(f"{file}: {fault}")
    return board


def pins(board: Board) -> Iterator[tuple[str, int]]:
    """("gps.tx", 17), … of every pin that is used."""
    for section in SECTIONS:
        for key, value in (getattr(board, section) or _Section()).model_dump(exclude_none=True).items():
            if key in _PIN_KEYS:
                yield f"{section}.{key}", value


def is_output(name: str) -> bool:
    return name in _OUTPUTS or name.rpartition(".")[2] in _OUTPUTS


def warnings(board: Board) -> list[str]:
    """What a person who wires the board has to mind."""
    chip = CHIPS[board.chip]
    return [
        f"GPIO {pin} ({name}) decides how the chip starts: nothing may pull it the wrong way at that moment"
        for name, pin in pins(board)
        if pin in chip.strapping
    ]


def _faults(board: Board) -> Iterator[str]:
    chip = CHIPS[board.chip]
    used: dict[int, str] = {}
    for name, pin in pins(board):
        fault = _pin_fault(board, chip, name, pin)
        if fault:
            yield f"{name} is GPIO {pin}, {fault}"
        if pin in used:
            yield f"{name} is GPIO {pin}, which {used[pin]} is, too"
        used[pin] = name
    if board.modem and board.modem.uart == board.gps.uart:
        yield f"modem.uart is {board.modem.uart}, which gps.uart is, too"
    if board.supply:
        measured = board.supply
        at_pin_mv = _SUPPLY_MAX_MV * measured.lower_ohm // (measured.upper_ohm + measured.lower_ohm)
        if at_pin_mv > _ADC_MAX_MV:
            yield (
                f"supply.upper_ohm and lower_ohm lead {at_pin_mv} mV to the pin at {_SUPPLY_MAX_MV} mV, "
                f"expected {_ADC_MAX_MV} mV at most"
            )


def _pin_fault(board: Board, chip: Chip, name: str, pin: int) -> str:
    """What is wrong with that use of the pin, or ""."""
    if pin not in chip.pins:
        return f"which the {chip.name} does not have"
    if pin in chip.flash:
        return "which leads to the chip's flash"
    if board.psram_mb and pin in chip.psram:
        return f"which leads to the PSRAM of the {board.module}"
    if pin in chip.console:
        return "which is the console's"
    if pin in board.taken:
        return "which the board uses itself"
    if pin in chip.inputs and is_output(name):
        return "which is only an input"
    if pin in chip.inputs and name.startswith("buttons."):
        return "which has no pull-up for a button"
    if name == "supply.pin" and pin not in chip.analogue:
        return "which is no input of the first ADC"
    if name == "ignition.pin" and pin not in chip.wake:
        return "which cannot wake the chip"
    return ""
