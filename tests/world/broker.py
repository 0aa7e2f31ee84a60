"""A broker in memory: QoS 1, sessions that outlive connections, acknowledgement by hand, retained links and wills.

It keeps what it confirmed, whatever happens, and delivers at least once: late, again, and one topic's messages ahead of
another's.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import aiomqtt

from sigap_wire import topics
from tests.world.clock import pass_time
from tests.world.trace import Trace


@dataclass(eq=False, slots=True)
class Message:
    """As paho hands it over; `mid` is of the present connection."""

    topic: str
    payload: bytes
    mid: int = 0

    def __str__(self) -> str:
        return f"{self.topic[14:]} {self.payload.hex()}"


@dataclass(eq=False, slots=True)
class Line:
    """One connection of a unit."""

    unit_id: str
    will: bytes
    take: Callable[[bytes], None]
    is_up: bool = True


@dataclass(eq=False, slots=True)
class _UnitSession:
    line: Line | None = None
    waiting: deque[Message] = field(default_factory=deque)


class Broker:
    """`delay_s` is drawn anew for every step of a message's way.

    acknowledged   told when the server acknowledges a message
    published      told of every message of the server's: (unit_id, payload)
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, trace: Trace, ack_wait_s: float) -> None:
        self._loop = loop
        self._rng = rng
        self._trace = trace
        self._ack_wait_s = ack_wait_s
        self.slowest_s = 0.05
        self.is_up = True
        self.waiting: dict[str, deque[Message]] = {kind: deque() for kind in topics.FROM_UNIT}
        self.client: Client | None = None
        self._retained: dict[str, Message] = {}
        self._sessions: dict[str, _UnitSession] = {}
        self.acknowledged: Callable[[Message], None] = lambda message: None
        self.published: Callable[[str, bytes], None] = lambda unit_id, payload: None

    def delay_s(self) -> float:
        """How long a step takes now: mostly little, at times as long as the network is slow."""
        slow = self._rng.random() < 0.2
        return self._rng.uniform(0, self.slowest_s if slow else min(0.02, self.slowest_s))

    def later(self, do: Callable[..., None], *arguments: Any) -> None:
        """Do it when it has come over the network."""
        self._loop.call_later(self.delay_s(), do, *arguments)

    # Units.

    def attach(self, line: Line) -> None:
        """A unit connects. An earlier connection of its own ends, and its will is told."""
        session = self._sessions.setdefault(line.unit_id, _UnitSession())
        self._end(session)
        session.line = line
        for message in list(session.waiting):
            self.later(self._to_unit, line, message)

    def cut(self, line: Line, noticed_after_s: float) -> None:
        """The unit's connection is gone; the broker notices later."""
        line.is_up = False
        self._loop.call_later(noticed_after_s, self._notice, line)

    def forget(self, unit_id: str) -> None:
        """The unit's session is lost, with the orders in it."""
        self._sessions.setdefault(unit_id, _UnitSession()).waiting.clear()

    def from_unit(self, line: Line, topic: str, payload: bytes, confirmed: Callable[[], None]) -> None:
        """A unit publishes; `confirmed` is called when its PUBACK is back. Either may get lost with the line."""
        self.later(self._arrive, line, Message(topic, payload), confirmed)

    def backlog(self, unit_id: str) -> int:
        """Messages that wait for this unit."""
        session = self._sessions.get(unit_id)
        return len(session.waiting) if session else 0

    def _arrive(self, line: Line, message: Message, confirmed: Callable[[], None]) -> None:
        if not line.is_up or not self.is_up:
            return
        self._store(message)
        if self._rng.random() < 0.02:
            self._store(Message(message.topic, message.payload))
        self.later(lambda: confirmed() if line.is_up else None)

    def _notice(self, line: Line) -> None:
        session = self._sessions[line.unit_id]
        if session.line is line:
            self._end(session)

    def _end(self, session: _UnitSession) -> None:
        line, session.line = session.line, None
        if line is not None:
            line.is_up = False
            self._store(Message(topics.topic(line.unit_id, topics.LINK), line.will))

    def _to_unit(self, line: Line, message: Message) -> None:
        session = self._sessions[line.unit_id]
        if not line.is_up or not self.is_up or message not in session.waiting:
            return
        line.take(message.payload)
        if self._rng.random() < 0.05:
            line.take(message.payload)
        self.later(self._confirmed_by_unit, line, message)

    def _confirmed_by_unit(self, line: Line, message: Message) -> None:
        waiting = self._sessions[line.unit_id].waiting
        if line.is_up and message in waiting:
            waiting.remove(message)

    # The server.

    def _store(self, message: Message) -> None:
        kind = topics.parse(message.topic)[1]
        self.waiting[kind].append(message)
        if kind == topics.LINK:
            self._retained[message.topic] = message
        if self.client is not None:
            self.client.deliver(kind, message)

    def connect_server(self, client: "Client") -> None:
        """Raises MqttError while the broker is down. An earlier connection ends."""
        if not self.is_up:
            raise aiomqtt.MqttError("connection refused")
        self.drop_server("taken over")
        self.client = client

    def subscribed(self, client: "Client") -> None:
        """What waits comes again, and every unit's link, as it is retained."""
        for topic, retained in self._retained.items():
            self.waiting[topics.LINK].append(Message(topic, retained.payload))
        for kind, waiting in self.waiting.items():
            for message in waiting:
                client.deliver(kind, message)

    def drop_server(self, why: str) -> None:
        """The server's connection ends."""
        client, self.client = self.client, None
        if client is not None:
            client.end(why)

    def publish(self, topic: str, payload: bytes) -> None:
        """The server's message for a unit is kept until the unit has confirmed it."""
        unit_id = topics.parse(topic)[0]
        self.published(unit_id, payload)
        session = self._sessions.setdefault(unit_id, _UnitSession())
        message = Message(topic, payload)
        session.waiting.append(message)
        if session.line is not None:
            self.later(self._to_unit, session.line, message)

    def stop(self) -> None:
        """The broker goes down: every connection ends. What it keeps is on its disk."""
        self.is_up = False
        self.drop_server("broker stopped")
        for session in self._sessions.values():
            if session.line is not None:
                self.cut(session.line, 0)

    def start(self) -> None:
        """It is back."""
        self.is_up = True

    def redeliver(self, client: "Client", kind: str, message: Message) -> None:
        """Not acknowledged in time: again, behind what came meanwhile."""
        if client is self.client and message in self.waiting[kind] and message.mid:
            client.hand_over(message)
            self._loop.call_later(self._ack_wait_s, self.redeliver, client, kind, message)

    @property
    def ack_wait_s(self) -> float:
        """When a message is delivered again."""
        return self._ack_wait_s


