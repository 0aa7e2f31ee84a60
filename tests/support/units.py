"""A unit as the broker sees it: the wire's messages over MQTT, without firmware."""

import asyncio
import socket
import time
from types import TracebackType
from typing import Self

import aiomqtt

from sigap_server.broker import Credentials
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.config import Config
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix, Report

BANDUNG = (-69_147_000, 1_076_098_000)  # degrees × 10⁷


class WireUnit:
    """Connects with its last will and collects its orders. Every call returns when the broker has acknowledged."""

    def __init__(
        self, credentials: Credentials, port: int, boot_id: int = 1, connection: int = 1, clean_session: bool = True
    ) -> None:
        self.unit_id = credentials.user
        self.boot_id = boot_id
        self.connection = connection
        self.next_seq = 0
        self.orders: asyncio.Queue[Order] = asyncio.Queue()
        self.configs: asyncio.Queue[Config] = asyncio.Queue()
        self._next_ack_seq = 0
        self._client = aiomqtt.Client(
            "127.0.0.1",
            port,
            username=credentials.user,
            password=credentials.password,
            identifier=credentials.user,
            clean_session=clean_session,
            timeout=10,
            will=aiomqtt.Will(self.topic(topics.LINK), self._link(online=False), 1, retain=True),
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        await self._client.subscribe([(self.topic(kind), 1) for kind in (topics.ORDER, topics.CONFIG)])
        self._reading = asyncio.create_task(self._read())
        await self.publish(topics.LINK, self._link(online=True), retain=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._reading is not None
        self._reading.cancel()
        await asyncio.wait([self._reading])
        ended = self._client._disconnected
        await self._client.__aexit__(kind, error, trace)
        if ended.done() and not ended.cancelled():
            ended.exception()  # Asked for, so that asyncio does not complain that nobody did.

    def topic(self, kind: str) -> str:
        """One of the unit's own topics."""
        return topics.topic(self.unit_id, kind)

    async def publish(self, kind: str, payload: bytes, *, retain: bool = False) -> None:
        """Any bytes on one of its own topics."""
        await self._client.publish(self.topic(kind), payload, 1, retain)

    async def publish_to(self, topic: str, payload: bytes) -> None:
        """Any bytes on any topic."""
        await self._client.publish(topic, payload, 1)

    async def subscribe(self, topic: str) -> int:
        """The broker's answer: 0 or 1 for granted, 0x80 for refused."""
        (code,) = await self._client.subscribe(topic, 1)
        return code if isinstance(code, int) else code.value

    async def report(self, lat_e7: int = BANDUNG[0], lon_e7: int = BANDUNG[1], fixes: int = 1) -> int:
        """Report where it is; the first fix's seq."""
        seq = self.next_seq
        self.next_seq += fixes
        await self.publish(topics.REPORT, self.report_bytes(seq, lat_e7, lon_e7, fixes))
        return seq

    def report_bytes(self, seq: int, lat_e7: int = BANDUNG[0], lon_e7: int = BANDUNG[1], fixes: int = 1) -> bytes:
        """A report of `fixes` fixes at one place."""
        now_s = int(time.time())
        return Report(self.boot_id, seq, [Fix(now_s, lat_e7, lon_e7, satellites=8) for _ in range(fixes)]).encode()

    async def ack(self, order: Order, kind: int) -> int:
        """Acknowledge an order; the acknowledgement's seq."""
        seq = self._next_ack_seq
        self._next_ack_seq += 1
        message = Ack(self.boot_id, seq, order.order_id, order.revision, kind, int(time.time()))
        await self.publish(topics.ACK, message.encode())
        return seq

    async def order(self, deadline_s: float = 10.0) -> Order:
        """The next order that arrives."""
        async with asyncio.timeout(deadline_s):
            return await self.orders.get()

    async def config(self, deadline_s: float = 10.0) -> Config:
        """The next change of settings that arrives."""
        async with asyncio.timeout(deadline_s):
            return await self.configs.get()

    def die(self) -> None:
        """Lose the connection without a word, so that the broker publishes the will."""
        connection = self._client._client.socket()
        assert isinstance(connection, socket.socket)
        connection.shutdown(socket.SHUT_RDWR)

    def _link(self, *, online: bool) -> bytes:
        return Link(self.boot_id, self.connection, online, "wire-unit").encode()

    async def _read(self) -> None:
        try:
            async for message in self._client.messages:
                assert isinstance(message.payload, bytes)
                if str(message.topic) == self.topic(topics.CONFIG):
                    self.configs.put_nowait(Config.decode(message.payload))
                else:
                    self.orders.put_nowait(Order.decode(message.payload))
        except aiomqtt.MqttError:
            pass
