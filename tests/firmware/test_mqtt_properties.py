"""The MQTT session against any bytes whatever."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.errors import MqttError
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.mqtt_protocol import MqttSession

CONNACK = b"\x20\x02\x00\x00"

server_packets = st.one_of(
    st.builds(lambda i: packets.puback(i), st.integers(0, 65535)),
    st.just(b"\xd0\x00"),
    st.builds(
        lambda payload, i: bytes(packets.publish("t/order", payload, i, False)),
        st.binary(max_size=300),
        st.integers(1, 65535),
    ),
)


def opened() -> MqttSession:
    session = MqttSession("u", "u", "p", 30, "t/link", ("t/order",))
    session.open(b"gone", 0)
    list(session.receive(CONNACK, 4, 0))
    session.take_output()
    return session


@given(st.binary(max_size=600), st.booleans())
def test_any_bytes_end_in_events_or_in_an_mqtt_error(content: bytes, after_connack: bool) -> None:
    session = opened()
    if not after_connack:
        session.open(b"gone", 0)
    with contextlib.suppress(MqttError):
        for event in session.receive(content, len(content), 0):
            assert event[0] in (protocol.CONNECTED, protocol.SUBSCRIBED, protocol.DELIVERED, protocol.MESSAGE)
    assert len(session._reader.body) <= 1088


@given(st.lists(server_packets, max_size=20), st.lists(st.integers(1, 700), min_size=1, max_size=50))
def test_cutting_a_stream_anywhere_changes_nothing(said: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(said)
    whole, cut = opened(), opened()
    expected = list(whole.receive(stream, len(stream), 0))
    found, at, turn = [], 0, 0
    while at < len(stream):
        piece = stream[at : at + cuts[turn % len(cuts)]]
        found += list(cut.receive(piece, len(piece), 0))
        at += len(piece)
        turn += 1
    assert found == expected
    assert bytes(cut.take_output()) == bytes(whole.take_output())
    assert sum(event[0] == protocol.MESSAGE for event in found) == sum(packet[0] == 0x32 for packet in said)


@given(st.text(max_size=40), st.binary(max_size=300), st.integers(1, 65535), st.booleans())
def test_what_is_written_can_be_read(topic: str, payload: bytes, packet_id: int, retain: bool) -> None:
    made = bytes(packets.publish(topic, payload, packet_id, retain))
    reader = packets.PacketReader(1024)
    assert reader.feed(made, 0, len(made)) == len(made)
    assert reader.whole
    assert (reader.type, reader.flags) == (packets.PUBLISH, 2 | retain)
    length = reader.number(0)
    assert bytes(reader.body[2 : 2 + length]).decode() == topic
    assert reader.number(2 + length) == packet_id
    assert bytes(reader.body[4 + length : reader.length]) == payload
