"""The simulated serial line is raw, and loses what its unit does not read, as a UART does."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from sigap_simulator.pty import SerialLine
from tests.support.waiting import eventually, eventually_async


@pytest.fixture
def line() -> Iterator[SerialLine]:
    with SerialLine() as line:
        yield line


class Reader:
    """A unit's end of the line."""

    def __init__(self, line: SerialLine) -> None:
        self.fd = os.open(line.path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def read(self) -> bytes:
        try:
            return os.read(self.fd, 65536)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self.fd)


def test_every_byte_arrives_as_it_was_sent(line: SerialLine) -> None:
    reader = Reader(line)
    content = bytes(range(256))
    line.write(content)
    got = bytearray()
    eventually(lambda: got.extend(reader.read()) or bytes(got) == content)
    reader.close()
    assert line.dropped_bytes == 0


def test_what_is_not_read_is_dropped_and_counted(line: SerialLine) -> None:
    sentence = b"$GPRMC,noise*00\r\n" * 40

    def overflows() -> bool:
        line.write(sentence)
        return line.dropped_bytes > 0

    eventually(overflows)
    reader = Reader(line)
    got = bytearray()
    eventually(lambda: got.extend(reader.read()) or len(got) == line.written_bytes)
    assert len(got) + line.dropped_bytes == (line.written_bytes + line.dropped_bytes)
    assert len(got) < 8192
    line.write(b"fresh")
    eventually(lambda: reader.read() == b"fresh")
    reader.close()


def test_the_line_survives_its_readers(line: SerialLine) -> None:
    for word in (b"first", b"second"):
        reader = Reader(line)
        line.write(word)
        eventually(lambda reader=reader, word=word: reader.read() == word)
        reader.close()


async def test_send_waits_for_room(line: SerialLine) -> None:
    reader = Reader(line)
    content = os.urandom(2000)
    sending = asyncio.create_task(_send_all(line, content, 10))
    got = bytearray()
    await eventually_async(lambda: got.extend(reader.read()) or len(got) == 20000)
    await sending
    assert bytes(got) == content * 10
    assert line.dropped_bytes == 0
    reader.close()


async def _send_all(line: SerialLine, content: bytes, times: int) -> None:
    for _ in range(times):
        await line.send(content)


def test_a_closed_line_hangs_up_and_takes_no_more(line: SerialLine) -> None:
    reader = Reader(line)
    line.close()
    line.write(b"nothing")
    line.close()
    assert eventually(lambda: reader.read() == b"" or None)
    with pytest.raises(OSError, match="No such file"):
        os.open(line.path, os.O_RDONLY | os.O_NOCTTY)
    reader.close()
