"""A broker that does what the test tells it, packet by packet, right or wrong."""

import socket
from dataclasses import dataclass

from sigap_tracker.network import mqtt_packets as packets

CONNECT, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 8, 12, 14


@dataclass(frozen=True)
class Packet:
    kind: int
    flags: int
    body: bytes

    @property
    def topic(self) -> str:
        """Of a PUBLISH; its last level."""
        length = int.from_bytes(self.body[:2], "big")
        return self.body[2 : 2 + length].decode().rsplit("/", 1)[-1]

    @property
    def packet_id(self) -> bytes:
        """Of a PUBLISH of QoS 1, a SUBSCRIBE or a PUBACK."""
        start = 2 + int.from_bytes(self.body[:2], "big") if self.kind == packets.PUBLISH else 0
        return self.body[start : start + 2]

    def suback(self, code: int) -> bytes:
        """The answer to a SUBSCRIBE, the same for each of its topics: 0 or 1 granted, 0x80 refused."""
        topics, at = 0, 2
        while at < len(self.body):
            at += 3 + int.from_bytes(self.body[at : at + 2], "big")
            topics += 1
        return bytes((0x90, 2 + topics)) + self.packet_id + bytes((code,)) * topics

    @property
    def payload(self) -> bytes:
        return self.body[4 + int.from_bytes(self.body[:2], "big") :]


class Connection:
    """One connection of a unit."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(15)
        self.socket = connection
        self._reader = packets.PacketReader(8192)
        self._content = b""

    def read(self) -> Packet | None:
        """The next packet, None at the end of the connection; TimeoutError after 15 s."""
        while True:
            at = self._reader.feed(self._content, 0, len(self._content)) if self._content else 0
            self._content = self._content[at:]
            if at and self._reader.whole:
                return Packet(self._reader.type, self._reader.flags, bytes(self._reader.body[: self._reader.length]))
            try:
                self._content = self.socket.recv(4096)
            except ConnectionError:
                return None
            if not self._content:
                return None

    def expect(self, kind: int, topic: str | None = None) -> Packet:
        """The next packet of that kind (and topic); pings before it are answered, others are passed over."""
        while (packet := self.read()) is not None:
            if packet.kind == kind and (topic is None or packet.topic == topic):
                return packet
            if packet.kind == PINGREQ:
                self.send(b"\xd0\x00")
        raise AssertionError(f"connection closed before packet {kind} {topic or ''}")

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def take(self, session_present: bool = False) -> None:
        """Welcome a unit whose CONNECT was read, and grant its subscription."""
        self.send(bytes((0x20, 2, int(session_present), 0)))
        self.send(self.expect(SUBSCRIBE).suback(1))

    def acknowledge(self, packet: Packet, times: int = 1) -> None:
        self.send((b"\x40\x02" + packet.packet_id) * times)

    def close(self) -> None:
        self.socket.close()


class ScriptedBroker:
    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(20)
        self.port: int = self._listener.getsockname()[1]
        self._open: list[Connection] = []

    def accept(self) -> Connection:
        """The unit's next connection, with its CONNECT not read yet."""
        connection = Connection(self._listener.accept()[0])
        self._open.append(connection)
        return connection

    def welcome(self, session_present: bool = False) -> Connection:
        """A connection that was taken, with its subscription granted."""
        connection = self.accept()
        connection.expect(CONNECT)
        connection.take(session_present)
        return connection

    def close(self) -> None:
        for connection in self._open:
            connection.close()
        self._listener.close()
