"""The server's side of the wire, as far as these tests need one: hears units, sends orders."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiomqtt

from sigap_simulator.unit import UnitAccount
from sigap_wire import order as order_wire
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Report
from sigap_wire.result import Result

_DECODERS = {
    topics.REPORT: Report.decode,
    topics.BACKLOG: Report.decode,
    topics.LINK: Link.decode,
    topics.ACK: Ack.decode,
    topics.HEALTH: Health.decode,
    topics.RESULT: Result.decode,
}
Received = tuple[str, str, object]
"""(unit_id, topic kind, message)"""


class Dispatcher:
    """`received` holds everything in the order of arrival."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.received: list[Received] = []
        self._news = asyncio.Condition()

    async def listen(self) -> None:
        async for message in self._client.messages:
            unit_id, kind = topics.parse(str(message.topic))
            assert isinstance(message.payload, bytes)
            if kind in _DECODERS:
                async with self._news:
                    self.received.append((unit_id, kind, _DECODERS[kind](message.payload)))
                    self._news.notify_all()

    def of(self, unit_id: str, kind: str) -> list:
        return [message for who, what, message in self.received if (who, what) == (unit_id, kind)]

    async def wait(self, condition: Callable[[], object], deadline_s: float = 20.0) -> None:
        """Until the condition holds for what was received; AssertionError with the latest messages if it never does."""
        try:
            async with asyncio.timeout(deadline_s), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"not within {deadline_s:g} s; last received: {self.received[-10:]}") from None

    async def order(
        self, unit_id: str, order_id: int, revision: int, state: int, lat_e7: int = -69147000, lon_e7: int = 1076098000
    ) -> None:
        order = Order(
            order_id,
            revision,
            state,
            incident_id=order_id,
            kind=order_wire.KIND_EMERGENCY,
            priority=1,
            lat_e7=lat_e7,
            lon_e7=lon_e7,
            accuracy_m=20,
            pressed_time_s=int(time.time()),
            expiry_time_s=int(time.time()) + 60,
            eta_s=60,
        )
        await self._client.publish(topics.topic(unit_id, topics.ORDER), order.encode(), qos=1)

    async def send_raw(self, topic: str, payload: bytes) -> None:
        await self._client.publish(topic, payload, qos=1)


@asynccontextmanager
async def dispatcher(account: UnitAccount) -> AsyncIterator[Dispatcher]:
    """Connected to the account's broker and subscribed to all units."""
    async with aiomqtt.Client(
        account.host, account.port, username=account.user, password=account.password, identifier="dispatcher"
    ) as client:
        await client.subscribe("sigap/v1/unit/#", qos=1)
        found = Dispatcher(client)
        task = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
