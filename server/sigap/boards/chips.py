"""What a chip's pins can do, as its datasheet has it.

ESP32 series datasheet v4.7 §2 and ESP32-WROVER-E datasheet §3; ESP32-S3 series datasheet v2.0 §2 and ESP32-S3-WROOM-1
datasheet §3. Analogue inputs are those of ADC1: ADC2 is taken by the radio.
"""

from dataclasses import dataclass

Pins = frozenset[int]


def _pins(text: str) -> Pins:
    """The numbers in "0-3 7"."""
    found: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Chip:
    name: str
    pins: Pins
    """All there are."""
    flash: Pins
    """Lead to the flash the program runs from."""
    psram: Pins
    """Lead to the further memory, where the module has it."""
    inputs: Pins
    """Can neither drive a line nor pull it up."""
    strapping: Pins
    """Read once when the chip starts: what hangs there must not pull them the wrong way."""
    console: Pins
    """The serial console and the USB port."""
    analogue: Pins
    wake: Pins
    """Can end a deep sleep."""
    flash_offset: int
    """Where the image of an official build is written to."""


CHIPS = {
    "esp32": Chip(
        name="ESP32",
        pins=_pins("0-19 21-23 25-27 32-39"),
        flash=_pins("6-11"),
        psram=_pins("16-17"),
        inputs=_pins("34-39"),
        strapping=_pins("0 2 5 12 15"),
        console=_pins("1 3"),
        analogue=_pins("32-39"),
        wake=_pins("0 2 4 12-15 25-27 32-39"),
        flash_offset=0x1000,
    ),
    "esp32s3": Chip(
        name="ESP32-S3",
        pins=_pins("0-21 26-48"),
        flash=_pins("26-32"),
        psram=_pins("33-37"),
        inputs=_pins(""),
        strapping=_pins("0 3 45 46"),
        console=_pins("19-20 43-44"),
        analogue=_pins("1-10"),
        wake=_pins("0-21"),
        flash_offset=0x0,
    ),
}
