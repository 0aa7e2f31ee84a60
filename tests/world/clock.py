"""Time that passes when everybody waits for it, and not before: asyncio without a real clock or sockets."""

import asyncio
import selectors
from typing import Any

START_MS = 1_790_000_000_000


class StuckError(RuntimeError):
    """Everybody waits for something that nobody will do."""


class _Selector(selectors.BaseSelector):
    """Has nothing to watch: to wait is to let the time pass."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[fd] = selectors.SelectorKey(fileobj, fd, events, data)
        return self._keys[fd]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("nothing will ever happen again")
        self.now_s += max(0.0, timeout)
        return []

    def get_map(self) -> Any:
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0. An hour takes no time if nobody does anything in it."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_s


class Clock:
    """Somebody's wall clock: as far from the truth as it was set."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.ahead_ms = 0

    def now_ms(self) -> int:
        """Unix milliseconds, by this clock."""
        return START_MS + int(self._loop.time() * 1000) + self.ahead_ms


async def pass_time(seconds: float) -> None:
    """Until so much of the world's time has passed, which takes none of ours."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    passed = loop.create_future()
    handle = loop.call_later(seconds, _is_over, passed)
    try:
        await passed
    finally:
        handle.cancel()


def _is_over(passed: "asyncio.Future[None]") -> None:
    if not passed.done():
        passed.set_result(None)
