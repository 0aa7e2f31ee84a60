"""The server's connection to the broker: a persistent session, acknowledged by hand, that comes back by itself.

A message is acknowledged only when `acknowledge` is called; until then the broker keeps it and delivers it again after
a lost connection, a restart, or (NATS) its ack_wait.
"""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable

import aiomqtt
import structlog
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage

from sigap_server.broker import Credentials
from sigap_server.counters import Counters
from sigap_server.inbox import LARGEST_BYTES, Inbox, Incoming
from sigap_server.settings import MqttSettings
from sigap_wire import topics

_BACKOFF_FIRST_S = 0.1
_BACKOFF_LONGEST_S = 5.0
_TIMEOUT_S = 10.0
_QOS = 1
_REFUSED = 0x80

log = structlog.get_logger()


class Client(aiomqtt.Client):
    """aiomqtt acknowledges a message as soon as it has read it, reads on however many wait, and drops what does not
    fit into its queue. All three are decided in the paho client beneath it, which can be told otherwise."""

    def __init__(self, on_message: Callable[[MQTTMessage], None], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._take_message = on_message
        self._is_paused = False
        self._client.manual_ack_set(True)

    def _on_message(self, client: PahoClient, userdata: object, message: MQTTMessage) -> None:
        self._take_message(message)

    def acknowledge(self, mid: int) -> None:
        self._client.ack(mid, _QOS)

    def pause(self) -> None:
        """Read no more: TCP then holds the broker back. Should it take longer than two keepalives, the connection ends
        and begins anew, and nothing is lost by it either."""
        connection = self._client.socket()
        if connection is not None and not self._is_paused:
            self._is_paused = True
            self._loop.remove_reader(connection.fileno())

    def resume(self) -> None:
        connection = self._client.socket()
        if connection is not None and self._is_paused:
            self._is_paused = False
            self._loop.add_reader(connection.fileno(), self._read)

    def _read(self) -> None:
        try:
            self._client.loop_read()
        except Exception as error:  # as aiomqtt does: whatever it is, this connection has ended
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    async def until_lost(self) -> None:
        """Raises MqttError when the connection ends."""
        # Messages go to the inbox; what is left of the iteration is the wait for its end.
        async for _ in self.messages:
            pass


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
        now_ms: Callable[[], int],
        new_client: Callable[..., Client] = Client,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._client_id = client_id
        self._counters = counters
        self._on_connected = on_connected
        self._now_ms = now_ms
        self._make_client = new_client
        self._client: Client | None = None
        self._connections = 0
        self.connected = False
        self._publishing: set[asyncio.Task[bool]] = set()
        # The own broker sends no more than this unacknowledged; another one is held back when it does.
        self.inbox = Inbox(len(topics.FROM_UNIT) * settings.max_ack_pending, counters)
        self.inbox.on_room = self._resume
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

    def _new_client(self, host: str, port: int) -> Client:
        self._connections += 1
        connection = self._connections
        self.inbox.begin(connection)
        user, password = self._credentials or (None, None)
        client: Client = self._make_client(
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

    async def _stay(self, client: Client) -> None:
        lost = asyncio.create_task(client.until_lost())
        try:
            await _unless(lost, self._subscribe(client))
            self.connected = True
            self._counters.add("mqtt.connects")
            log.info("broker_connected", connection=self._connections)
            await self._on_connected()
            await lost
        finally:
            lost.cancel()
            await asyncio.wait([lost])

    async def _subscribe(self, client: Client) -> None:
        # One subscription for each kind: NATS counts unacknowledged messages by subscription, and a flood of backlog
        # then holds up no acknowledgement of an order.
        granted = await client.subscribe([(topics.topic("+", kind), _QOS) for kind in topics.FROM_UNIT])
        if any((code if isinstance(code, int) else code.value) >= _REFUSED for code in granted):
            raise aiomqtt.MqttError("the broker refused the server's subscriptions: its user may not read them")

    def _take(self, client: Client, message: MQTTMessage, connection: int) -> None:
        payload = message.payload
        self.inbox.put(
            Incoming(
                topic=_topic(message),
                payload=bytes(payload[:LARGEST_BYTES]),
                payload_bytes=len(payload),
                mid=message.mid,
                connection=connection,
                received_ms=self._now_ms(),
            )
        )
        if self.inbox.is_full:
            self._counters.add("mqtt.pauses")
            client.pause()

    def _resume(self) -> None:
        if self._client is not None:
            self._client.resume()

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

    async def deliver(self, topic: str, payload: bytes) -> bool:
        """Hand a message to the broker with QoS 1 and wait until it has it; False if that cannot be."""
        if self._client is None or not self.connected:
            return False
        return await self._publish(self._client, topic, payload)

    async def _publish(self, client: Client, topic: str, payload: bytes) -> bool:
        try:
            await client.publish(topic, payload, _QOS)
        except aiomqtt.MqttError as error:
            self._counters.add("mqtt.publish_failures")
            log.warning("publish_failed", topic=topic, error=str(error))
            return False
        return True


async def _unless(lost: asyncio.Task[None], work: Coroutine[None, None, None]) -> None:
    """Do it; should the connection end meanwhile, raise at once what `lost` raised. aiomqtt waits for its time-out."""
    task = asyncio.create_task(work)
    await asyncio.wait([task, lost], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        await lost
    await task


def _topic(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return "(not UTF-8)"
