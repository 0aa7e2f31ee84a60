"""MQTT 3.1.1 packets: a client's byte for byte, a server's in pieces of any size."""

from sigap_tracker.errors import MqttError
from sigap_tracker.network import mqtt_packets as packets
from tests.portable.checks import error_of


def read(content, size, limit=64):
    """(type, flags, body) of every whole packet in content, fed in pieces of `size` bytes."""
    reader = packets.PacketReader(limit)
    found = []
    for start in range(0, len(content), size):
        piece = content[start : start + size]
        at = 0
        while at < len(piece):
            at = reader.feed(piece, at, len(piece))
            if reader.whole:
                found.append((reader.type, reader.flags, bytes(reader.body[: reader.length])))
    return found


def test_connect_with_a_will():
    made = packets.connect("u1", "us", "pw", 30, True, "a/b", b"\x01\x02")
    assert made.hex() == (
        "101f"
        + "00044d515454"
        + "04"
        + "ee"
        + "001e"
        + "00027531"
        + "0003612f62"
        + "00020102"
        + "00027573"
        + "00027077"
    )


def test_connect_without_a_will_and_with_a_session():
    made = packets.connect("u1", "us", "pw", 600, False, "a/b", None)
    assert made.hex() == "1016" + "00044d515454" + "04" + "c0" + "0258" + "00027531" + "00027573" + "00027077"


def test_publish():
    assert packets.publish("a/b", b"xy", 0x1234, False).hex() == "3209" + "0003612f62" + "1234" + "7879"
    assert packets.publish(b"a/b", b"", 1, True).hex() == "3307" + "0003612f62" + "0001"


def test_long_packets_have_long_lengths():
    # §2.2.3, table 2.4: the borders between the lengths of the length.
    for body, length in ((127, "7f"), (128, "8001"), (16383, "ff7f"), (16384, "808001")):
        made = packets.publish("a", bytes(body - 5), 1, False)
        assert made[1 : 1 + len(length) // 2].hex() == length, body
        assert len(made) == 1 + len(length) // 2 + body


def test_subscribe_puback_and_pings():
    made = packets.subscribe(("a/b", "c"), 10)
    assert made.hex() == "820c" + "000a" + "0003612f62" + "01" + "000163" + "01"
    assert packets.puback(0x0102).hex() == "40020102"
    assert packets.PINGREQ.hex() == "c000"
    assert packets.DISCONNECT.hex() == "e000"


def test_packets_in_pieces_of_every_size():
    content = bytes.fromhex("20020000" + "d000" + "40020102" + "320700016100054869" + "90030001" + "01")
    expected = [
        (packets.CONNACK, 0, b"\0\0"),
        (packets.PINGRESP, 0, b""),
        (packets.PUBACK, 0, b"\x01\x02"),
        (packets.PUBLISH, 2, bytes.fromhex("00016100054869")),
        (packets.SUBACK, 0, b"\0\x01\x01"),
    ]
    for size in range(1, len(content) + 1):
        assert read(content, size) == expected, size


def test_a_packet_that_just_fits_and_one_that_does_not():
    fits = bytes((0x30, 64)) + bytes(range(64))
    for size in (1, 2, 3, 66):
        assert read(fits, size) == [(packets.PUBLISH, 0, bytes(range(64)))]
    for excess in (1, 60, 100):
        content = bytearray((0x30,))
        packets._put_length(content, 64 + excess)
        content.extend(bytes(range(64)) + bytes(excess) + b"\xd0\x00")
        for size in (1, 2, 63, 64, 65, 66, len(content)):
            # Its beginning is kept, and what comes behind it is not touched.
            assert read(content, size) == [(packets.PUBLISH, 0, bytes(range(64))), (packets.PINGRESP, 0, b"")]


def test_a_long_packet_has_a_buffer_of_its_own_while_it_takes():
    reader = packets.PacketReader(1088, 384)
    usual = reader.body
    for length in (384, 385, 1088, 5000, 10):
        content = bytearray((0x30,))
        packets._put_length(content, length)
        content.extend(bytes((length & 0xFF,)) * length)
        assert reader.feed(content, 0, len(content)) == len(content)
        assert reader.whole
        assert reader.length == min(length, 1088)
        assert bytes(reader.body[: reader.length]) == bytes((length & 0xFF,)) * reader.length
        assert (reader.body is usual) == (length <= 384)
    reader.reset()
    assert reader.body is usual


def test_lengths_without_end_are_refused_before_they_end():
    said = error_of(MqttError, read, b"\x30\xff\xff\xff", 1)
    assert "bytes or more, at most 262144 read" in said
    # Padded with zeros the length is small, but longer than four bytes.
    assert "at most" in error_of(MqttError, read, b"\xd0\x80\x80\x80\x80\x00", 1)
    # Four bytes are allowed, however little they say.
    assert read(b"\xd0\x80\x80\x80\x00", 1) == [(packets.PINGRESP, 0, b"")]


def test_a_new_connection_forgets_half_a_packet():
    reader = packets.PacketReader(16)
    assert reader.feed(b"\x40\x02\x01", 0, 3) == 3
    assert not reader.whole
    reader.reset()
    assert reader.feed(b"\x40\x02\x00\x07", 0, 4) == 4
    assert reader.whole
    assert reader.number(0) == 7


def test_numbers_beyond_the_end_are_refused():
    reader = packets.PacketReader(16)
    reader.feed(b"\x40\x01\x01", 0, 3)
    assert error_of(MqttError, reader.number, 0) == "server's packet of type 4 cut short: 1 bytes"
