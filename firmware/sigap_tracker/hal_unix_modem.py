"""The wires to a simulated modem: its serial line is a pseudo-terminal, its pins a named pipe beside it.

The unix port has no PPP. Here the call counts as connected when the other end answers in LCP (RFC 1661); the unit's
connections then use the host's network.
"""

import asyncio
import os
import select
import termios  # type: ignore[import-not-found]

# LCP Configure-Request 1 without options and Terminate-Request 2 in their frames, RFC 1661 §6, RFC 1662 §3.1.
_REQUEST = b"\x7e\xff\x7d\x23\xc0\x21\x7d\x21\x7d\x21\x7d\x20\x7d\x24\xd1\xb5\x7e"
_TERMINATE = b"\x7e\xff\x7d\x23\xc0\x21\x7d\x25\x7d\x22\x7d\x20\x7d\x24\x59\x28\x7e"
_LCP = b"\xff\x7d\x23\xc0\x21"
_HEARD_BYTES = 128


class Port:
    """See ModemPort in interfaces.pyi."""

    hurry = 10

    def __init__(self, path: str) -> None:
        self._line = open(path, "r+b")
        termios.setraw(self._line.fileno())
        attributes = termios.tcgetattr(self._line.fileno())
        attributes[6] = [0 if isinstance(item, int) else item for item in attributes[6]]
        termios.tcsetattr(self._line.fileno(), termios.TCSANOW, attributes)
        self._stream = asyncio.StreamReader(self._line)
        self._poll = select.poll()
        self._poll.register(self._line, select.POLLIN)
        self._heard = bytearray()
        self._connected = False
        try:
            os.stat(path + ".pins")
            self._pins = open(path + ".pins", "wb")
        except OSError:
            self._pins = None
        self.has_reset = self.has_supply = self._pins is not None

    async def read(self, buffer: bytearray) -> "int | None":
        return await self._stream.readinto(buffer)

    def write(self, content: bytes) -> None:
        self._line.write(content)

    def press_key(self, pressed: bool) -> None:
        self._pin("key", pressed)

    def hold_reset(self, held: bool) -> None:
        self._pin("reset", held)

    def supply(self, on: bool) -> None:
        self._pin("supply", on)

    def ppp_start(self, user: str, password: str) -> None:
        self._heard = bytearray()
        self._connected = False
        self._line.write(_REQUEST)

    def ppp_connected(self) -> bool:
        while self._poll.poll(0):
            part = self._line.read(64)
            if not part:
                return False
            self._heard.extend(part)
            self._heard = self._heard[-_HEARD_BYTES:]
        if b"NO CARRIER" in self._heard:
            self._connected = False
        elif _LCP in self._heard:
            self._connected = True
        return self._connected

    def ppp_stop(self) -> None:
        self._line.write(_TERMINATE)

    def _pin(self, name: str, state: bool) -> None:
        if self._pins is not None:
            self._pins.write("%s %d\n" % (name, state))
