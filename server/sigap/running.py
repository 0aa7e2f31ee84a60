"""A running Sigap: the broker and the server as children of this process."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sigap import ports
from sigap.child import Child, Event
from sigap.supervisor import Supervisor
from sigap_server import broker
from sigap_server.settings import Settings, describe
from sigap_server.setup import Prepared, prepare

_BROKER_READY_S = 20.0
_SERVER_READY_S = 120.0  # the first start on a machine may have to compile the search on roads
_PROBE_S = 2.0


@dataclass(frozen=True)
class RunningServer:
    """What runs and how to reach it. `supervisor` takes further children; they end before the server does."""

    settings: Settings
    prepared: Prepared
    supervisor: Supervisor
    url: str

    @property
    def console_url(self) -> str:
        return f"{self.url}/"

    @property
    def citizen_url(self) -> str:
        return f"{self.url}/alert"


@asynccontextmanager
async def running_server(
    settings: Settings, on_event: Callable[[Event], None] = lambda event: None
) -> AsyncIterator[RunningServer]:
    """Starts broker and server, and ends them when the block ends.

    Raises PortError before anything is started, ChildError when a child does not come up, and what
    `sigap_server.setup.prepare` raises. While the block runs, `supervisor.wait()` says when a child failed for good.
    """
    ports.check(listeners(settings))
    prepared = prepare(settings)
    async with Supervisor(on_event) as supervisor:
        if settings.mqtt.url is None:
            await supervisor.start(broker_child(settings))
        await supervisor.start(server_child(settings))
        yield RunningServer(settings, prepared, supervisor, base_url(settings))


def listeners(settings: Settings) -> list[ports.Listener]:
    """Every address that Sigap itself listens on."""
    found = [ports.Listener(settings.http.host, settings.http.port, "http.port", "http.host")]
    if settings.mqtt.url is None:
        found.append(ports.Listener(settings.mqtt.host, settings.mqtt.port, "mqtt.port", "mqtt.host"))
        found.append(ports.Listener("127.0.0.1", settings.mqtt.nats_port, "mqtt.nats_port"))
    return found


def base_url(settings: Settings) -> str:
    """Where a browser on this machine finds the pages."""
    host = local_host(settings.http.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}"


def local_host(host: str) -> str:
    """The host to connect to for somebody on this machine, when `host` is listened on."""
    return "localhost" if host in ("", "0.0.0.0", "::") else host


def broker_child(settings: Settings) -> Child:
    """The NATS server, ready once it accepts units."""
    host, port = settings.mqtt.address()
    return Child(
        "broker",
        broker.broker_argv(settings),
        ready=lambda: accepts(host, port),
        ready_deadline_s=_BROKER_READY_S,
        stop_deadline_s=10.0,
        log=broker.log_path(settings),
    )


def server_child(settings: Settings) -> Child:
    """The server's process, ready once it answers; it runs with `settings` and nothing else."""
    settings_file = settings.data_dir / "no-settings.toml"
    settings_file.write_text("# Sigap's processes get their settings from the one that starts them.\n")
    return Child(
        "server",
        [sys.executable, "-m", "sigap_server"],
        env={**settings.environment(), "SIGAP_CONFIG": str(settings_file), "PYTHONUNBUFFERED": "1"},
        env_without=frozenset(setting.variable for setting in describe()),
        ready=lambda: _answers(local_host(settings.http.host), settings.http.port),
        ready_deadline_s=_SERVER_READY_S,
        stop_deadline_s=10.0,
    )


async def accepts(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _PROBE_S)
    except OSError:  # a TimeoutError is one too
        return False
    writer.close()
    return True


async def _answers(host: str, port: int) -> bool:
    """Whether GET /api/v1/status is answered with 200. By hand, because it is asked 20 times a second at the start."""
    try:
        async with asyncio.timeout(_PROBE_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /api/v1/status HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, ValueError):  # TimeoutError is the one, an endless line the other
        return False
