"""The units' screens over HTTP and WebSocket: the page, the picture at once, buttons back, bad input refused."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from sigap_simulator.errors import PortInUseError, SimulatorError
from sigap_simulator.screens import ScreenServer
from sigap_simulator.unit import Listener

PICTURE = "A" * 1368


class Panel:
    def __init__(self, unit_id: str, callsign: str, display: str = "") -> None:
        self.unit_id = unit_id
        self.callsign = callsign
        self.display = display
        self.edges: list[tuple[str, bool]] = []
        self.listeners: list[Listener] = []
        self.left = asyncio.Event()

    def edge(self, button: str, down: bool) -> None:
        self.edges.append((button, down))

    def listen(self, listener: Listener) -> None:
        self.listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self.listeners.remove(listener)
        self.left.set()

    def tell(self, **event: object) -> None:
        for listener in self.listeners:
            listener(event)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "screen.html").write_text("<title>a unit's screen</title>")
    (tmp_path / "assets" / "screen.js").write_text("let unit;")
    (tmp_path / "secret.txt").write_text("not for the web")
    return tmp_path


@pytest.fixture
def panels() -> list[Panel]:
    return [Panel("unit-01", "Sigap 1 <b>", PICTURE), Panel("unit-02", "Sigap 2")]


@pytest.fixture
async def server(panels: list[Panel], pages: Path) -> AsyncIterator[ScreenServer]:
    async with ScreenServer(panels, pages, port=0) as server:
        yield server


def socket_url(server: ScreenServer, number: int) -> str:
    return server.url.replace("http:", "ws:") + f"/unit/{number}/ws"


async def message(connection: ClientConnection) -> dict[str, object]:
    found: dict[str, object] = json.loads(await connection.recv())
    return found


async def test_the_list_and_the_pages(server: ScreenServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        index = await client.get("/")
        assert '<a href="/unit/1">Sigap 1 &lt;b&gt;</a> unit-01' in index.text
        assert '<a href="/unit/2">Sigap 2</a> unit-02' in index.text
        assert "a unit's screen" in (await client.get("/unit/2")).text
        assert (await client.get("/assets/screen.js")).text == "let unit;"
        for path in ("/unit/0", "/unit/3", "/unit/x", "/secret.txt", "/assets/../secret.txt", "/assets/missing.js"):
            assert (await client.get(path)).status_code == 404, path


async def test_a_page_gets_the_picture_at_once_and_every_change(server: ScreenServer, panels: list[Panel]) -> None:
    async with connect(socket_url(server, 1)) as connection:
        assert await message(connection) == {"unit_id": "unit-01", "callsign": "Sigap 1 <b>"}
        assert await message(connection) == {"display": PICTURE}
        panels[0].tell(log="order", order_id=3)
        panels[1].tell(display="another unit's")
        panels[0].tell(display="B" * 1368)
        panels[0].tell(buzzer=[[2400, 150, 80]])
        assert await message(connection) == {"display": "B" * 1368}
        assert await message(connection) == {"buzzer": [[2400, 150, 80]]}


async def test_buttons_reach_the_unit_and_noise_does_not(server: ScreenServer, panels: list[Panel]) -> None:
    async with connect(socket_url(server, 2)) as connection:
        await message(connection)
        noise = [
            "",
            "{",
            "[]",
            '{"down": "explode"}',
            '{"down": 1}',
            '{"down": ["accept"]}',
            '{"down": "accept", "x": 1}',
            '{"button": "accept"}',
            b'{"down": "accept"}',
            "[" * 90,
            "[" * 5000,
            "null",
        ]
        for text in noise:
            await connection.send(text)
            assert "expected" in str((await message(connection))["error"])
        await connection.send('{"down": "accept"}')
        await connection.send('{"up": "accept"}')
        await connection.send("last")
        await message(connection)
    assert panels[1].edges == [("accept", True), ("accept", False)]
    assert panels[0].edges == []


async def test_a_page_that_goes_lets_go_of_its_buttons(server: ScreenServer, panels: list[Panel]) -> None:
    async with connect(socket_url(server, 2)) as connection:
        await message(connection)
        await connection.send('{"down": "clear"}')
        await connection.send("last")
        await message(connection)
        assert panels[1].edges == [("clear", True)]
    await asyncio.wait_for(panels[1].left.wait(), 10)
    assert panels[1].edges == [("clear", True), ("clear", False)]


async def test_a_page_that_goes_leaves_nothing(server: ScreenServer, panels: list[Panel]) -> None:
    async with connect(socket_url(server, 1)) as first, connect(socket_url(server, 1)) as second:
        for connection in (first, second):
            await message(connection)
        assert len(panels[0].listeners) == 2
        await second.close()
        panels[0].tell(display="C")
        await message(first)
        assert await message(first) == {"display": "C"}


async def test_other_sites_and_unknown_units_get_no_line(server: ScreenServer, panels: list[Panel]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(socket_url(server, 1), origin="http://elsewhere.example")
    with pytest.raises(InvalidStatus):
        await connect(socket_url(server, 9))
    own = server.url
    async with connect(socket_url(server, 1), origin=own) as connection:
        await message(connection)


async def test_closing_does_not_wait_for_open_pages(panels: list[Panel], pages: Path) -> None:
    async with ScreenServer(panels, pages, port=0) as server:
        connection = await connect(socket_url(server, 1))
        await message(connection)
    await connection.wait_closed()
    assert panels[0].listeners == []


async def test_a_taken_port_is_named_with_its_setting(panels: list[Panel], pages: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"port {port} on 127.0.0.1 is already in use.*--screens-port"):
            await ScreenServer(panels, pages, port=port).__aenter__()


def test_missing_pages_are_named(panels: list[Panel], tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"screen\.html is missing"):
        ScreenServer(panels, tmp_path)
