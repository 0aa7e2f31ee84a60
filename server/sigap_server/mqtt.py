"""The server's connection to the broker: a persistent session, acknowledged by hand, that comes back by itself.

A message is acknowledged only when `acknowledge` is called; until then the broker keeps it and delivers it again after
a lost connection, a restart, or (NATS) its ack_wait.
"""

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import aiomqtt
import structlog
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage

from sigap_server.broker import Credentials
from sigap_server.counters import Counters
from sigap_server.settings import MqttSettings
from sigap_wire import ack, health, link, report, topics

_BACKOFF_FIRST_S = 0.1
_BACKOFF_LONGEST_S = 5.0
_TIMEOUT_S = 10.0
_QOS = 1
# No message of the wire is longer. Of one that is, only the beginning is kept.
LARGEST_BYTES = max(module.MAX_BYTES for module in (ack, health, link, report))

log = structlog.get_logger()


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


class Inbox:
    """Messages that wait to be stored, at most `limit`, each only once."""

    def __init__(self, limit: int, counters: Counters) -> None:
        self._limit = limit
        self._counters = counters
        self._waiting: list[Incoming] = []
        self._unacknowledged: set[int] = set()
        self._connection = 0
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        counters.gauge("ingest.queue", lambda: len(self._waiting))

    def begin(self, connection: int) -> None:
        """A new connection: what is delivered from now on has new numbers."""
        self._connection = connection
        self._unacknowledged.clear()

    def put(self, message: Incoming) -> bool:
        """False if there is no room."""
        if message.mid and message.mid in self._unacknowledged:
            # NATS delivers again what was not acknowledged within its ack_wait. It is still here.
            self._counters.add("mqtt.redeliveries_pending")
            return True
        if len(self._waiting) >= self._limit:
            return False
        self._unacknowledged.add(message.mid)
        self._waiting.append(message)
        self._arrived.set()
        return True

    async def take(self) -> list[Incoming]:
        """Everything that waits, as soon as something does."""
        await self._arrived.wait()
        self._arrived.clear()
        taken, self._waiting = self._waiting, []
        self._taken.set()
        return taken

    def done(self, messages: Iterable[Incoming]) -> list[int]:
        """The numbers to acknowledge: those of messages that came on the present connection."""
        mids = [message.mid for message in messages if message.mid and message.connection == self._connection]
        self._unacknowledged.difference_update(mids)
        return mids

    async def empty(self) -> None:
        """Wait until everything was taken."""
        while self._waiting:
            self._taken.clear()
            await self._taken.wait()


class _Client(aiomqtt.Client):
    """aiomqtt acknowledges a message as soon as it has read it, and queues without telling how full the queue is. Both
    are decided in the paho client beneath it, which has a way to do it by hand."""

    def __init__(self, on_message: Callable[[MQTTMessage], None], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._take_message = on_message
        self._client.manual_ack_set(True)

    def _on_message(self, client: PahoClient, userdata: object, message: MQTTMessage) -> None:
        self._take_message(message)

    def acknowledge(self, mid: int) -> None:
        self._client.ack(mid, _QOS)

    def drop(self) -> None:
        """Close the socket without a word: the broker keeps the session and what was not acknowledged."""
        connection = self._client.socket()
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)


class BrokerLink:
    """Keeps the server connected.

    on_connected   awaited after every connection, when the subscriptions stand
    connected      whether they stand now
    """

    def __init__(
        self,
        settings: MqttSettings,
        credentials: Credentials | None,
        client_id: str,
        counters: Counters,
        on_connected: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._client_id = client_id
        self._counters = counters
        self._on_connected = on_connected
        self._client: _Client | None = None
        self._connections = 0
        self.connected = False
        self._publishing: set[asyncio.Task[None]] = set()
        # The own broker sends no more than this unacknowledged. One that sends more loses the connection, no message.
        self.inbox = Inbox(len(topics.FROM_UNIT) * settings.max_ack_pending, counters)
        counters.gauge("mqtt.connected", lambda: int(self.connected))

    async def run(self) -> None:
        """Connect, again and again, until cancelled."""
        host, port = self._settings.address()
        delay_s = _BACKOFF_FIRST_S
        while True:
            try:
                async with self._new_client(host, port) as client:
                    self._client = client
                    await self._stay(client)
            except aiomqtt.MqttError as error:
                if self.connected:
                    delay_s = _BACKOFF_FIRST_S
                    self._counters.add("mqtt.disconnects")
                    log.warning("broker_lost", error=str(error))
                else:
                    self._counters.add("mqtt.connect_failures")
                    log.warning("broker_unreachable", host=host, port=port, error=str(error), retry_s=delay_s)
            finally:
                self._client = None
                self.connected = False
            # Half of it at random, so that all who lost the same broker do not come back at the same moment.
            await asyncio.sleep(delay_s * random.uniform(0.5, 1))
            delay_s = min(2 * delay_s, _BACKOFF_LONGEST_S)
            await self.inbox.empty()

    def _new_client(self, host: str, port: int) -> _Client:
        self._connections += 1
        connection = self._connections
        self.inbox.begin(connection)
        user, password = self._credentials or (None, None)
        client = _Client(
            lambda message: self._take(client, message, connection),
            hostname=host,
            port=port,
            username=user,
            password=password,
            identifier=self._client_id,
            clean_session=False,
            keepalive=self._settings.keepalive_s,
            timeout=_TIMEOUT_S,
            # Without it an acknowledgement and an order right after it wait 40 ms for each other (Nagle's algorithm
            # against delayed acknowledgements).
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        client.pending_calls_threshold = 1000
        return client

    async def _stay(self, client: _Client) -> None:
        # One subscription for each kind: NATS counts unacknowledged messages by subscription, and a flood of backlog
        # then holds up no acknowledgement of an order.
        granted = await client.subscribe([(topics.topic("+", kind), _QOS) for kind in topics.FROM_UNIT])
        if any(getattr(code, "value", code) >= 0x80 for code in granted):
            raise aiomqtt.MqttError("the broker refused the server's subscriptions: its user may not read them")
        self.connected = True
        self._counters.add("mqtt.connects")
        log.info("broker_connected", connection=self._connections)
        await self._on_connected()
        # Messages go to the inbox; what is left of the iteration is the wait for the connection's end.
        async for _ in client.messages:
            pass

    def _take(self, client: _Client, message: MQTTMessage, connection: int) -> None:
        payload = message.payload
        incoming = Incoming(
            topic=_topic(message),
            payload=bytes(payload[:LARGEST_BYTES]),
            payload_bytes=len(payload),
            mid=message.mid,
            connection=connection,
            received_ms=time.time_ns() // 1_000_000,
        )
        if not self.inbox.put(incoming):
            self._counters.add("mqtt.overflows")
            log.warning("inbox_full")
            client.drop()

    def acknowledge(self, messages: Iterable[Incoming]) -> None:
        """Tell the broker that these need not be delivered again."""
        mids = self.inbox.done(messages)
        if self._client is not None:
            for mid in mids:
                self._client.acknowledge(mid)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Hand a message to the broker with QoS 1, without waiting; False if there is no connection."""
        if self._client is None or not self.connected:
            return False
        task = asyncio.create_task(self._publish(self._client, topic, payload))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return True

    async def _publish(self, client: _Client, topic: str, payload: bytes) -> None:
        try:
            await client.publish(topic, payload, _QOS)
        except aiomqtt.MqttError as error:
            self._counters.add("mqtt.publish_failures")
            log.warning("publish_failed", topic=topic, error=str(error))


def _topic(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return "(not UTF-8)"
