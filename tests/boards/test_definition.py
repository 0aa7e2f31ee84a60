"""A board's file is refused for what cannot be, with the reason; the boards that there are can be."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.boards import definition
from sigap.boards.chips import CHIPS
from sigap.boards.definition import BoardError
from sigap.boards.unit_files import board_json
from sigap_tracker.officer.orders import BUTTONS

GOOD = (definition.folder() / "lilygo-t-a7670.toml").read_text(encoding="utf-8")
S3 = (definition.folder() / "lilygo-t-a7608-s3.toml").read_text(encoding="utf-8")


def refused(text: str) -> str:
    with pytest.raises(BoardError) as caught:
        definition.parse(text, "some.toml")
    return str(caught.value)


@pytest.mark.parametrize("name", definition.names())
def test_every_board_is_sound(name: str) -> None:
    board = definition.load(name)
    assert list(json.loads(board_json(board))["buttons"]) == list(BUTTONS)
    assert all(source.startswith("https://") for source in board.sources)


def test_there_is_one_for_each_purpose() -> None:
    boards = [definition.load(name) for name in definition.names()]
    assert any(board.flash_mb == 4 and board.psram_mb == 0 for board in boards), "the least"
    assert any(board.flash_mb >= 8 and board.psram_mb and board.modem for board in boards), "the recommended"


@pytest.mark.parametrize(
    ("text", "old", "new", "reason"),
    [
        (GOOD, "rx = 19", "rx = 24", "some.toml: gps.rx is GPIO 24, which the ESP32 does not have"),
        (GOOD, "rx = 19", "rx = 9", "some.toml: gps.rx is GPIO 9, which leads to the chip's flash"),
        (GOOD, "rx = 19", "rx = 16", "some.toml: gps.rx is GPIO 16, which leads to the PSRAM of the ESP32-WROVER-E"),
        (GOOD, "rx = 19", "rx = 3", "some.toml: gps.rx is GPIO 3, which is the console's"),
        (GOOD, "rx = 19", "rx = 35", "some.toml: gps.rx is GPIO 35, which the board uses itself"),
        (GOOD, "rx = 19", "rx = 23", "some.toml: gps.rx is GPIO 23, which gps.tx is, too"),
        (GOOD, "tx = 23", "tx = 36", "some.toml: gps.tx is GPIO 36, which the board uses itself"),
        (GOOD, "tx = 23", "tx = 38", "some.toml: gps.tx is GPIO 38, which is only an input"),
        (GOOD, "[buzzer]\npin = 32", "[buzzer]\npin = 37", "some.toml: buzzer.pin is GPIO 37, which is only an input"),
        (GOOD, "clear = 15", "clear = 38", "some.toml: buttons.clear is GPIO 38, which has no pull-up for a button"),
        (GOOD, "[supply]\npin = 34", "[supply]\npin = 0", "some.toml: supply.pin is GPIO 0, which is no input of the"),
        (GOOD, "[ignition]\npin = 39", "[ignition]\npin = 17", "PSRAM"),
        (
            S3,
            "[ignition]\npin = 8",
            "[ignition]\npin = 48",
            "ignition.pin is GPIO 48, which cannot wake the chip",
        ),
        (S3, "rx = 42", "rx = 35", "some.toml: gps.rx is GPIO 35, which leads to the PSRAM of the ESP32-S3-WROOM"),
        (GOOD, "uart = 2", "uart = 1", "some.toml: modem.uart is 1, which gps.uart is, too"),
        (GOOD, "uart = 2", "uart = 0", "some.toml: gps.uart: Input should be 1 or 2 (found 0)"),
        (GOOD, "lower_ohm = 10_000", "lower_ohm = 100_000", "lead 15000 mV to the pin at 30000 mV, expected 3100 mV"),
        (GOOD, 'kind = "sh1106"', 'kind = "st7789"', "display.kind: Input should be 'sh1106' or 'ssd1306' (found"),
        (GOOD, "baud = 9600", 'baud = "9600"', "some.toml: gps.baud: Input should be"),
        (GOOD, "[gps]", "[gnss]", "some.toml: gps: Field required"),
        (GOOD, "accept = 18", "accept = 18\npanic = 5", "some.toml: buttons.panic: Extra inputs are not permitted"),
        (GOOD, "accept = 18", "accept = 181", "some.toml: buttons.accept: Input should be less than or equal to 48"),
        (GOOD, "[gps]", "[gps", "some.toml: Expected"),
    ],
)
def test_refused(text: str, old: str, new: str, reason: str) -> None:
    assert old in text
    assert reason in refused(text.replace(old, new, 1))


def test_no_such_board() -> None:
    with pytest.raises(BoardError, match="no board 'esp8266', expected one of: esp32-wroom-4mb, lilygo"):
        definition.load("esp8266")


def test_pins_that_decide_the_start_are_pointed_out() -> None:
    said = definition.warnings(definition.load("lilygo-t-a7670"))
    assert [line.split(" decides")[0] for line in said] == [
        "GPIO 15 (buttons.clear)",
        "GPIO 12 (modem.power)",
        "GPIO 5 (modem.reset)",
    ]


@given(st.sampled_from(sorted(CHIPS)), st.lists(st.integers(0, 48), min_size=9, max_size=9))
def test_whatever_is_accepted_can_be_built(chip: str, pins: list[int]) -> None:
    """The same rules, told the other way round."""
    keys = ("gps.tx", "gps.rx", "display.sda", "display.scl", *(f"buttons.{name}" for name in BUTTONS), "buzzer.pin")
    given_pins = dict(zip(keys, pins, strict=True))
    content = tomllib.loads(GOOD)
    text = [f'name = "x"\nsummary = "x"\nchip = "{chip}"\nmodule = "x"\nflash_mb = 4\npsram_mb = 0\nimage = "x"']
    text.append('sources = ["x"]')
    for section in ("gps", "display", "buttons", "buzzer"):
        text.append(f"[{section}]")
        for key, value in content[section].items():
            text.append(f"{key} = {json.dumps(given_pins.get(f'{section}.{key}', value))}")
    facts = CHIPS[chip]
    free = facts.pins - facts.flash - facts.console
    outputs = free - facts.inputs
    buildable = len(set(pins)) == 9 and set(pins) <= free and all(given_pins[key] in outputs for key in keys[2:])
    buildable = buildable and given_pins["gps.tx"] in outputs
    try:
        definition.parse("\n".join(text), "x")
    except BoardError:
        assert not buildable
    else:
        assert buildable
