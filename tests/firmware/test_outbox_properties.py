"""The outbox and the MQTT session between a car that drives and a broker that loses its connections."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_wire import topics
from sigap_wire.report import Fix, Report

CAPACITY = 24
PUBLISH = 3


class UnreliableLine(RuleBasedStateMachine):
    """Every fix kept is at the broker, still in the unit, or counted as dropped; and the newest goes first."""

    @initialize(start_ms=st.sampled_from((0, TICKS_PERIOD_MS - 3000)))
    def begin(self, start_ms: int) -> None:
        self.now_ms = start_ms
        self.outbox = Outbox(1, CAPACITY)
        self.session = MqttSession("u", "u", "p", 30, "t/link", ("t/order",), window=4)
        self.connected = False
        self.server_in = b""
        self.unacknowledged: list[bytes] = []  # packet ids the broker has not answered yet
        self.at_broker: set[int] = set()
        self.highest = -1

    # The unit.

    @rule(count=st.integers(1, 12))
    def keep(self, count: int) -> None:
        for _ in range(count):
            number = self.outbox.kept
            self.outbox.keep(Fix(1789882530 + number, 10 * number, -7 * number, number % 100))

    @rule()
    def acknowledge_an_order(self) -> None:
        self.outbox.put_ack(7, 1, 0, 0)

    @precondition(lambda self: self.connected)
    @rule()
    def pump(self) -> None:
        while self.session.has_room():
            message = self.outbox.next_message()
            if message is None:
                break
            kind, payload, token = message
            if kind == topics.REPORT:
                seq = Report.decode(payload).seq
                assert seq == self.outbox.kept - 1, "a live report is the newest fix"
            self.session.publish("t/" + kind, payload, False, token, self.now_ms)

    # The line.

    @precondition(lambda self: not self.connected)
    @rule(session_present=st.booleans())
    def connect(self, session_present: bool) -> None:
        self.session.open(b"gone", self.now_ms)
        self.session.take_output()
        connack = bytes((0x20, 2, int(session_present), 0))
        assert list(self.session.receive(connack, 4, self.now_ms)) == [(protocol.CONNECTED, session_present)]
        self.connected = True
        self.unacknowledged = []

    @precondition(lambda self: self.connected)
    @rule(taken=st.integers(0, 400))
    def carry(self, taken: int) -> None:
        """The broker gets what is written, or only the beginning of it when the line breaks next."""
        output = bytes(self.session.take_output())
        if taken < 100:
            output = output[:taken]
            self.session.close()
            self.connected = False
        reader = packets.PacketReader(8192)
        at = 0
        while at < len(output):
            at = reader.feed(output, at, len(output))
            if not reader.whole:
                break
            if reader.type == PUBLISH:
                self._published(bytes(reader.body[: reader.length]))

    def _published(self, body: bytes) -> None:
        length = int.from_bytes(body[:2], "big")
        topic, packet_id, payload = body[2 : 2 + length], body[2 + length : 4 + length], body[4 + length :]
        if topic in (b"t/report", b"t/backlog"):
            report = Report.decode(payload)
            for offset, fix in enumerate(report.fixes):
                assert fix.fix_time_s == 1789882530 + report.seq + offset
                self.at_broker.add(report.seq + offset)
        self.unacknowledged.append(packet_id)

    @precondition(lambda self: self.connected)
    @rule(data=st.data(), times=st.integers(1, 2))
    def answer(self, data: st.DataObject, times: int) -> None:
        """PUBACKs in any order, some of them twice."""
        if not self.unacknowledged:
            return
        packet_id = data.draw(st.sampled_from(self.unacknowledged))
        self.unacknowledged.remove(packet_id)
        content = (b"\x40\x02" + packet_id) * times
        for event in self.session.receive(content, len(content), self.now_ms):
            assert event[0] == protocol.DELIVERED
            self.outbox.delivered(event[1])

    @rule(milliseconds=st.integers(0, 4000))
    def wait(self, milliseconds: int) -> None:
        self.now_ms = (self.now_ms + milliseconds) % TICKS_PERIOD_MS

    @invariant()
    def nothing_is_lost_unseen(self) -> None:
        kept = set(range(self.outbox.kept))
        still_here = set(self._in_unit())
        missing = kept - self.at_broker - still_here
        assert len(missing) <= self.outbox.dropped
        assert self.outbox.queued <= CAPACITY

    @invariant()
    def the_queue_is_counted_right(self) -> None:
        waiting = [seq for seq in range(self.outbox._oldest, self.outbox.kept) if self.outbox._state(seq) != 2]
        assert self.outbox.queued == len(waiting)

    def _in_unit(self) -> list[int]:
        held = [seq for seq in range(self.outbox._oldest, self.outbox.kept) if self.outbox._state(seq) != 2]
        for _, _, token in self.session._in_flight:
            if token is not None:
                first, count, _ = token
                held += range(first, first + count)
        return held

    def teardown(self) -> None:
        """On a good line everything that is left arrives."""
        if not hasattr(self, "outbox"):
            return
        self.session.close()
        self.connect(True)
        for _ in range(200):
            self.pump()
            self.carry(400)
            for packet_id in list(self.unacknowledged):
                self.unacknowledged.remove(packet_id)
                for event in self.session.receive(b"\x40\x02" + packet_id, 4, self.now_ms):
                    self.outbox.delivered(event[1])
        assert self.session.in_flight() == 0
        assert self.outbox.queued == 0
        assert self.outbox.next_message() is None
        assert len(set(range(self.outbox.kept)) - self.at_broker) <= self.outbox.dropped


TestUnreliableLine = UnreliableLine.TestCase
TestUnreliableLine.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
