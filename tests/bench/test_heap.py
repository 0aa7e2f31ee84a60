"""What the memory's benchmark is made of: its drives, its line, its straight line. No unit runs here."""

import asyncio
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.bench import drive
from sigap.bench.authority import Authority
from sigap.bench.relay import Relay
from sigap.bench.trend import slope

NUMBERS = st.integers(-(10**6), 10**6)


@given(st.lists(NUMBERS, min_size=2, unique=True), NUMBERS, NUMBERS)
def test_a_straight_lines_slope_is_found(at: list[int], rise: int, start: int) -> None:
    assert slope(at, [start + rise * x for x in at]) == pytest.approx(rise, abs=1e-3)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=9, unique_by=lambda point: point[0]), NUMBERS)
def test_no_other_slope_has_smaller_squares(points: list[tuple[int, int]], other: int) -> None:
    def squares(rise: float) -> float:
        """Of the best line that rises so."""
        rests = [y - rise * x for x, y in points]
        return sum((rest - sum(rests) / len(rests)) ** 2 for rest in rests)

    found = slope(*zip(*points, strict=True))
    assert squares(found) <= squares(found + other / 1000) * (1 + 1e-6) + 1e-3


def test_a_slope_of_one_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="two moments, not at 1"):
        slope([3, 3], [1, 2])


def test_a_long_drive_has_its_outages_between_the_moments_of_its_samples() -> None:
    day = drive.long(24)
    away = [day.is_away(second) for second in range(day.drive_s)]
    begins = [second for second in range(1, day.drive_s) if away[second] and not away[second - 1]]
    assert len(begins) == 48
    assert [second for second in day.sample_s if away[second - 1]] == []
    lengths_s = [away[second:].index(False) for second in begins]
    assert 60 <= min(lengths_s) < max(lengths_s) <= 840
    assert len(set(lengths_s)) > 40
    assert len(day.sample_s) == 96
    assert day.sample_s[-1] == day.drive_s


def test_a_receiver_says_what_the_drive_is_of() -> None:
    def kinds(of: drive.Drive) -> set[bytes]:
        return {line[3:6] for said in of.heard() for line in said.splitlines()}

    assert kinds(drive.short(60)) == {b"RMC", b"VTG", b"GGA", b"GSA", b"GSV", b"GLL"}
    assert kinds(drive.Drive(60, (60,), rmc_gga=True)) == {b"RMC", b"GGA"}


@pytest.mark.parametrize("tls", [False, True])
def test_the_line_carries_goes_away_and_comes_back(tls: bool, tmp_path: Path) -> None:
    authority = Authority()
    server_side, unit_side = None, None
    if tls:
        files = authority.vouch(tmp_path, "broker.bench")
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.load_cert_chain(files.certificate, files.key)
        unit_side = ssl.create_default_context(cadata=authority.as_pem())

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            writer.write(piece)
        writer.close()

    async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = "broker.bench" if tls else None
        return await asyncio.open_connection("127.0.0.1", port, ssl=unit_side, server_hostname=name)

    async def story() -> None:
        broker = await asyncio.start_server(echo, "127.0.0.1", 0)
        relay = Relay("127.0.0.1", broker.sockets[0].getsockname()[1], server_side)
        await relay.start()
        port = relay.port
        for _ in range(2):
            reader, writer = await connected(port)
            writer.write(b"is anybody there?")
            assert await reader.readexactly(17) == b"is anybody there?"
            relay.stop()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.transport.abort()
            with pytest.raises(ConnectionRefusedError):
                await connected(port)
            await relay.start()
            assert relay.port == port
        relay.stop()
        broker.close()

    asyncio.run(asyncio.wait_for(story(), 20))
