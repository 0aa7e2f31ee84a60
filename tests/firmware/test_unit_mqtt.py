"""The unit against a broker that misbehaves."""

import time
from itertools import pairwise

import pytest

from sigap_tracker.network import mqtt_packets as packets
from sigap_wire import topics
from sigap_wire.ack import RECEIVED, Ack
from sigap_wire.link import Link
from sigap_wire.order import STATE_OFFERED
from sigap_wire.report import Report
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import order
from tests.firmware.scripted_broker import CONNECT, PINGREQ, SUBSCRIBE, Connection, Packet, ScriptedBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.support.waiting import eventually

PUBLISH, PUBACK = 3, 4
CONNACK = b"\x20\x02\x00\x00"
FAST = {"reconnect_min_s": 1, "reconnect_max_s": 1}


@pytest.fixture
def unit(make_unit: MakeUnit, scripted_broker: ScriptedBroker) -> Unit:
    """Booted; its first connection waits to be accepted. It tries again within a second."""
    made = make_unit(scripted_broker.port, FAST)
    made.start()
    return made


def order_packet(content: bytes, packet_id: int = 1) -> bytes:
    return bytes(packets.publish(topics.topic("unit-01", topics.ORDER), content, packet_id, False))


def acknowledged(connection: Connection, topic: str) -> Packet:
    """The next publish on that topic, after all before it, all acknowledged."""
    while True:
        packet = connection.expect(PUBLISH)
        connection.acknowledge(packet)
        if packet.topic == topic:
            return packet


def will(connect: Packet) -> Link:
    return Link.decode(connect.body.split(b"unit-01/link")[1][2:].split(b"\x00\x07unit-01")[0])


def reported(packet: Packet) -> list[int]:
    report = Report.decode(packet.payload)
    return list(range(report.seq, report.seq + len(report.fixes)))


