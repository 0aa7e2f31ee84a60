"""The server process: everything made ready, then served until a signal."""

import asyncio
import signal
import socket
import sys

from sigap_server import logs, setup
from sigap_server.service import Service
from sigap_server.serving import listen, serve
from sigap_server.settings import Settings

# The database's thread must not wait for the loop's the usual 5 ms to take its turn in the interpreter: measured with
# 200 units, the slowest hundredth of alerts is answered in half the time.
_SWITCH_INTERVAL_S = 0.0005


def run(settings: Settings) -> bool:
    """Serve until SIGTERM or SIGINT; False if it failed while running. Raises SigapError if it cannot start."""
    logs.configure(settings.log)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    # The port first: a start that fails must not have shown the first password to nobody.
    with listen(settings.http) as listener:
        prepared = setup.prepare(settings)
        if prepared.operator:
            sys.stderr.write(f"First start: log in as {prepared.operator} with the password {prepared.password}\n")
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> bool:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
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
