"""A TCP line between a unit and its broker that is as bad as it is told to be."""

import contextlib
import select
import socket
import threading
import time

_POLL_S = 0.02


class FaultyLine:
    """Takes connections at `port` and carries each to the broker.

    delay_s    what comes from either side is carried on so much later
    cut_after  a connection is cut after so many bytes from the unit, the last piece only half carried; 0 is never
    half_open  nothing is carried any more, and nothing is closed
    """

    def __init__(self, broker_port: int) -> None:
        self.delay_s = 0.0
        self.cut_after = 0
        self.half_open = False
        self.connections = 0
        self._broker_port = broker_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_S)
        self.port: int = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                unit = self._listener.accept()[0]
                self.connections += 1
                self._threads.append(threading.Thread(target=self._carry, args=(unit,), daemon=True))
                self._threads[-1].start()

    def _carry(self, unit: socket.socket) -> None:
        with unit, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._broker_port)) as broker:
            carried = 0
            waiting: list[tuple[float, socket.socket, bytes]] = []  # due, to whom, what
            while not self._closing.is_set():
                ready, _, _ = select.select([unit, broker], [], [], _POLL_S)
                for side in ready:
                    content = side.recv(4096)
                    if not content:
                        return
                    other = broker if side is unit else unit
                    waiting.append((time.monotonic() + self.delay_s, other, content))
                while waiting and waiting[0][0] <= time.monotonic():
                    _, other, content = waiting.pop(0)
                    if self.half_open:
                        continue
                    carried += len(content) if other is broker else 0
                    if self.cut_after and carried > self.cut_after:
                        other.sendall(content[: len(content) // 2])
                        return
                    other.sendall(content)
