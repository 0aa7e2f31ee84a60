"""Messages between their arrival and their being stored."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sigap_server.counters import Counters
from sigap_wire import ack, health, link, report, result, topics

# No message of the wire is longer. Of one that is, only the beginning is kept.
LARGEST_BYTES = max(module.MAX_BYTES for module in (ack, health, link, report, result))


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came.

    payload         at most LARGEST_BYTES of it; payload_bytes is its true size
    mid             the broker's number for it, 0 if it wants no acknowledgement
    connection      counts the server's connections; `mid` is known to the broker on that one only
    received_ms     Unix ms
    """

    topic: str
    payload: bytes
    payload_bytes: int
    mid: int
    connection: int
    received_ms: int


# As much is stored in one transaction: some 160 reports of one fix, or 1,500 fixes of backlog, 5 to 30 ms. An alert
# that comes meanwhile waits no longer than that.
_BATCH_BYTES = 16 * 1024
_OVERHEAD_BYTES = 64
# Somebody waits for these; a backlog that drains must not hold them up.
_URGENT = ("/" + topics.ACK, "/" + topics.LINK)


class Inbox:
    """Messages that wait to be stored, each only once. Beyond `limit` reading should pause.

    on_room    called when there is room again
    """

    def __init__(self, limit: int, counters: Counters) -> None:
        self._limit = limit
        self._counters = counters
        self._urgent: deque[Incoming] = deque()
        self._others: deque[Incoming] = deque()
        self._unacknowledged: set[int] = set()
        self._connection = 0
        self._arrived = asyncio.Event()
        self._emptied = asyncio.Event()
        self.on_room: Callable[[], None] = lambda: None
        counters.gauge("ingest.queue", self.__len__)

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    @property
    def is_full(self) -> bool:
        """Whether reading should pause."""
        return len(self) >= self._limit

    def begin(self, connection: int) -> None:
        """A new connection: what is delivered from now on has new numbers."""
        self._connection = connection
        self._unacknowledged.clear()

    def put(self, message: Incoming) -> None:
        """Queue a message, unless it waits already."""
        if message.mid:
            if message.mid in self._unacknowledged:
                # NATS delivers again what was not acknowledged within its ack_wait. It is still here.
                self._counters.add("mqtt.redeliveries_pending")
                return
            self._unacknowledged.add(message.mid)
        (self._urgent if message.topic.endswith(_URGENT) else self._others).append(message)
        self._arrived.set()

    async def take(self) -> list[Incoming]:
        """What waits, as soon as something does: all of it, or as much as one transaction should have."""
        while not len(self):
            self._arrived.clear()
            await self._arrived.wait()
        taken = []
        room_bytes = _BATCH_BYTES
        for queue in (self._urgent, self._others):
            while queue and room_bytes > 0:
                message = queue.popleft()
                room_bytes -= len(message.payload) + _OVERHEAD_BYTES
                taken.append(message)
        if not len(self):
            self._emptied.set()
        if not self.is_full:
            self.on_room()
        return taken

    def done(self, messages: Iterable[Incoming]) -> list[int]:
        """The numbers to acknowledge: those of messages that came on the present connection."""
        mids = [message.mid for message in messages if message.mid and message.connection == self._connection]
        self._unacknowledged.difference_update(mids)
        return mids

    async def empty(self) -> None:
        """Wait until everything was taken."""
        while len(self):
            self._emptied.clear()
            await self._emptied.wait()
