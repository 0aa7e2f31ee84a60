"""python -m sigap_server [--config FILE]: the server, without the broker."""

import argparse
import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
import uvicorn

from sigap_server import logs, setup
from sigap_server.api.app import create_app
from sigap_server.errors import PortInUseError, SigapError
from sigap_server.service import Service
from sigap_server.settings import HttpSettings, Settings, load_settings

_GRACEFUL_S = 3

log = structlog.get_logger()


class _HttpServer(uvicorn.Server):
    """Leaves the signals to `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped by a signal, 1 failed while running, 2 could not start (and says why)."""
    parser = argparse.ArgumentParser(prog="python -m sigap_server", description="The Sigap server")
    parser.add_argument("--config", type=Path, help="settings file (default: sigap.toml, or SIGAP_CONFIG)")
    arguments = parser.parse_args(argv)
    try:
        settings = load_settings(arguments.config)
        logs.configure(settings.log)
        prepared = setup.prepare(settings)
        listener = listen(settings.http)
    except SigapError as error:
        sys.stderr.write(f"sigap: {error}\n")
        return 2
    if prepared.operator:
        sys.stderr.write(f"First start: log in as {prepared.operator} with the password {prepared.password}\n")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(serve(settings, listener))


def listen(http: HttpSettings) -> socket.socket:
    """The listening socket. Raises PortInUseError, SigapError."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(http.host, http.port, "http.port") from error
        raise SigapError(f"cannot listen on http.host {http.host}, http.port {http.port}: {error.strerror}") from error
    return listener


async def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve until SIGTERM or SIGINT."""
    service = Service(settings)
    await service.load()
    config = uvicorn.Config(
        create_app(service),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_GRACEFUL_S,
    )
    server = _HttpServer(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    work = asyncio.create_task(service.run(), name="service")
    http = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    stopping = asyncio.create_task(stop.wait())
    log.info("serving", url=f"http://{settings.http.host}:{settings.http.port}/")
    await asyncio.wait([work, http, stopping], return_when=asyncio.FIRST_COMPLETED)
    has_failed = work.done() or http.done()
    # Requests under way are answered first; only then does ingest stop.
    service.live.end_all()
    server.should_exit = True
    await asyncio.wait([http])
    work.cancel()
    stopping.cancel()
    await asyncio.wait([work])
    await service.close()
    for task in (work, http):
        if not task.cancelled() and (failure := task.exception()):
            log.error("failed", task=task.get_name(), exc_info=failure)
    log.info("stopped")
    return 1 if has_failed else 0


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # not made for every platform
        return None
    return uvloop.Loop


if __name__ == "__main__":
    sys.exit(main())