def test_it_says_who_it_is_and_what_to_say_when_it_is_gone(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.accept()
    connect = connection.expect(CONNECT)
    body = connect.body
    assert body[:10] == b"\x00\x04MQTT\x04\xec\x00\x04"  # user, password, will retained at QoS 1, keepalive 4 s
    assert b"\x00\x07unit-01" in body
    said = will(connect)
    assert (said.boot_id, said.connection, said.online) == (1, 1, False)
    connection.send(CONNACK)
    assert b"sigap/v1/unit/unit-01/order\x01" in connection.expect(SUBSCRIBE).body
    link = connection.expect(PUBLISH)
    assert (link.topic, link.flags) == ("link", 3)
    assert Link.decode(link.payload) == Link(1, 1, True, said.firmware)


@pytest.mark.parametrize(("code", "words"), [(4, "bad user name or password"), (5, "not authorized"), (3, "server")])
def test_refused(unit: Unit, scripted_broker: ScriptedBroker, code: int, words: str) -> None:
    connection = scripted_broker.accept()
    connection.expect(CONNECT)
    connection.send(bytes((0x20, 2, 0, code)))
    assert unit.await_log("disconnected")["reason"].startswith("refused: " + words)
    assert connection.read() is None
    scripted_broker.welcome().expect(PUBLISH, topics.LINK)
    # A connection that was refused does not count.
    assert unit.await_log("connected")["connection"] == 1


def test_dropped_after_every_connack(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    for number in range(1, 5):
        connection = scripted_broker.accept()
        connection.expect(CONNECT)
        connection.send(CONNACK)
        connection.close()
        unit.await_log("disconnected", number)
    assert [event["connection"] for event in unit.logged("connected")] == [1, 2, 3, 4]
    link = scripted_broker.welcome().expect(PUBLISH, topics.LINK)
    # Links of earlier connections come again, in their order; the last is the one that counts.
    assert Link.decode(link.payload).connection <= 5
    assert unit.logged("task_failed") == []


def test_it_waits_longer_each_time_and_not_always_the_same(
    make_unit: MakeUnit, scripted_broker: ScriptedBroker
) -> None:
    make_unit(scripted_broker.port, {"reconnect_min_s": 1, "reconnect_max_s": 3}).start()
    came_s = []
    for _ in range(5):
        scripted_broker.accept().close()
        came_s.append(time.monotonic())
    waits_s = [after - before for before, after in pairwise(came_s)]
    # From half to the whole of 1, 2, 3 and 3 seconds; and some more on a busy machine.
    for wait_s, longest_s in zip(waits_s, (1, 2, 3, 3), strict=True):
        assert longest_s / 2 - 0.1 < wait_s < longest_s + 2


def test_a_duplicated_puback_harms_nothing(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.welcome()
    for second in range(5):
        unit.feed(drive(second * 60))
        while (packet := connection.expect(PUBLISH)).topic != topics.REPORT:
            connection.acknowledge(packet, times=3)
        connection.acknowledge(packet, times=2)
        assert reported(packet) == [second]
    assert unit.logged("disconnected") == []


@pytest.mark.parametrize("session_present", [False, True])
def test_what_was_not_acknowledged_comes_again(
    unit: Unit, scripted_broker: ScriptedBroker, session_present: bool
) -> None:
    connection = scripted_broker.welcome()
    acknowledged(connection, topics.LINK)
    unit.feed(drive(0))
    first = connection.expect(PUBLISH, topics.REPORT)
    connection.close()
    unit.await_log("disconnected")
    unit.feed(drive(60) + drive(120))
    unit.await_heard()
    again = scripted_broker.welcome(session_present)
    packet = again.expect(PUBLISH)
    assert (packet.topic, packet.packet_id, packet.payload) == (topics.REPORT, first.packet_id, first.payload)
    assert packet.flags == (0x0A if session_present else 0x02)
    assert unit.await_log("connected", 2)["session_present"] == int(session_present)
    again.acknowledge(packet)
    # Then that it is here, the newest fix, and what was left behind.
    assert Link.decode(acknowledged(again, topics.LINK).payload).connection == 2
    assert reported(acknowledged(again, topics.REPORT)) == [2]
    assert reported(acknowledged(again, topics.BACKLOG)) == [1]


def test_live_reports_overtake_the_backlog(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    unit.feed(b"".join(drive(10 * number) for number in range(100)))
    unit.await_heard()
    connection = scripted_broker.accept()
    connection.expect(CONNECT)
    connection.send(CONNACK)
    first = acknowledged(connection, topics.REPORT)
    batch = connection.expect(PUBLISH, topics.BACKLOG)
    assert reported(batch)[0] == 0
    # While a batch is in flight, live reports go out and no other batch does.
    for number in range(3):
        unit.feed(drive(1000 + 60 * number))
        live = connection.expect(PUBLISH)
        assert live.topic == topics.REPORT
        assert reported(live)[0] > reported(first)[0]
        connection.acknowledge(live)
    connection.acknowledge(batch)
    assert reported(connection.expect(PUBLISH, topics.BACKLOG))[0] == reported(batch)[-1] + 1


def test_a_server_that_falls_silent_is_left_within_the_keepalive(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    """Half open: the connection stands, and nobody answers."""
    connection = scripted_broker.welcome()
    acknowledged(connection, topics.LINK)
    pings = 0
    while (packet := connection.read()) is not None:
        assert packet.kind == PINGREQ
        pings += 1
    assert unit.await_log("disconnected")["reason"] == "nothing heard for 4 s"
    assert 3 <= pings <= 4
    scripted_broker.welcome()


def test_a_server_that_never_says_connack(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.accept()
    connection.expect(CONNECT)
    assert connection.read() is None
    assert unit.await_log("disconnected")["reason"] == "nothing heard for 4 s"


def test_a_slow_server_that_answers_pings_is_kept(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.welcome()
    unit.feed(drive(0))
    held = connection.expect(PUBLISH, topics.REPORT)
    for _ in range(6):
        assert connection.expect(PINGREQ)
        connection.send(b"\xd0\x00")
    connection.acknowledge(held)
    unit.feed(drive(60))
    assert reported(connection.expect(PUBLISH, topics.REPORT)) == [1]
    assert unit.logged("disconnected") == []


def test_an_order_byte_by_byte_and_twice(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.welcome()
    offered = order(STATE_OFFERED, text="Dirampok di depan minimarket")
    for byte in order_packet(offered.encode(), 9):
        connection.send(bytes((byte,)))
    assert connection.expect(PUBACK).body == b"\x00\x09"
    packet = acknowledged(connection, topics.ACK)
    assert Ack.decode(packet.payload).kind == RECEIVED
    connection.send(order_packet(offered.encode(), 10))
    assert connection.expect(PUBACK).body == b"\x00\x0a"
    assert Ack.decode(acknowledged(connection, topics.ACK).payload).kind == RECEIVED
    assert unit.views() == ["offered"]
    eventually(lambda: len([event for event in unit.events if "buzzer" in event]) == 1)


def test_an_order_that_is_none_is_refused_and_the_next_is_shown(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.welcome()
    connection.send(order_packet(b"\xff" * 100, 1) + order_packet(b"\x01" * 200, 2) + order_packet(bytes(5000), 3))
    unit.await_log("order_refused", 3)
    assert "CBOR" in unit.logged("order_refused")[0]["error"]
    assert "at most 256 allowed" in unit.logged("order_refused")[2]["error"]
    connection.send(order_packet(order(STATE_OFFERED, text="x" * 60).encode(), 4))
    assert Ack.decode(acknowledged(connection, topics.ACK).payload).order_id == 7
    assert unit.logged("disconnected") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x32\xff\xff\xff\x7f", "at most 262144 read"),
        (b"\x34\x05\x00\x01t\x00\x01", "QoS 2"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ""),
        (CONNACK, "type 2"),
    ],
)
def test_nonsense_ends_the_connection_and_not_the_unit(
    unit: Unit, scripted_broker: ScriptedBroker, content: bytes, reason: str
) -> None:
    connection = scripted_broker.welcome()
    acknowledged(connection, topics.LINK)
    connection.send(content)
    assert reason in unit.await_log("disconnected")["reason"]
    scripted_broker.welcome()
    unit.await_log("connected", 2)
    assert unit.logged("task_failed") == []


def test_a_refused_subscription_is_told(unit: Unit, scripted_broker: ScriptedBroker) -> None:
    connection = scripted_broker.accept()
    connection.expect(CONNECT)
    connection.send(CONNACK)
    connection.send(connection.expect(SUBSCRIBE).suback(0x80))
    assert unit.await_log("disconnected")["reason"] == "subscription to sigap/v1/unit/unit-01/order refused"


def test_nobody_there(make_unit: MakeUnit, port: int) -> None:
    unit = make_unit(port, FAST)
    unit.start()
    assert "ECONNREFUSED" in unit.await_log("disconnected", 3)["reason"]
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    assert unit.logged("task_failed") == []
