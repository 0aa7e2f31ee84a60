"""Runs a program until it is done or asked to stop by a signal."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(main: Coroutine[Any, Any, int | None]) -> int:
    """Runs `main` and gives its result as an exit code, or 128 + N when signal N stopped it.

    The first signal cancels `main`, which stops its children in order; the second ends this process on the spot,
    and its children with it, because they are tethered (`sigap.tether`).
    """
    with asyncio.Runner() as runner:
        return runner.run(_until_signal(main))


async def _until_signal(main: Coroutine[Any, Any, int | None]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        task.cancel()

    for number in STOPPING:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task or 0
    except asyncio.CancelledError:
        if not received:
            raise
        return 128 + received[0]
    finally:
        for number in STOPPING:
            loop.remove_signal_handler(number)
