"""One MQTT 3.1.1 client session without a socket or a clock: bytes and times in, bytes and events out.

The session outlives its connections: publishes stay in flight until the server acknowledged them, however often the
line breaks in between (§4.4). Times are milliseconds of a clock that wraps at 2**30 (clock.py).

    session.open(will_payload, now_ms)          on a new connection, then
    session.take_output()                       bytes to write, after every call below
    session.receive(data, count, now_ms)        → events, one tuple (EVENT, …) each
    session.publish(topic, payload, …)          while session.has_room()
    session.tick(now_ms)                        several times per keepalive/4
    session.close()                             when the connection is gone
"""

from sigap_tracker.clock import elapsed_ms
from sigap_tracker.errors import MqttError
from sigap_tracker.interfaces import Events
from sigap_tracker.network import mqtt_packets as packets

# What receive() yields.
CONNECTED = 0  # (CONNECTED, session_present: bool): the server took the connection
SUBSCRIBED = 1  # (SUBSCRIBED,): every subscription stands
DELIVERED = 2  # (DELIVERED, token): the server has that publish on its side
MESSAGE = 3  # (MESSAGE, topic: str, payload: bytes); acknowledged when the next event is asked for

REFUSED = "refused: "  # the beginning of the MqttError that says why the server did not take the connection

_REFUSALS = (
    "unacceptable protocol version",
    "client id rejected",
    "server unavailable",
    "bad user name or password",
    "not authorized",
)  # §3.2.2.3, return codes 1 to 5

_OUTPUT_MAX_BYTES = 8192
_CLOSED, _OPENING, _OPEN = range(3)


