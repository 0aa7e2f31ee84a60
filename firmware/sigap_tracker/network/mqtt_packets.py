"""MQTT 3.1.1 packets (OASIS Standard, 29 October 2014): a client's put together, a server's taken apart.

Section numbers in the comments are the standard's.
"""

from sigap_tracker.errors import MqttError

# Control packet types, §2.2.1. A client receives only CONNACK, PUBLISH, PUBACK, SUBACK and PINGRESP.
CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13

PINGREQ = b"\xc0\x00"  # §3.12
DISCONNECT = b"\xe0\x00"  # §3.14
DUP = 0x08  # in a PUBLISH's first byte, §3.3.1.1

# More is no packet of any server of ours, but noise that would be read for hours.
PACKET_LIMIT_BYTES = 0x40000


def _put_length(out: bytearray, length: int) -> None:
    """Remaining length, 7 bits a byte, lowest first (§2.2.3)."""
    while length > 0x7F:
        out.append(0x80 | (length & 0x7F))
        length >>= 7
    out.append(length)


def _put_field(out: bytearray, data: "str | bytes") -> None:
    """Text or bytes behind their 16-bit length (§1.5.3)."""
    if isinstance(data, str):
        data = data.encode()
    out.append(len(data) >> 8)
    out.append(len(data) & 0xFF)
    out.extend(data)


def _packet(first: int, body: "bytes | bytearray") -> bytearray:
    out = bytearray((first,))
    _put_length(out, len(body))
    out.extend(body)
    return out


def connect(
    client_id: str,
    user: str,
    password: str,
    keepalive_s: int,
    clean_session: bool,
    will_topic: "str | bytes",
    will_payload: "bytes | None",
) -> bytearray:
    """§3.1, always with a user and a password; the will, if any, is retained and QoS 1."""
    flags = 0xC0 | (0x02 if clean_session else 0)
    if will_payload is not None:
        flags |= 0x2C
    body = bytearray(b"\x00\x04MQTT\x04")
    body.append(flags)
    body.append(keepalive_s >> 8)
    body.append(keepalive_s & 0xFF)
    _put_field(body, client_id)
    if will_payload is not None:
        _put_field(body, will_topic)
        _put_field(body, will_payload)
    _put_field(body, user)
    _put_field(body, password)
    return _packet(0x10, body)


def publish(topic: "str | bytes", payload: bytes, packet_id: int, retain: bool) -> bytearray:
    """§3.3, QoS 1."""
    body = bytearray()
    _put_field(body, topic)
    body.append(packet_id >> 8)
    body.append(packet_id & 0xFF)
    body.extend(payload)
    return _packet(0x33 if retain else 0x32, body)


def puback(packet_id: int) -> bytes:
    """§3.4."""
    return bytes((0x40, 2, packet_id >> 8, packet_id & 0xFF))


def subscribe(topics: "list[str]", packet_id: int) -> bytearray:
    """§3.8, every topic at QoS 1."""
    body = bytearray((packet_id >> 8, packet_id & 0xFF))
    for topic in topics:
        _put_field(body, topic)
        body.append(1)
    return _packet(0x82, body)


class PacketReader:
    """Collects one packet at a time from pieces of any size.

    While `whole`: `type`, `flags` (the low half of the first byte), and the body in `body[:length]`, valid until the
    next feed(). Of a packet longer than `max_bytes` that is its beginning, so that it can be refused and acknowledged
    like any other: the server would send it again on every connection if it ended them.

    usual_bytes   of the buffer that is kept; a longer packet has one of its own for as long as it takes
    """

    def __init__(self, max_bytes: int, usual_bytes: int = 384) -> None:
        self._max_bytes = max_bytes
        self._usual = bytearray(min(max_bytes, usual_bytes))
        self.reset()

    def reset(self) -> None:
        """Forget a packet cut short by the end of its connection."""
        self.body = self._usual
        self.type = 0
        self.flags = 0
        self.length = 0
        self.whole = False
        self._shift = -1  # of the next byte of the remaining length; -1 before the first byte of a packet
        self._total = 0  # bytes of the body as announced
        self._have = -1  # of these; -1 while their number is not known

    def feed(self, data: "bytes | bytearray", at: int, end: int) -> int:
        """Take bytes from data[at:end] up to the end of one packet; returns the index after the last one taken.

        Raises MqttError for a length that no packet of ours has.
        """
        if self.whole:
            self.reset()
        while at < end and self._have < 0:
            byte = data[at]
            at += 1
            if self._shift < 0:
                self.type = byte >> 4
                self.flags = byte & 0x0F
                self._shift = 0
                continue
            self._total |= (byte & 0x7F) << self._shift
            self._shift += 7
            # Four bytes at most (§2.2.3); too long a packet is refused before its fourth byte is out.
            if self._total > PACKET_LIMIT_BYTES or (byte & 0x80 and self._shift > 21):
                raise MqttError(
                    "server's packet of %d bytes or more, at most %d read" % (self._total, PACKET_LIMIT_BYTES)
                )
            if byte < 0x80:
                self._have = 0
                self.length = min(self._total, self._max_bytes)
                if self.length > len(self.body):
                    self.body = bytearray(self.length)
        if self._have >= 0:
            count = min(end - at, self._total - self._have)
            kept = min(count, self.length - self._have)
            if kept > 0:
                # memoryview: slicing the data itself would copy it first.
                self.body[self._have : self._have + kept] = memoryview(data)[at : at + kept]
            self._have += count
            at += count
            self.whole = self._have == self._total
        return at

    def number(self, at: int) -> int:
        """The 16-bit number at body[at:]. Raises MqttError if the body ends before it does."""
        if at + 2 > self.length:
            raise MqttError("server's packet of type %d cut short: %d bytes" % (self.type, self.length))
        return self.body[at] << 8 | self.body[at + 1]
