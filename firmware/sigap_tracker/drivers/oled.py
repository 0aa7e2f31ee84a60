"""A display of 128 × 64 pixels with an SSD1306 or SH1106 on I2C, which takes its picture in pages of eight rows.

Both understand the same page addressing (SSD1306 datasheet §10.1.3, SH1106 datasheet p. 19 ff.). The SH1106's memory is
132 columns wide, with the 128 in its middle.
"""

from array import array
from binascii import crc32

from sigap_tracker.drivers.chip import I2cBus

SSD1306, SH1106 = "ssd1306", "sh1106"

_COLUMNS, _PAGES = 128, 8
_COMMANDS, _PIXELS = b"\x00", 0x40  # the control byte, which says what follows
_NOTHING = b"\x00\xe3"
_UNKNOWN = 0  # a page whose contents in the display nobody knows; a page that has this CRC is sent for nothing
_RENEW = 60  # pictures, one a second at least

# Off, clock, 64 rows, no offset, first row 0, charge pump, segments and rows as the module is mounted, contrast,
# precharge, VCOM level, showing its memory, not inverted, on.
_START_SSD1306 = b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\x8d\x14\x20\x02\xa1\xc8\xda\x12\x81\xcf\xd9\xf1\xdb\x40\xa4\xa6\xaf"
_START_SH1106 = b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\xad\x8b\xa1\xc8\xda\x12\x81\xcf\xd9\x22\xdb\x35\xa4\xa6\xaf"


class Oled:
    """Brings a display up to a picture. What the bus refuses is counted and tried again at the next refresh."""

    def __init__(self, bus: I2cBus, address: int, kind: str) -> None:
        self._bus = bus
        self._address = address
        self._start = _COMMANDS + (_START_SH1106 if kind == SH1106 else _START_SSD1306)
        self._first_column = 2 if kind == SH1106 else 0
        self._go_to = bytearray(4)
        self._packet = bytearray(1 + _COLUMNS)
        self._packet[0] = _PIXELS
        self._shown = array("I", [_UNKNOWN] * _PAGES)  # CRC of what the display has
        self._page = 0  # the next to look at
        self._renew = 0
        self.faults = 0
        self.answers = False

    def send(self, pixels: bytearray) -> bool:
        """Send one page that has changed, in 3 ms at 400 kHz. Returns whether there may be another.

        pixels   1024 bytes, MONO_VLSB: columns of eight pixels, page by page
        """
        try:
            if self._page == 0:
                self._begin()
            while self._page < _PAGES:
                page = self._page
                self._page += 1
                if self._send(page, memoryview(pixels)[_COLUMNS * page : _COLUMNS * (page + 1)]):
                    return True
            self.answers = True
        except OSError:
            self.faults += 1
            self.answers = False
            self._renew = 0
        self._page = 0
        return False

    def _begin(self) -> None:
        """Ask whether the display is there, and once a minute set it up again: one that lost its supply for a moment
        answers, but is dark."""
        self._bus.writeto(self._address, _NOTHING)
        if self._renew == 0:
            self._bus.writeto(self._address, self._start)
            for page in range(_PAGES):
                self._shown[page] = _UNKNOWN
            self._renew = _RENEW
        self._renew -= 1

    def _send(self, page: int, pixels: memoryview) -> bool:
        """Whether there was anything to send."""
        crc = crc32(pixels)
        if crc == self._shown[page] != _UNKNOWN:
            return False
        go_to = self._go_to  # control byte, page, column's low and high half
        go_to[1] = 0xB0 | page
        go_to[2] = self._first_column
        go_to[3] = 0x10
        self._bus.writeto(self._address, go_to)
        self._packet[1:] = pixels
        self._bus.writeto(self._address, self._packet)
        self._shown[page] = crc
        return True
