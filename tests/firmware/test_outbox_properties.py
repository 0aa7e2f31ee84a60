"""The outbox and the MQTT session between a car that drives, loses its power, and a broker that loses connections."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import FIXES_PER_SECTOR, Spool
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.report import Fix, Report
from tests.portable.nor_flash import NorFlash, PowerCutError

SECTORS = 2
PUBLISH = 3
START_S = 1789882530


class UnreliableLine(RuleBasedStateMachine):
    """Every fix kept is at the broker, still in the unit, or counted as dropped; and the newest goes first.

    None goes twice over one connection, nor ever again once the unit has heard that the broker has it.
    """

    @initialize(start_ms=st.sampled_from((0, TICKS_PERIOD_MS - 3000)), seed=st.integers(0, 1 << 20))
    def begin(self, start_ms: int, seed: int) -> None:
        self.now_ms = start_ms
        self.flash = NorFlash(SECTORS + 2, seed)
        self.boot_id = 0
        self.begun = 0  # sectors of the spool
        self.safe: set[tuple[int, int]] = set()  # (boot_id, seq) of what keep() answered for
        self.safe_acks: list[tuple[int, int]] = []
        self.may_be: set[tuple[int, int]] = set()  # the power went before keep() answered
        self.at_broker: set[tuple[int, int]] = set()
        self.heard_of: set[tuple[int, int]] = set()  # the unit has their PUBACK
        self.acks_at_broker: set[tuple[int, int]] = set()
        self.start()

    def start(self) -> None:
        """What a unit does when the power comes."""
        self.boot_id += 1
        self.spool = Spool(self.flash, 0, SECTORS)
        self.outbox = Outbox(self.boot_id, self.spool, Journal(self.flash, SECTORS, 2))
        self.session = MqttSession("u", "u", "p", 30, "t/link", ("t/order",), window=4)
        self.connected = False
        self.unacknowledged: list[bytes] = []  # packet ids the broker has not answered yet
        self.carried: dict[bytes, list[tuple[int, int]]] = {}  # the fixes in each of these

    # The unit.

    @rule(count=st.sampled_from((1, 2, 5, 12, 60)))
    def keep(self, count: int) -> None:
        for _ in range(count):
            number = self.outbox.kept
            self.outbox.keep(made(self.boot_id, number))
            self.safe.add((self.boot_id, number))

    @rule()
    def acknowledge_an_order(self) -> None:
        if len(self.outbox._owed) < 32:
            self.safe_acks.append((self.boot_id, self.outbox._ack_seq))
            self.outbox.put_ack(7, 1, 0, 0)

    @rule(within=st.integers(0, 6), what=st.sampled_from(("keep", "answer", "acknowledge")))
    def lose_power(self, within: int, what: str) -> None:
        """The power goes in one of the next operations on the flash, or right after."""
        self.flash.power_on(within)
        doing = self.outbox.kept
        try:
            if what == "keep":
                for _ in range(5):
                    doing = self.outbox.kept
                    self.outbox.keep(made(self.boot_id, doing))
                    self.safe.add((self.boot_id, doing))
            elif what == "acknowledge" and len(self.outbox._owed) < 32:
                self.outbox.put_ack(7, 1, 0, 0)
            elif self.connected:
                for packet_id in self.unacknowledged:
                    self._acknowledged(packet_id)
        except PowerCutError:
            if what == "keep":
                self.may_be.add((self.boot_id, doing))
        self.flash.power_on()
        # A sector that was being begun is erased, and no start after that can tell.
        self.begun = max(self.begun, self.spool.erases)
        self.start()

    @precondition(lambda self: self.connected)
    @rule()
    def pump(self) -> None:
        while self.session.has_room():
            message = self.outbox.next_message()
            if message is None:
                break
            kind, payload, token = message
            if kind == topics.REPORT:
                report = Report.decode(payload)
                newest = self.boot_id, self.outbox.kept - 1
                assert (report.boot_id, report.seq) == newest, "a live report is the newest fix"
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
        self.carried = {}

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
            numbers = [(report.boot_id, seq) for seq in range(report.seq, report.seq + len(report.fixes))]
            assert report.fixes == [made(*number) for number in numbers]
            assert self.safe | self.may_be >= set(numbers)
            assert self.heard_of.isdisjoint(numbers)
            assert all(set(numbers).isdisjoint(others) for others in self.carried.values())
            self.carried[packet_id] = numbers
            self.at_broker.update(numbers)
        elif topic == b"t/ack":
            ack = Ack.decode(payload)
            self.acks_at_broker.add((ack.boot_id, ack.seq))
        self.unacknowledged.append(packet_id)

    @precondition(lambda self: self.connected)
    @rule(data=st.data(), times=st.integers(1, 2))
    def answer(self, data: st.DataObject, times: int) -> None:
        """PUBACKs in any order, some of them twice."""
        if not self.unacknowledged:
            return
        packet_id = data.draw(st.sampled_from(self.unacknowledged))
        self.unacknowledged.remove(packet_id)
        self._acknowledged(packet_id, times)

    def _acknowledged(self, packet_id: bytes, times: int = 1) -> None:
        content = (b"\x40\x02" + packet_id) * times
        for event in self.session.receive(content, len(content), self.now_ms):
            assert event[0] == protocol.DELIVERED
            self.outbox.delivered(event[1])
        self.heard_of.update(self.carried.pop(packet_id, ()))

    @rule(milliseconds=st.integers(0, 4000))
    def wait(self, milliseconds: int) -> None:
        self.now_ms = (self.now_ms + milliseconds) % TICKS_PERIOD_MS

    @invariant()
    def the_queue_is_counted_right(self) -> None:
        assert self.spool.queued == Spool(self.flash, 0, SECTORS).queued
        assert 0 <= self.spool.queued <= SECTORS * FIXES_PER_SECTOR
        assert self.outbox.flash_failures == 0

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
                self._acknowledged(packet_id)
        assert self.session.in_flight() == 0
        assert self.spool.queued == 0
        assert self.outbox.next_message() is None
        # Only what was in the sectors that gave way is missing, the oldest.
        gave_way = max(0, self.begun - SECTORS, self.spool.erases - SECTORS) * FIXES_PER_SECTOR
        assert self.safe - self.at_broker <= set(sorted(self.safe)[:gave_way])
        assert set(self.safe_acks) <= self.acks_at_broker


def made(boot_id: int, seq: int) -> Fix:
    """What was kept under that number."""
    return Fix(START_S + seq, 10 * seq, -7 * boot_id, seq % 100)


TestUnreliableLine = UnreliableLine.TestCase
TestUnreliableLine.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
