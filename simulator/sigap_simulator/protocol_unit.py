"""A unit without firmware: the same wire and the same order behaviour in this process, thousands of them if need be."""

import asyncio
import contextlib
import time
from random import Random

from sigap_simulator.errors import UnitError
from sigap_simulator.unit import Event, Listener, UnitAccount
from sigap_simulator.unit_core import Moment, UnitCore
from sigap_tracker.errors import MqttError
from sigap_tracker.officer.buttons import EMERGENCY, HOLD_MS
from sigap_tracker.position.policy import Policy
from sigap_wire.report import Fix

_TICK_S = 1.0
_FIRST_RECONNECT_S = 0.5
_LONGEST_RECONNECT_S = 30.0
_CONNECT_S = 10.0


class DirectLine:
    """Where a protocol-level unit's receiver writes: no serial line, nothing gets lost."""

    dropped_bytes = 0

    def __init__(self, unit: "ProtocolUnit") -> None:
        self._unit = unit
        self.written_bytes = 0

    def write(self, content: bytes) -> None:
        self.written_bytes += len(content)
        self._unit.feed(content)

    async def send(self, content: bytes) -> None:
        self.write(content)

    def read(self) -> bytes:
        return b""

    def close(self) -> None:
        pass


class _Connection(asyncio.Protocol):
    """One connection of a unit; what an old one still has to say is not taken for the present one's."""

    def __init__(self, unit: "ProtocolUnit") -> None:
        self._unit = unit
        self.transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._unit.opened(self)

    def data_received(self, data: bytes) -> None:
        if not self.lost.done():
            self._unit.received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.give_up(str(exc or "closed by the broker"))

    def give_up(self, reason: str) -> None:
        """Nothing goes over this connection any more."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self.transport is not None:
            self.transport.abort()

    def write(self, data: bytes | bytearray) -> None:
        if self.transport is not None and not self.lost.done():
            self.transport.write(data)


class ProtocolUnit:
    """Connects, and connects again whenever the line breaks. `policy` None reports every fix."""

    def __init__(
        self, account: UnitAccount, policy: Policy | None = None, seed: int = 0, start_deadline_s: float = 60.0
    ) -> None:
        self._account = account
        self._random = Random(f"{seed}:{account.unit_id}")
        self._start_deadline_s = start_deadline_s
        self._listeners: list[Listener] = []
        self._connection: _Connection | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._subscribed = asyncio.Event()
        self._last_error = "not tried yet"
        self._started_s = 0.0
        self._down_ms: dict[str, int] = {}  # since when a button is down
        # No state is kept on disk; Unix seconds grow from one start to the next as well.
        self.core = UnitCore(account, int(time.time()), policy, self._tell)

    @property
    def unit_id(self) -> str:
        return self._account.unit_id

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def start(self) -> None:
        """Returns when the broker took the connection and the subscription. Raises UnitError."""
        self._started_s = asyncio.get_running_loop().time()
        self._keeper = asyncio.create_task(self._keep_connected(), name=f"unit {self.unit_id}")
        self._tell({"log": "boot"})
        self._tick()
        try:
            async with asyncio.timeout(self._start_deadline_s):
                await self._subscribed.wait()
        except TimeoutError:
            await self.stop()
            where = f"{self._account.host}:{self._account.port}"
            raise UnitError(f"{self.unit_id} has no connection to the broker at {where}: {self._last_error}") from None

    async def stop(self) -> None:
        """Says goodbye to the broker, so that no will is published."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None and self._connection.transport is not None:
            self._connection.write(self.core.leave())
            self._connection.transport.close()
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper

    def press(self, button: str) -> None:
        now = self._now()
        self.core.press(button, now)
        self._flush(now)

    def edge(self, button: str, down: bool) -> None:
        """Without a screen to show how long it is held: what it means is told when it comes up."""
        now_ms = round(asyncio.get_running_loop().time() * 1000)
        if down:
            self._down_ms[button] = now_ms
        elif button in self._down_ms:
            self.press(EMERGENCY if now_ms - self._down_ms.pop(button) >= HOLD_MS else button)

    def feed(self, nmea: bytes) -> None:
        """What the receiver says."""
        now = self._now()
        self.core.nmea(nmea, now)
        self._flush(now)

    def fix(self, fix: Fix) -> None:
        """A fix without a receiver's sentences."""
        now = self._now()
        self.core.fix(fix, now)
        self._flush(now)

    def drop_connection(self) -> None:
        """As if the network failed: the broker publishes the will, the unit connects again."""
        if self._connection is not None:
            self._connection.give_up("dropped on purpose")

    def opened(self, connection: _Connection) -> None:
        """Called by a new connection."""
        self._connection = connection
        now = self._now()
        self.core.connection_made(now)
        self._flush(now)

    def received(self, data: bytes) -> None:
        """Called by the present connection."""
        now = self._now()
        try:
            self.core.receive(data, now)
        except MqttError as error:
            self._give_up(error)
            return
        self._flush(now)
        if self.core.subscribed:
            self._subscribed.set()

    def _give_up(self, error: MqttError) -> None:
        if self._connection is not None:
            self._connection.give_up(str(error))

    async def _keep_connected(self) -> None:
        delay_s = _FIRST_RECONNECT_S
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    _, connection = await loop.create_connection(
                        lambda: _Connection(self), self._account.host, self._account.port
                    )
            except OSError as error:
                self._last_error = str(error) or type(error).__name__
            else:
                connected_s = loop.time()
                self._last_error = await connection.lost
                self._connection = None
                self.core.connection_lost(self._last_error)
                if loop.time() - connected_s > _LONGEST_RECONNECT_S:
                    delay_s = _FIRST_RECONNECT_S
            # Jitter: a broker that comes back is not to meet all its units at once.
            await asyncio.sleep(delay_s * self._random.uniform(0.5, 1.5))
            delay_s = min(2.0 * delay_s, _LONGEST_RECONNECT_S)

    def _tick(self) -> None:
        now = self._now()
        try:
            self.core.tick(now)
        except MqttError as error:
            self._give_up(error)
        else:
            self._flush(now)
        self._timer = asyncio.get_running_loop().call_later(_TICK_S, self._tick)

    def _flush(self, now: Moment) -> None:
        if self._connection is None:
            return
        try:
            output = self.core.output(now)
        except MqttError as error:
            self._give_up(error)
            return
        if output:
            self._connection.write(output)

    def _now(self) -> Moment:
        return Moment.now(self._started_s, asyncio.get_running_loop().time())

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
