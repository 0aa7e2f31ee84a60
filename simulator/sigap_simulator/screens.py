"""The simulated units' screens and buttons in a browser: a small web server beside the simulation.

GET /            the units, with links
GET /unit/{n}    the page of unit number n, counted from 1 (screen.html of the built pages)
WS /unit/{n}/ws  to the page {"unit_id", "callsign"}, then {"display": base64} and {"buzzer": [[hz, on_ms, off_ms], …]};
                 from it {"button": "accept" | "decline" | "on_scene" | "clear"}
GET /assets/…    what the page needs
"""

import asyncio
import contextlib
import errno
import html
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, Self

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from sigap_simulator.errors import PortInUseError, SimulatorError
from sigap_simulator.officer import BUTTONS
from sigap_simulator.unit import Event, Listener

_PAGE = "screen.html"
_WAITING_MESSAGES = 64  # a page that does not keep up skips pictures
_MESSAGE_MAX_CHARS = 100


class Panel(Protocol):
    """A unit as the pages see it; PatrolCar is one. `display` is "" before the first picture."""

    display: str

    @property
    def unit_id(self) -> str: ...

    @property
    def callsign(self) -> str: ...

    def edge(self, button: str, down: bool) -> None: ...

    def listen(self, listener: Listener) -> None: ...

    def unlisten(self, listener: Listener) -> None: ...


def make_app(panels: Sequence[Panel], pages: Path) -> Starlette:
    """`pages` is the folder of the built pages. Raises SimulatorError where it has none."""
    if not (pages / _PAGE).is_file():
        raise SimulatorError(f"the pages are not built: {pages / _PAGE} is missing; `make setup` builds them")
    screens = _Screens(panels, pages)
    routes: list[BaseRoute] = [
        Route("/", screens.index),
        Route("/unit/{number:int}", screens.page),
        WebSocketRoute("/unit/{number:int}/ws", screens.connect),
        Mount("/assets", StaticFiles(directory=pages / "assets", check_dir=False)),
    ]
    return Starlette(routes=routes)


class _Screens:
    def __init__(self, panels: Sequence[Panel], pages: Path) -> None:
        self._panels = panels
        self._pages = pages

    async def index(self, request: Request) -> Response:
        rows = "".join(
            f'<li><a href="/unit/{number}">{html.escape(panel.callsign)}</a> {html.escape(panel.unit_id)}</li>'
            for number, panel in enumerate(self._panels, start=1)
        )
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Units</title>'
            '<meta name="viewport" content="width=device-width"><style>body{font:16px system-ui;background:#10161d;'
            "color:#dde6ee;margin:2rem}a{color:#7cc4ff;margin-right:1rem}li{margin:.4rem}</style>"
            f"<h1>Simulated units</h1><ol>{rows}</ol></html>"
        )

    async def page(self, request: Request) -> Response:
        self._panel(request)
        return FileResponse(self._pages / _PAGE, headers={"Cache-Control": "no-cache"})

    async def connect(self, socket: WebSocket) -> None:
        panel = self._panel(socket)
        if not _same_origin(socket):
            # Another site's page must not press a unit's buttons.
            raise HTTPException(403)
        await socket.accept()
        messages: asyncio.Queue[Event] = asyncio.Queue(_WAITING_MESSAGES)

        def hear(event: Event) -> None:
            if "display" in event or "buzzer" in event:
                if messages.full():
                    messages.get_nowait()
                messages.put_nowait(event)

        panel.listen(hear)
        try:
            await socket.send_json({"unit_id": panel.unit_id, "callsign": panel.callsign})
            if panel.display:
                await socket.send_json({"display": panel.display})
            sending = asyncio.create_task(_send(socket, messages))
            try:
                await _receive(socket, panel)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        except WebSocketDisconnect:
            pass
        finally:
            panel.unlisten(hear)

    def _panel(self, request: HTTPConnection) -> Panel:
        number: int = request.path_params["number"]
        if not 1 <= number <= len(self._panels):
            raise HTTPException(404, f"there is no unit {number}, they are counted from 1 to {len(self._panels)}")
        return self._panels[number - 1]


def _same_origin(socket: WebSocket) -> bool:
    origin = socket.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == socket.headers.get("host")


async def _send(socket: WebSocket, messages: asyncio.Queue[Event]) -> None:
    while True:
        await socket.send_json(await messages.get())


async def _receive(socket: WebSocket, panel: Panel) -> None:
    """Until the page goes, which lets go of the buttons it has pressed."""
    pressed = set[str]()
    try:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            edge = _edge(message.get("text") or "")
            if edge is None:
                wanted = ", ".join(BUTTONS)
                error = f'not understood; expected {{"down": …}} or {{"up": …}} with one of: {wanted}'
                await socket.send_json({"error": error})
                continue
            button, down = edge
            (pressed.add if down else pressed.discard)(button)
            panel.edge(button, down)
    finally:
        for button in pressed:
            panel.edge(button, False)


def _edge(text: str) -> tuple[str, bool] | None:
    """The button that a message is about, and whether it goes down."""
    try:
        message = json.loads(text) if len(text) <= _MESSAGE_MAX_CHARS else None
    except ValueError:
        return None
    if not isinstance(message, dict) or len(message) != 1:
        return None
    ((what, button),) = message.items()
    return (button, what == "down") if what in ("down", "up") and button in BUTTONS else None


class _Server(uvicorn.Server):
    """Leaves the signals to the program it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class ScreenServer:
    """`async with ScreenServer(panels, pages, host, port) as server:` serves the screens at `server.url`.

    Port 0 takes a free one. `setting` is what the user changes when the port is taken: PortInUseError names it.
    """

    def __init__(
        self,
        panels: Sequence[Panel],
        pages: Path,
        host: str = "127.0.0.1",
        port: int = 8081,
        setting: str = "--screens-port",
    ) -> None:
        self._app = make_app(panels, pages)
        self._host = host
        self._port = port
        self._setting = setting
        self._task: asyncio.Task[None] | None = None
        self._server: _Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        listener = self._listen()
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=1 << 16,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="screens")
        self.url = f"http://{self._host}:{listener.getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
            listener.listen(64)
        except OSError as error:
            listener.close()
            where = f"port {self._port} on {self._host}"
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(f"{where} is already in use; choose another with {self._setting}") from None
            raise PortInUseError(f"{where} cannot be listened on ({error.strerror}); see {self._setting}") from None
        return listener
