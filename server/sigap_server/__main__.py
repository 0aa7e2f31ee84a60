"""python -m sigap_server [--config FILE]: the server, without the broker."""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from sigap_server import logs, setup
from sigap_server.errors import SigapError
from sigap_server.service import Service
from sigap_server.serving import listen, serve
from sigap_server.settings import Settings, load_settings

_STOPS = (signal.SIGTERM, signal.SIGINT)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped by a signal, 1 failed while running, 2 could not start (and says why)."""
    parser = argparse.ArgumentParser(prog="python -m sigap_server", description="The Sigap server")
    parser.add_argument("--config", type=Path, help="settings file (default: sigap.toml, or SIGAP_CONFIG)")
    arguments = parser.parse_args(argv)
    for number in _STOPS:
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        settings = load_settings(arguments.config)
        logs.configure(settings.log)
        # The port first: a start that fails must not have shown the first password to nobody.
        listener = listen(settings.http)
        prepared = setup.prepare(settings)
    except SigapError as error:
        sys.stderr.write(f"sigap: {error}\n")
        return 2
    if prepared.operator:
        sys.stderr.write(f"First start: log in as {prepared.operator} with the password {prepared.password}\n")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return 0 if runner.run(_run(settings, listener)) else 1


async def _run(settings: Settings, listener: socket.socket) -> bool:
    stop = asyncio.Event()
    for number in _STOPS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    service = Service(settings)
    await service.load()
    return await serve(service, listener, stop)


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # not made for every platform
        return None
    return uvloop.Loop


if __name__ == "__main__":
    sys.exit(main())
