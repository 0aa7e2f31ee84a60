"""The serial line between a simulated receiver and a unit: a pseudo-terminal that behaves like a UART."""

import array
import asyncio
import fcntl
import os
import termios
import tty

# What a unit's UART driver buffers; also less than a pty takes, so that a write never waits.
_BUFFER_BYTES = 4000
_POLL_S = 0.02  # nobody announces that a pty was read from


class SerialLine:
    """The master end stays here; a unit opens `path`, as often as it restarts.

    A unit that does not read loses what does not fit its buffer, as on a real line; `dropped_bytes` counts it.
    """

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        # Raw before anybody opens it: no echo of what the receiver says, no bytes with a meaning.
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.dropped_bytes = 0
        self.written_bytes = 0

    def write(self, content: bytes) -> None:
        """Towards the unit; never waits. Does nothing after `close`."""
        if self._master >= 0:
            self.dropped_bytes += len(content) - self._put(content)

    async def send(self, content: bytes) -> None:
        """Towards the unit, waiting until it has taken or buffered everything."""
        rest = memoryview(content)
        while self._master >= 0 and rest:
            rest = rest[self._put(rest) :]
            if rest:
                await asyncio.sleep(_POLL_S)

    def read(self) -> bytes:
        """What the unit has written since the last call; never waits."""
        try:
            return os.read(self._master, _BUFFER_BYTES) if self._master >= 0 else b""
        except OSError:  # nothing there, or nobody at the other end
            return b""

    def _put(self, content: bytes | memoryview) -> int:
        """As much as has room; how many bytes that was."""
        fitting = content[: max(0, _BUFFER_BYTES - self._unread_bytes())]
        try:
            written = os.write(self._master, fitting) if fitting else 0
        except BlockingIOError:
            written = 0
        self.written_bytes += written
        return written

    def _unread_bytes(self) -> int:
        # The slave end kept open here also keeps the line up while the unit restarts.
        waiting = array.array("i", [0])
        fcntl.ioctl(self._slave, termios.FIONREAD, waiting)
        return waiting[0]

    def close(self) -> None:
        """Hangs up."""
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    def __enter__(self) -> "SerialLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
