"""The yardstick: one MQTT request and its answer between two clients of the same broker, nothing behind them."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt

from sigap_server import broker
from sigap_server.settings import Settings
from sigap_server.setup import read_identity
from sigap_wire import topics
from sigap_wire.ack import RECEIVED, Ack
from sigap_wire.order import STATE_OFFERED, Order

UNIT_ID = "bench-probe"
_DEADLINE_S = 10.0
_QOS = 1
# An order and an acknowledgement of the usual sizes. The server refuses it: it never gave an order of this number.
_REQUEST = Order(4294967295, 1, STATE_OFFERED, 1, 0, 1, -69147000, 1076098000, 20, 0, 0, 120).encode()
_ANSWER = Ack(1, 0, 4294967295, 1, RECEIVED, 0).encode()


class BareRoundTrip:
    """Two connected clients; `measure` is one exchange between them."""

    def __init__(self, asking: aiomqtt.Client) -> None:
        self._asking = asking
        self._answers = aiter(asking.messages)

    async def measure(self) -> float:
        """Seconds from publishing an order to the arrival of its acknowledgement, both at QoS 1."""
        async with asyncio.timeout(_DEADLINE_S):
            began_s = time.perf_counter()
            # The broker's own acknowledgement of the request is not waited for, as the server does not.
            sent = asyncio.create_task(self._asking.publish(topics.topic(UNIT_ID, topics.ORDER), _REQUEST, _QOS))
            await anext(self._answers)
            took_s = time.perf_counter() - began_s
            await sent
            return took_s


@asynccontextmanager
async def bare_round_trip(settings: Settings, unit_password: str) -> AsyncIterator[BareRoundTrip]:
    """Connects as the server would and as the unit UNIT_ID, which must be registered."""
    server = _client(settings, broker.SERVER_USER, read_identity(settings).password, "bench-server")
    unit = _client(settings, UNIT_ID, unit_password, UNIT_ID)
    async with server, unit:
        await server.subscribe(topics.topic(UNIT_ID, topics.ACK), _QOS)
        await unit.subscribe(topics.topic(UNIT_ID, topics.ORDER), _QOS)
        answering = asyncio.create_task(_answer(unit))
        try:
            yield BareRoundTrip(server)
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


def _client(settings: Settings, user: str, password: str, client_id: str) -> aiomqtt.Client:
    host, port = settings.mqtt.address()
    return aiomqtt.Client(
        host,
        port,
        username=user,
        password=password,
        identifier=client_id,
        # Without it, acknowledgements wait for one another: 40 ms.
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )


async def _answer(unit: aiomqtt.Client) -> None:
    topic = topics.topic(UNIT_ID, topics.ACK)
    publishing: set[asyncio.Task[None]] = set()
    async for _ in unit.messages:
        task = asyncio.create_task(unit.publish(topic, _ANSWER, _QOS))
        publishing.add(task)
        task.add_done_callback(publishing.discard)
