"""The MQTT session: what it says and when, across broken connections and wrapping clocks."""

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.errors import MqttError
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.mqtt_protocol import MqttSession
from tests.portable.checks import error_of

KEEPALIVE_MS = 8000
CONNACK = b"\x20\x02\x00\x00"
CONNACK_PRESENT = b"\x20\x02\x01\x00"
PINGRESP = b"\xd0\x00"


def puback(packet_id):
    return packets.puback(packet_id)


def server_publish(topic, payload, packet_id=0):
    made = bytearray(packets.publish(topic, payload, packet_id, False))
    if not packet_id:
        made[0] = 0x30
        made[1] -= 2
        at = 4 + len(topic)
        return bytes(made[:at] + made[at + 2 :])
    return bytes(made)


def sent(session):
    """(type, flags, body) of everything the session wants written."""
    output = bytes(session.take_output())
    reader = packets.PacketReader(4096)
    at, found = 0, []
    while at < len(output):
        at = reader.feed(output, at, len(output))
        assert reader.whole
        found.append((reader.type, reader.flags, bytes(reader.body[: reader.length])))
    return found


def kinds(session):
    return [packet[0] for packet in sent(session)]


class Line:
    """A session and its clock."""

    def __init__(self, start_ms=0, **options):
        self.now_ms = start_ms
        self.session = MqttSession("u1", "u1", "pw", KEEPALIVE_MS // 1000, "t/link", ("t/order",), **options)

    def later(self, milliseconds):
        self.now_ms = (self.now_ms + milliseconds) % TICKS_PERIOD_MS
        return self.now_ms

    def open(self, connack=CONNACK):
        self.session.open(b"gone", self.now_ms)
        self.session.take_output()
        return self.hear(connack)

    def hear(self, content):
        return list(self.session.receive(content, len(content), self.now_ms))

    def publish(self, payload, token=None):
        self.session.publish("t/report", payload, False, token, self.now_ms)

    def tick(self, later_ms):
        self.later(later_ms)
        self.session.tick(self.now_ms)


def test_connects_subscribes_and_says_so():
    line = Line()
    line.session.open(b"gone", 0)
    assert kinds(line.session) == [1]
    assert not line.session.is_open()
    assert not line.session.has_room()
    assert line.hear(CONNACK) == [(protocol.CONNECTED, False)]
    assert line.session.is_open()
    [(kind, flags, body)] = sent(line.session)
    assert (kind, flags) == (8, 2)
    assert body[2:] == b"\x00\x07t/order\x01"
    suback = b"\x90\x03" + body[:2] + b"\x01"
    assert line.hear(suback) == [(protocol.SUBSCRIBED,)]


def test_refusals_are_told_in_words():
    for code, words in (
        (1, "unacceptable protocol version"),
        (2, "client id rejected"),
        (3, "server unavailable"),
        (4, "bad user name or password"),
        (5, "not authorized"),
        (77, "return code 77"),
    ):
        assert error_of(MqttError, Line().open, bytes((0x20, 2, 0, code))) == "refused: " + words
    assert "refused" in error_of(MqttError, Line().open, b"\x20\x02\x00\x05" + PINGRESP)


def test_only_connack_may_come_first():
    assert error_of(MqttError, Line().open, PINGRESP) == "server sent a packet of type 13 in place of CONNACK"
    assert "in place of CONNACK" in error_of(MqttError, Line().open, b"\x20\x01\x00")
    assert "in place of CONNACK" in error_of(MqttError, Line().hear, CONNACK)


def test_a_publish_is_delivered_once():
    line = Line()
    line.open()
    sent(line.session)
    line.publish(b"one", "token one")
    line.publish(b"two", "token two")
    first, second = sent(line.session)
    assert (first[0], first[1] & 0x0F) == (3, 2)
    assert first[2].endswith(b"one")
    ids = [int.from_bytes(packet[2][10:12], "big") for packet in (first, second)]
    assert ids[0] != ids[1]
    assert line.session.in_flight() == 2
    # In any order, twice, and one that was never asked for.
    assert line.hear(puback(ids[1])) == [(protocol.DELIVERED, "token two")]
    assert line.hear(puback(ids[1]) + puback(999)) == []
    assert line.hear(puback(ids[0]) + puback(ids[0])) == [(protocol.DELIVERED, "token one")]
    assert line.session.in_flight() == 0


def test_the_window_is_kept():
    line = Line(window=3)
    line.open()
    sent(line.session)
    for number in range(3):
        assert line.session.has_room()
        line.publish(b"%d" % number)
    assert not line.session.has_room()
    assert error_of(MqttError, line.publish, b"4") == "no room in the window of 3 publishes"
    packet_id = sent(line.session)[1][2][10:12]
    line.hear(b"\x40\x02" + packet_id)
    assert line.session.has_room()


def test_what_was_not_acknowledged_is_sent_again_first_and_in_order():
    for connack, dup in ((CONNACK_PRESENT, 8), (CONNACK, 0)):
        line = Line()
        line.open()
        sent(line.session)
        for payload in (b"one", b"two", b"three"):
            line.publish(payload, payload)
        before = sent(line.session)
        line.hear(b"\x40\x02" + before[1][2][10:12])
        line.session.close()
        assert line.session.take_output() == b""
        assert not line.session.has_room()
        assert line.open(connack) == [(protocol.CONNECTED, connack == CONNACK_PRESENT)]
        line.publish(b"four")
        subscribe, first, third, fourth = sent(line.session)
        assert subscribe[0] == 8
        assert first == (3, 2 | dup, before[0][2])
        assert third == (3, 2 | dup, before[2][2])
        assert fourth[1] == 2
        # And once more, after a connection that broke before the server answered.
        line.session.close()
        line.session.open(b"gone", line.now_ms)
        line.session.close()
        line.open(CONNACK_PRESENT)
        assert [packet[1] for packet in sent(line.session)[1:]] == [10, 10, 10]
        assert line.hear(b"\x40\x02" + before[0][2][10:12]) == [(protocol.DELIVERED, b"one")]


def test_packet_ids_are_not_given_twice():
    line = Line(window=4)
    line.open()
    sent(line.session)
    line.publish(b"stuck")
    stuck = sent(line.session)[0][2][10:12]
    for _ in range(70000):
        line.publish(b"")
        [(_, _, body)] = sent(line.session)
        assert body[10:12] not in (stuck, b"\0\0")
        line.hear(b"\x40\x02" + body[10:12])
    assert line.session.in_flight() == 1


def test_orders_come_in_and_are_acknowledged_afterwards():
    line = Line()
    line.open()
    sent(line.session)
    content = server_publish("t/order", b"go", 513) + server_publish("t/other", b"zero")
    events = line.session.receive(content, len(content), 0)
    assert next(events) == (protocol.MESSAGE, "t/order", b"go")
    assert sent(line.session) == []  # not before its receiver is done with it
    assert next(events) == (protocol.MESSAGE, "t/other", b"zero")
    assert sent(line.session) == [(4, 0, b"\x02\x01")]
    assert list(events) == []
    assert sent(line.session) == []


def test_a_message_whose_receiver_failed_is_not_acknowledged():
    line = Line()
    line.open()
    sent(line.session)
    content = server_publish("t/order", b"go", 7)
    events = line.session.receive(content, len(content), 0)
    next(events)
    events.close()
    assert sent(line.session) == []


def test_every_byte_by_itself():
    line = Line()
    line.session.open(b"gone", 0)
    content = CONNACK + server_publish("t/order", b"payload", 9) + PINGRESP + server_publish("t/order", b"", 10)
    events = []
    for byte in content:
        events += line.hear(bytes((byte,)))
    assert events == [
        (protocol.CONNECTED, False),
        (protocol.MESSAGE, "t/order", b"payload"),
        (protocol.MESSAGE, "t/order", b""),
    ]


def test_what_a_server_must_not_send():
    for content, words in (
        (server_publish("t", b"x", 1)[:1].replace(b"\x32", b"\x34") + server_publish("t", b"x", 1)[1:], "QoS 2"),
        (b"\x32\x03\x00\x01t", "cut short"),
        (b"\x30\x02\x00\x05", "cut short"),
        (b"\x30\x01\x00", "cut short"),
        (b"\x32\x05\x00\x01t\x00\x00", "without a packet id"),
        (b"\x30\x03\x00\x01\xff", "not UTF-8"),
        (b"\x90\x03\x77\x77\x01", "answers no subscription"),
        (CONNACK, "type 2"),
        (b"\x50\x02\x00\x01", "type 5"),
        (b"\x00\x00", "type 0"),
        (b"\x40\x01\x01", "cut short"),
        (b"\x30\xff\xff\x7f", "at most 262144 read"),
    ):
        line = Line()
        line.open()
        said = error_of(MqttError, line.hear, content)
        assert words in said, (content, said)


def test_a_publish_beyond_all_limits_is_handed_over_cut_and_acknowledged():
    line = Line()
    line.open()
    sent(line.session)
    content = server_publish("t/order", b"x" * 5000, 7) + server_publish("t/order", b"go", 8)
    for size in (1, 999, len(content)):
        found = []
        for at in range(0, len(content), size):
            found += line.hear(content[at : at + size])
        assert found == [(protocol.MESSAGE, "t/order", b"x" * 1077), (protocol.MESSAGE, "t/order", b"go")], size
        assert [body for _, _, body in sent(line.session)] == [b"\0\x07", b"\0\x08"]


def test_a_refused_subscription_is_an_error():
    line = Line()
    line.open()
    [(_, _, body)] = sent(line.session)
    assert error_of(MqttError, line.hear, b"\x90\x03" + body[:2] + b"\x80") == "subscription to t/order refused"


def test_pings_when_it_is_quiet_and_only_then():
    for start_ms in (0, TICKS_PERIOD_MS - 1000, TICKS_PERIOD_MS - KEEPALIVE_MS):
        line = Line(start_ms)
        line.open()
        sent(line.session)
        line.tick(1999)
        assert kinds(line.session) == []
        line.tick(1)
        assert kinds(line.session) == [12]
        line.tick(1000)
        assert kinds(line.session) == []
        line.hear(PINGRESP)
        line.tick(1999)
        assert kinds(line.session) == [12]
        line.hear(PINGRESP)
        # Reports that are acknowledged need no pings.
        for _ in range(20):
            line.tick(1000)
            line.publish(b"x")
            [(kind, _, body)] = sent(line.session)
            assert kind == 3
            line.hear(b"\x40\x02" + body[10:12])


def test_pings_although_the_server_talks_all_the_time():
    """§3.1.2.10: the server counts what it hears, not what it says."""
    line = Line()
    line.open()
    sent(line.session)
    pings = 0
    for _ in range(40):
        line.tick(200)
        line.hear(server_publish("t/order", b"x"))
        pings += kinds(line.session).count(12)
    assert pings == 4


def test_a_dead_line_is_noticed_at_the_keepalive():
    for start_ms in (0, TICKS_PERIOD_MS - 4000):
        line = Line(start_ms)
        line.open()
        for _ in range(7):
            line.tick(1000)
        assert line.session.is_open()
        line.later(1000)
        assert error_of(MqttError, line.session.tick, line.now_ms) == "nothing heard for 8 s"


def test_a_server_that_never_answers_connect():
    line = Line()
    line.session.open(b"gone", 0)
    line.tick(KEEPALIVE_MS - 1)
    assert error_of(MqttError, line.tick, 1) == "nothing heard for 8 s"


def test_a_server_that_answers_pings_but_acknowledges_nothing():
    line = Line(ack_timeout_ms=20000)
    line.open()
    line.publish(b"x")
    for _ in range(19):
        line.hear(PINGRESP)
        line.tick(1000)
    line.hear(PINGRESP)
    assert error_of(MqttError, line.tick, 1000) == "no acknowledgement for 20 s"


def test_acknowledgements_that_trickle_in_are_good_enough():
    line = Line(ack_timeout_ms=20000, window=8)
    line.open()
    sent(line.session)
    for _ in range(5):
        line.publish(b"x")
    for packet in sent(line.session):
        for _ in range(19):
            line.hear(PINGRESP)
            line.tick(1000)
        line.hear(b"\x40\x02" + packet[2][10:12])
    # The time without publishes in flight counts for nothing.
    for _ in range(60):
        line.hear(PINGRESP)
        line.tick(1000)
    line.publish(b"x")
    line.tick(1000)


def test_a_closed_session_is_not_dead():
    line = Line()
    line.open()
    line.session.close()
    line.tick(10 * KEEPALIVE_MS)


def test_goodbye_only_when_asked_for():
    line = Line()
    line.open()
    line.session.close(politely=True)
    assert bytes(line.session.take_output()) == packets.DISCONNECT


def test_a_server_that_does_not_read_is_given_up():
    line = Line(window=100)
    line.open()
    said = error_of(MqttError, lambda: [line.publish(bytes(400)) for _ in range(100)])
    assert "does not read" in said


def test_a_will_for_each_connection():
    line = Line()
    for will in (b"first", b"second"):
        line.session.open(will, 0)
        assert will in sent(line.session)[0][2]
        line.session.close()
    line.session.open(None, 0)
    assert sent(line.session)[0][2][7] & 0x04 == 0
