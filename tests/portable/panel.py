"""A display's controller as its datasheet has it, on an I2C bus of its own; runs on both interpreters."""

COLUMNS = {"ssd1306": 128, "sh1106": 132}
# How many bytes follow a command; of all others none does.
FOLLOWED = {0x20: 1, 0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1, 0x8D: 1}
PUMP_ON = {"ssd1306": (0x8D, 0x14), "sh1106": (0xAD, 0x8B)}


class Panel:
    """Takes writeto() as machine.I2C does. Without its charge pump it is dark; after power_off() it knows nothing."""

    def __init__(self, address, kind):
        self.address = address
        self.kind = kind
        self.is_there = True
        self.bytes = 0
        self.transfers = 0
        self._reset()

    def _reset(self):
        self.memory = bytearray(8 * COLUMNS[self.kind])
        self.settings = {}
        self.is_on = False
        self._page = self._column = 0

    def power_off(self):
        self._reset()
        self.is_there = False

    def picture(self):
        """128 columns of 8 pages, as they are before one's eyes."""
        width = COLUMNS[self.kind]
        first = (width - 128) // 2
        return b"".join([bytes(self.memory[page * width + first : page * width + first + 128]) for page in range(8)])

    def writeto(self, address, data, stop=True):
        assert address == self.address
        assert stop
        if not self.is_there:
            raise OSError(19)  # ENODEV, as an ESP32 says
        self.bytes += len(data)
        self.transfers += 1
        assert data[0] in (0x00, 0x40), "no control byte"
        if data[0] == 0x00:
            self._take_commands(bytes(data[1:]))
        else:
            self._take_pixels(data[1:])
        return len(data)

    def _take_commands(self, commands):
        at = 0
        while at < len(commands):
            command = commands[at]
            at += 1
            if command in FOLLOWED:
                assert at < len(commands), f"command {command:#x} without its value"
                self.settings[command] = commands[at]
                at += 1
            elif 0xB0 <= command <= 0xB7:
                self._page = command & 7
            elif command <= 0x0F:
                self._column = self._column & 0xF0 | command
            elif 0x10 <= command <= 0x1F:
                self._column = (command & 15) << 4 | self._column & 0x0F
            elif command == 0xAF:
                pump, on = PUMP_ON[self.kind]
                self.is_on = self.settings.get(pump) == on and self.settings[0xA8] == 63
            elif command == 0xAE:
                self.is_on = False
            else:
                assert command in (0x40, 0xA1, 0xC8, 0xA4, 0xA6, 0xE3), f"unexpected command {command:#x}"

    def _take_pixels(self, pixels):
        """Page addressing: the column counts up and starts over, the page stays."""
        width = COLUMNS[self.kind]
        for byte in pixels:
            self.memory[self._page * width + self._column] = byte
            self._column = (self._column + 1) % width
