"""The MQTT session and a broker with a line that delays, drops, doubles and cuts, in a time of their own."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.errors import MqttError
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network.mqtt_protocol import CONNECTED, DELIVERED, MESSAGE, SUBSCRIBED, MqttSession

KEEPALIVE_S = 30
WINDOW = 8
ACK_TIMEOUT_S = 30
STEP_MS = 250
MESSAGES = 40
ORDERS = 5
LASTS_MS = 120_000  # a connection that nothing else ends: a broker sends again what was lost on the next one only


@dataclass
class Broker:
    """What a broker remembers. `fates` is what to do with each of its packets, in turn."""

    fates: list[str]
    got: list[bytes] = field(default_factory=list)  # payloads, as they came first
    seen: set[bytes] = field(default_factory=set)
    acked: set[int] = field(default_factory=set)  # orders that the unit has acknowledged
    has_session: bool = False
    subscribed: bool = False
    answer: bytes = b""
    late: bytes = b""
    reader: packets.PacketReader = field(default_factory=lambda: packets.PacketReader(4096))

    def connect(self) -> None:
        self.reader.reset()
        self.answer = self.late = b""
        self.subscribed = False

    def say(self, packet: bytes) -> None:
        fate = self.fates.pop(0) if self.fates else "on"
        if fate == "late":
            self.late += packet
        elif fate != "drop":
            # A doubled CONNACK or SUBACK is no broker's; what may come twice is a publish and its acknowledgement.
            self.answer += packet * (2 if fate == "twice" and packet[0] >> 4 in (3, 4) else 1)

    def take(self) -> bytes:
        answer, self.answer, self.late = self.answer, self.late, b""
        return answer

    def hear(self, content: bytes) -> None:
        at = 0
        while at < len(content):
            at = self.reader.feed(content, at, len(content))
            if self.reader.whole:
                self._packet()

    def _packet(self) -> None:
        reader = self.reader
        body = bytes(reader.body[: reader.length])
        if reader.type == 1:
            self.answer += bytes((0x20, 2, int(self.has_session), 0))
            self.has_session = True
        elif reader.type == 8:
            self.answer += b"\x90\x03" + body[:2] + b"\x01"
            self.subscribed = True
            for number in set(range(1, ORDERS + 1)) - self.acked:
                self.say(bytes(packets.publish("t/order", bytes((number,)), number, False)))
        elif reader.type == packets.PUBLISH:
            topic_end = 2 + reader.number(0)
            payload = body[topic_end + 2 :]
            assert body[2:topic_end] == b"t/report"
            if payload not in self.seen:
                self.seen.add(payload)
                self.got.append(payload)
            self.say(packets.puback(reader.number(topic_end)))
        elif reader.type == packets.PUBACK:
            self.acked.add(reader.number(0))
        elif reader.type == 12:
            self.say(b"\xd0\x00")


fates = st.lists(st.sampled_from(["on", "on", "on", "drop", "twice", "late"]), max_size=150)
# After so many milliseconds of a connection it is cut, half of its last bytes lost; 0 is at its end.
cuts = st.lists(st.integers(0, 60_000), max_size=6)


@given(fates, cuts, st.integers(0, 60_000))
@settings(deadline=None, max_examples=100)
def test_everything_arrives_and_every_order_is_taken(lost: list[str], cut_ms: list[int], before_wrap_ms: int) -> None:
    broker = Broker(lost)
    session = MqttSession(
        "u", "u", "p", KEEPALIVE_S, "t/link", ("t/order",), window=WINDOW, ack_timeout_ms=ACK_TIMEOUT_S * 1000
    )
    now_ms = TICKS_PERIOD_MS - before_wrap_ms
    waiting = list(range(MESSAGES))
    delivered: list[object] = []
    orders: set[int] = set()
    for connection in range(100):
        cut_after_ms = (cut_ms[connection : connection + 1] or [0])[0] or LASTS_MS
        broker.connect()
        session.open(b"gone", now_ms % TICKS_PERIOD_MS)
        passed_ms = 0
        try:
            while passed_ms <= cut_after_ms:
                while session.has_room() and waiting:
                    number = waiting.pop(0)
                    session.publish("t/report", bytes((number,)), False, number, now_ms % TICKS_PERIOD_MS)
                assert session.in_flight() <= WINDOW
                said = bytes(session.take_output())
                cut = passed_ms + STEP_MS > cut_after_ms
                broker.hear(said[: len(said) // 2] if cut else said)
                now_ms += STEP_MS
                passed_ms += STEP_MS
                answer = broker.take()
                for event in session.receive(answer, len(answer), now_ms % TICKS_PERIOD_MS) if answer else ():
                    assert event[0] in (CONNECTED, SUBSCRIBED, DELIVERED, MESSAGE)
                    if event[0] == DELIVERED:
                        delivered.append(event[1])
                    elif event[0] == MESSAGE:
                        orders.add(event[2][0])
                session.tick(now_ms % TICKS_PERIOD_MS)
                if len(delivered) == MESSAGES and len(broker.acked) == ORDERS:
                    break
        except MqttError as error:
            # Nothing that a line may do is a fault of the protocol, but for silence.
            assert "nothing heard" in str(error) or "no acknowledgement" in str(error)
        session.close()
        if len(delivered) == MESSAGES and len(broker.acked) == ORDERS:
            break
    # Delivered once each, all of them on the broker's side, and first in the order in which they were said.
    assert sorted(delivered) == list(range(MESSAGES))  # type: ignore[type-var]
    assert [payload[0] for payload in broker.got] == list(range(MESSAGES))
    assert broker.subscribed
    assert orders == set(range(1, ORDERS + 1))