class MqttSession:
    """QoS 1 both ways, one will.

    prefix             comes before every topic that the session is given; what it tells of has it
    subscriptions      topics, subscribed to anew on each connection: harmless where the server still has them (§3.8.4)
    window             publishes in flight at most
    packet_max_bytes   of a server's larger packet no more is kept: enough for a config on the longest topic
    ack_timeout_ms     a server that answers pings but acknowledges nothing for so long is given up, too
    """

    def __init__(
        self,
        client_id: str,
        user: str,
        password: str,
        keepalive_s: int,
        will_topic: str,
        subscriptions: "tuple[str, ...]" = (),
        clean_session: bool = False,
        window: int = 8,
        packet_max_bytes: int = 1088,
        ack_timeout_ms: int = 30000,
        prefix: str = "",
    ) -> None:
        self.prefix = prefix
        self._client_id = client_id
        self._user = user
        self._password = password
        self._keepalive_s = keepalive_s
        self._will_topic = will_topic
        self._subscriptions = subscriptions
        self._clean_session = clean_session
        self._window = window
        self._ack_timeout_ms = ack_timeout_ms
        self._reader = packets.PacketReader(packet_max_bytes)
        self._output = bytearray()
        self._state = _CLOSED
        self._last_id = 0
        self._subscribe_id = 0
        self._in_flight: "list[tuple[int, bytearray, object]]" = []  # (packet id, PUBLISH, token), oldest first
        self._opened_ms = self._heard_ms = self._said_ms = self._pinged_ms = 0
        self._waiting_since_ms = 0  # for the oldest publish's acknowledgement

    def is_open(self) -> bool:
        """The server accepted the connection."""
        return self._state == _OPEN

    def has_room(self) -> bool:
        """publish() is allowed now."""
        return self._state == _OPEN and len(self._in_flight) < self._window

    def in_flight(self) -> int:
        """Publishes not acknowledged yet."""
        return len(self._in_flight)

    def open(self, will_payload: "bytes | None", now_ms: int) -> None:
        """Begin on a fresh connection. `will_payload` is published to `will_topic`, retained, when it breaks."""
        self._reader.reset()
        self._state = _OPENING
        self._opened_ms = self._heard_ms = self._said_ms = self._pinged_ms = now_ms
        self._output = packets.connect(
            self._client_id,
            self._user,
            self._password,
            self._keepalive_s,
            self._clean_session,
            self.prefix + self._will_topic,
            will_payload,
        )

    def close(self, politely: bool = False) -> None:
        """The connection is over. `politely`: leave a DISCONNECT to send first, so that no will is published."""
        self._output = bytearray(packets.DISCONNECT if politely else b"")
        self._state = _CLOSED

    def publish(self, topic: str, payload: bytes, retain: bool, token: object, now_ms: int) -> None:
        """Send at QoS 1; `token` comes back with DELIVERED. Raises MqttError if there is no room."""
        if not self.has_room():
            raise MqttError("no room in the window of %d publishes" % self._window)
        packet_id = self._next_id()
        packet = packets.publish(self.prefix + topic, payload, packet_id, retain)
        if not self._in_flight:
            self._waiting_since_ms = now_ms
        self._in_flight.append((packet_id, packet, token))
        self._say(packet, now_ms)

    def tick(self, now_ms: int) -> None:
        """Ping in time. Raises MqttError when the connection is dead."""
        if self._state == _CLOSED:
            return
        keepalive_ms = self._keepalive_s * 1000
        silent_ms = elapsed_ms(now_ms, self._heard_ms)
        if silent_ms >= keepalive_ms:
            raise MqttError("nothing heard for %d s" % (silent_ms // 1000))
        if self._state == _OPENING:
            return
        if self._in_flight and elapsed_ms(now_ms, self._waiting_since_ms) >= self._ack_timeout_ms:
            raise MqttError("no acknowledgement for %d s" % (self._ack_timeout_ms // 1000))
        # Four pings may get lost before the server's limit of 1.5 × keepalive (§3.1.2.10), three before ours.
        quarter_ms = keepalive_ms // 4
        quiet = silent_ms >= quarter_ms or elapsed_ms(now_ms, self._said_ms) >= quarter_ms
        if quiet and elapsed_ms(now_ms, self._pinged_ms) >= quarter_ms:
            self._pinged_ms = now_ms
            self._say(packets.PINGREQ, now_ms)

    def take_output(self) -> bytearray:
        """Bytes to write, in order; they count as written."""
        output = self._output
        if output:
            self._output = bytearray()
        return output

    def receive(self, data: "bytes | bytearray", count: int, now_ms: int) -> "Events":
        """Generate the events of data[:count]; exhaust it. Raises MqttError when the connection cannot go on."""
        self._heard_ms = now_ms
        reader = self._reader
        at = 0
        while at < count:
            at = reader.feed(data, at, count)
            if not reader.whole:
                return
            kind = reader.type
            if self._state != _OPEN:
                yield self._opened(now_ms)
            elif kind == packets.PUBACK:
                token = self._acknowledged(reader.number(0), now_ms)
                if token is not None:
                    yield (DELIVERED, token[0])
            elif kind == packets.PUBLISH:
                packet_id, event = self._message()
                yield event
                if packet_id:
                    self._say(packets.puback(packet_id), now_ms)
            elif kind == packets.SUBACK:
                self._check_subscribed()
                yield (SUBSCRIBED,)
            elif kind != packets.PINGRESP:
                raise MqttError("server sent a packet of type %d" % kind)

    def _opened(self, now_ms: int) -> "tuple[int, bool]":
        """§3.2: the first packet is CONNACK."""
        reader = self._reader
        if self._state == _CLOSED or reader.type != packets.CONNACK or reader.length != 2:
            raise MqttError("server sent a packet of type %d in place of CONNACK" % reader.type)
        code = reader.body[1]
        if code:
            reason = _REFUSALS[code - 1] if code <= len(_REFUSALS) else "return code %d" % code
            raise MqttError(REFUSED + reason)
        session_present = reader.body[0] & 1 == 1
        self._state = _OPEN
        if self._subscriptions:
            self._subscribe_id = self._next_id()
            topics = [self.prefix + topic for topic in self._subscriptions]
            self._say(packets.subscribe(topics, self._subscribe_id), now_ms)
        # Publish again what was not acknowledged, in its order and under its numbers (§4.4, §4.6). To a server that
        # lost the session these are first attempts, so DUP stays clear (§3.3.1.1).
        self._waiting_since_ms = now_ms
        for _, packet, _ in self._in_flight:
            packet[0] = packet[0] | packets.DUP if session_present else packet[0] & ~packets.DUP
            self._say(packet, now_ms)
        return (CONNECTED, session_present)

    def _acknowledged(self, packet_id: int, now_ms: int) -> "tuple[object] | None":
        """(token,) of the publish; None for a second PUBACK, which a resent publish may well bring."""
        for i in range(len(self._in_flight)):
            if self._in_flight[i][0] == packet_id:
                self._waiting_since_ms = now_ms
                return (self._in_flight.pop(i)[2],)
        return None

    def _message(self) -> "tuple[int, tuple[int, str, bytes]]":
        """(packet id or 0, event) of a PUBLISH, §3.3."""
        reader = self._reader
        qos = reader.flags >> 1 & 3
        if qos > 1:
            raise MqttError("server sent a publish of QoS %d, subscribed to 1" % qos)
        at = 2 + reader.number(0)
        packet_id = 0
        if qos:
            packet_id = reader.number(at)
            if not packet_id:
                raise MqttError("server sent a publish without a packet id")
        elif at > reader.length:
            raise MqttError("server's publish cut short")
        try:
            topic = str(bytes(reader.body[2:at]), "utf-8")
        except ValueError:  # UnicodeError is one
            raise MqttError("server's topic is not UTF-8")
        return packet_id, (MESSAGE, topic, bytes(reader.body[at + 2 * qos : reader.length]))

    def _check_subscribed(self) -> None:
        reader = self._reader
        if reader.number(0) != self._subscribe_id or reader.length != 2 + len(self._subscriptions):
            raise MqttError("server's SUBACK answers no subscription")
        for i, topic in enumerate(self._subscriptions):
            if reader.body[2 + i] > 1:  # 0x80 is failure, §3.9.3
                raise MqttError("subscription to %s%s refused" % (self.prefix, topic))

    def _next_id(self) -> int:
        """A packet id, 1 to 65535, that nothing in flight has (§2.3.1)."""
        while True:
            self._last_id = self._last_id % 0xFFFF + 1
            for packet_id, _, _ in self._in_flight:
                if packet_id == self._last_id:
                    break
            else:
                return self._last_id

    def _say(self, packet: "bytes | bytearray", now_ms: int) -> None:
        if len(self._output) + len(packet) > _OUTPUT_MAX_BYTES:
            raise MqttError("server does not read: %d bytes wait" % len(self._output))
        self._output.extend(packet)
        self._said_ms = now_ms
