"""The HTTP side and the service side by side, until told to stop."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import structlog
import uvicorn

from sigap_server.api.app import create_app
from sigap_server.errors import PortInUseError, SigapError
from sigap_server.service import Service
from sigap_server.settings import HttpSettings

_GRACEFUL_S = 3

log = structlog.get_logger()


class _HttpServer(uvicorn.Server):
    """Leaves the signals to `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


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


async def serve(service: Service, listener: socket.socket, stop: asyncio.Event) -> bool:
    """Serve a loaded service until `stop`, and close it; False if it failed before."""
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
    work = asyncio.create_task(service.run(), name="service")
    http = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    stopping = asyncio.create_task(stop.wait())
    host, port = listener.getsockname()[:2]
    log.info("serving", host=host, port=port)
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
    return not has_failed
