"""The child processes of one run: started in order, kept alive, and always ended, in the reverse order."""

import asyncio
import os
from collections.abc import Callable
from typing import Self

from sigap.child import Child, Event, Life


class Supervisor:
    """An async context manager; leaving it, in whatever way, ends every child.

    `on_event` is called in the event loop for everything that happens and must not block.
    """

    def __init__(self, on_event: Callable[[Event], None] = lambda event: None) -> None:
        self._on_event = on_event
        self._lives: list[Life] = []
        self._keeping: dict[Life, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Children are tethered to the writing end, which closes with this process at the latest.
        self._tether_fd, self._our_fd = os.pipe()
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            await self.stop()
        finally:
            os.close(self._our_fd)
            os.close(self._tether_fd)

    async def start(self, child: Child) -> None:
        """Starts the child and waits until it is ready. Raises ChildError if it ends before, or is not in time."""
        life = Life(child, self._tether_fd, self._on_event)
        self._lives.append(life)
        await life.start()
        self._keeping[life] = asyncio.create_task(self._keep(life), name=f"keep {child.name}")

    def pid(self, name: str) -> int:
        """The process id of a running child. Raises KeyError for a name that was never started."""
        for life in self._lives:
            if life.child.name == name and life.process is not None:
                return life.process.pid
        raise KeyError(name)

    async def wait(self) -> None:
        """Never returns; raises ChildError when a child has failed for good."""
        await asyncio.shield(self._failure)

    async def stop(self) -> None:
        """Ends every child, the last started first: SIGTERM, and SIGKILL to what is left at its deadline."""
        while self._lives:
            life = self._lives[-1]
            if keeping := self._keeping.pop(life, None):
                keeping.cancel()
                await asyncio.wait([keeping])
            await life.stop()
            self._lives.pop()
        if self._failure.done():
            self._failure.exception()  # it was for wait(), and nobody may have waited

    async def _keep(self, life: Life) -> None:
        try:
            await life.keep()
        except Exception as error:
            if not self._failure.done():
                self._failure.set_exception(error)