class Client:
    """In the place of sigap_server.mqtt.Client: the server's end of one connection."""

    def __init__(self, broker: Broker, loop: asyncio.AbstractEventLoop, on_message: Callable[[Message], None]) -> None:
        self._broker = broker
        self._loop = loop
        self._on_message = on_message
        self._lost: asyncio.Future[None] = loop.create_future()
        self._mids = count(1)
        self._next_s = dict.fromkeys(topics.FROM_UNIT, 0.0)
        self._unacknowledged: dict[int, tuple[str, Message]] = {}
        self._is_paused = False
        self._held: list[Message] = []
        self.is_up = True
        self.pending_calls_threshold = 0

    async def __aenter__(self) -> "Client":
        await pass_time(self._broker.delay_s())
        self._broker.connect_server(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._broker.client is self:
            self._broker.drop_server("closed")
        self.end("closed")

    async def until_lost(self) -> None:
        await asyncio.shield(self._lost)

    async def subscribe(self, wanted: list[tuple[str, int]]) -> list[int]:
        await self._answer()
        self._broker.subscribed(self)
        return [1] * len(wanted)

    async def publish(self, topic: str, payload: bytes, qos: int) -> None:
        assert qos == 1
        await self._answer()
        self._broker.publish(topic, payload)
        await self._answer()

    def acknowledge(self, mid: int) -> None:
        kind, message = self._unacknowledged.pop(mid, (None, None))
        if kind is None or message is None:
            return
        self._broker.acknowledged(message)
        self._broker.later(self._acknowledged, kind, message)

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        held, self._held = self._held, []
        for message in held:
            self.hand_over(message)

    def deliver(self, kind: str, message: Message) -> None:
        """One topic's messages come in their order; topics do not wait for each other."""
        self._next_s[kind] = max(self._next_s[kind], self._loop.time() + self._broker.delay_s())
        self._loop.call_at(self._next_s[kind], self._delivered, kind, message)

    def hand_over(self, message: Message) -> None:
        """To the server, if it reads."""
        if not self.is_up:
            return
        if self._is_paused:
            self._held.append(message)
        else:
            self._on_message(message)

    def end(self, why: str) -> None:
        """The connection is gone."""
        self.is_up = False
        if not self._lost.done():
            self._lost.set_exception(aiomqtt.MqttError(why))
            self._lost.exception()  # nobody may ever ask

    def _delivered(self, kind: str, message: Message) -> None:
        if not self.is_up or message not in self._broker.waiting[kind]:
            return
        message.mid = next(self._mids)
        self._unacknowledged[message.mid] = kind, message
        self.hand_over(message)
        self._loop.call_later(self._broker.ack_wait_s, self._broker.redeliver, self, kind, message)

    def _acknowledged(self, kind: str, message: Message) -> None:
        if self.is_up and message in self._broker.waiting[kind]:
            self._broker.waiting[kind].remove(message)

    async def _answer(self) -> None:
        await pass_time(self._broker.delay_s())
        if not self.is_up:
            raise aiomqtt.MqttError("connection lost")
