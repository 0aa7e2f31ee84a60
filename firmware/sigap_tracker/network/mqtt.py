"""Keeps the unit connected: the MQTT session (mqtt_protocol.py) on the machine's network, again after every failure."""

import asyncio
import errno
import os

from sigap_tracker import on_demand
from sigap_tracker.clock import elapsed_ms
from sigap_tracker.errors import LineError, MqttError
from sigap_tracker.interfaces import Listener, Machine, Work
from sigap_tracker.network import ladder
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.ladder import Ladder
from sigap_tracker.network.mqtt_protocol import REFUSED, MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.network.secure import context
from sigap_tracker.storage.settings import Settings
from sigap_tracker.supervisor import MQTT, Supervisor
from sigap_wire import topics

_CONNECT_MS = 20000
_TICK_MS = 250
_CLOSED = "server closed the connection"
_STEADY_MS = 10000  # a connection that lasted so long starts the waiting over


class MqttLink:
    """Carries the outbox's messages out and the server's in, and tells `listener` what happens."""

    def __init__(
        self,
        machine: Machine,
        session: MqttSession,
        outbox: Outbox,
        settings: Settings,
        listener: Listener,
        supervisor: Supervisor,
    ) -> None:
        self._machine = machine
        self._session = session
        self._outbox = outbox
        self._listener = listener
        self._line = machine.line
        self._line.notes = outbox.journal
        self.ladder = Ladder(
            machine.ticks_ms(),
            settings.ladder_patience_s,
            settings.ladder_reboot_s,
            self._line.has_modem,
            on_demand.load("sigap_tracker.network.line_story").reboots(outbox),
        )
        self.trouble = ""  # what somebody has to put right, as it was last; whoever tells the server clears it
        self._supervisor = supervisor
        self._host = settings.mqtt_host
        self._address = ""  # of the host, when it was connected to last
        self._address_good = False
        self._port = settings.mqtt_port
        self._tls = context(settings)
        self._server_name = settings.mqtt_server_name or settings.mqtt_host
        self._wait_min_ms = settings.mqtt_reconnect_min_s * 1000
        self._wait_max_ms = settings.mqtt_reconnect_max_s * 1000
        self._buffer = bytearray(128)
        self._wake = asyncio.Event()
        self._failure: "Exception | None" = None  # what ended the connection
        self.connects = 0
        self.bytes_in = 0
        self.bytes_out = 0

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._wake.set()

    def settled(self) -> bool:
        """Nothing that was sent waits for the server's word."""
        return not self._session.in_flight()

    async def leave(self) -> None:
        """End the connection in order, so that the will is not published. The unit is to end soon: run() goes on."""
        self._session.close(True)
        self._wake.set()
        await asyncio.sleep_ms(_TICK_MS)

    async def run(self) -> None:
        """Connect, and again after each failure, waiting longer each time up to the limit."""
        wait_ms = self._wait_min_ms
        while True:
            self._supervisor.check_in(MQTT)
            start_ms = self._machine.ticks_ms()
            bytes_in, connects = self.bytes_in, self.connects
            reached = False
            reason = ""
            try:
                if not self._line.is_up():
                    await self._line.up()
                    self._supervisor.check_in(MQTT)
                await self._connection()
            except (OSError, ValueError, MqttError, LineError, asyncio.TimeoutError) as error:
                # ValueError is how a broker's certificate is refused, in words with line ends around them.
                reason = str(error).strip() or "no connection within %d s" % (_CONNECT_MS // 1000)
                if isinstance(error, (ValueError, LineError)) or reason.startswith(REFUSED):
                    self.trouble = reason
                self._listener.link_down(reason)
                reached = self.bytes_in != bytes_in or _is_answer(error)
            now_ms = self._machine.ticks_ms()
            if self.connects != connects:
                self.ladder.heard(now_ms)
            else:
                self._address_good = False
            if elapsed_ms(now_ms, start_ms) >= _STEADY_MS:
                wait_ms = self._wait_min_ms
            await self._climb(self.ladder.failed(now_ms, reached), reason)
            # A fleet whose broker came back must not knock all at once.
            share = int.from_bytes(os.urandom(2), "big")
            await asyncio.sleep_ms(wait_ms // 2 + wait_ms // 2 * share // 0xFFFF)
            wait_ms = min(2 * wait_ms, self._wait_max_ms)

    async def _climb(self, rung: int, reason: str) -> None:
        """Do what the ladder says before the next attempt, after one that failed for that reason."""
        if rung == ladder.RECONNECT:
            return
        self._machine.log("ladder", rung=ladder.RUNG_NAMES.split(",")[rung])
        self._supervisor.check_in(MQTT)
        try:
            if rung == ladder.LINE_RESTART:
                await self._line.down()
            elif rung == ladder.MODEM_RESET:
                await self._line.reset()
            elif rung == ladder.MODEM_POWER:
                await self._line.power_cycle()
            elif self._listener.may_reboot():
                on_demand.load("sigap_tracker.network.line_story").rebooting(self._outbox, self.ladder, reason)
                self._listener.reboot()
        except LineError as error:
            self.trouble = str(error)
            self._machine.log("line", reason=self.trouble)

    def _look_up(self) -> str:
        """The host's address. Looking up its name blocks, and fails while the name server does: where the unit was
        connected last is tried first."""
        if not self._address_good:
            try:
                self._address = self._machine.look_up(self._host)
            except OSError:
                if not self._address:
                    raise
        return self._address

    async def _connection(self) -> None:
        """One connection from beginning to end; always ends by an exception."""
        reader: asyncio.StreamReader
        writer: asyncio.StreamWriter
        secure = self._secure if self._tls is not None else None
        opening = self._machine.open_connection(self._look_up(), self._port, secure)
        reader, writer = await asyncio.wait_for_ms(opening, _CONNECT_MS)
        self._session.open(self._listener.will(self.connects + 1), self._machine.ticks_ms())
        self._failure = None
        tasks = [asyncio.create_task(self._guard(work)) for work in (self._read(reader), self._write(writer))]
        try:
            while self._failure is None:
                self._supervisor.check_in(MQTT)
                if not self._line.is_up():
                    raise MqttError("the line under it went down")
                # Here and not where it is written, because the writer may be stuck on a dead line.
                self._session.tick(self._machine.ticks_ms())
                self._wake.set()
                await asyncio.sleep_ms(_TICK_MS)
        finally:
            for task in tasks:
                task.cancel()
            self._session.close()
            writer.close()
            await writer.wait_closed()
        raise self._failure

    def _secure(self, connection):  # type: ignore[no-untyped-def]
        """The handshake is left to the first write, which does not block on the line as one here would."""
        assert self._tls is not None
        return self._tls.wrap_socket(connection, server_hostname=self._server_name, do_handshake_on_connect=False)

    async def _guard(self, work: "Work") -> None:
        """One task's end is the connection's; what the other then runs into is not the reason."""
        try:
            await work
        except Exception as error:
            if self._failure is None:
                self._failure = error

    async def _read(self, reader: asyncio.StreamReader) -> None:
        buffer = self._buffer
        while True:
            count = await reader.readinto(buffer)
            if count == 0:
                raise MqttError(_CLOSED)
            if not count:
                continue  # None: woken up for nothing
            self.bytes_in += count
            self._take(count)
            self._wake.set()

    def _take(self, count: int) -> None:
        """Deal with what was read. No coroutine: its frame would keep the last message until the next one comes."""
        for event in self._session.receive(self._buffer, count, self._machine.ticks_ms()):
            kind = event[0]
            if kind == protocol.DELIVERED:
                self._outbox.delivered(event[1])
            elif kind == protocol.MESSAGE:
                self._listener.message(event[1][len(self._session.prefix) :], event[2])
            elif kind == protocol.CONNECTED:
                self.connects += 1
                self._address_good = True
                self._listener.link_up(self.connects, event[1])
                if self.ladder.reboots:
                    on_demand.load("sigap_tracker.network.line_story").connected(self._outbox)

    def _hand_out(self) -> None:
        """Give the session what it has room for. No coroutine, as _take() is none."""
        while self._session.has_room():
            message = self._outbox.next_message()
            if message is None:
                break
            kind, payload, token = message
            self._session.publish(kind, payload, kind == topics.LINK, token, self._machine.ticks_ms())

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        while True:
            if self._put(writer):
                await writer.drain()
            else:
                self._wake.clear()
                await self._wake.wait()

    def _put(self, writer: asyncio.StreamWriter) -> bool:
        """Give the writer what there is to say; False if that is nothing. No coroutine, as _take() is none."""
        self._hand_out()
        output = self._session.take_output()
        if not output:
            return False
        self.bytes_out += len(output)
        writer.write(output)
        return True


def _is_answer(error: Exception) -> bool:
    """Something at the server's address said no: the way there is good."""
    if isinstance(error, OSError):
        number = error.errno or 0
        # Below -0x1000 are the errors of a TLS handshake.
        return number in (errno.ECONNREFUSED, errno.ECONNRESET) or number < -0x1000
    return isinstance(error, ValueError) or str(error) == _CLOSED
