"""Waiting for a condition with a deadline: the one place in the tests that may sleep.

Prefer an event (a future, a queue, a process's exit) where there is one; this is for the conditions that
nobody announces, such as a port that begins to accept.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_INTERVAL_S = 0.01


def eventually(predicate: Callable[[], T], deadline_s: float = 10.0, what: str = "") -> T:
    """The first true value of `predicate()`. Raises AssertionError, saying `what` was awaited, after deadline_s."""
    end = time.monotonic() + deadline_s
    while not (value := predicate()):
        if time.monotonic() > end:
            raise AssertionError(_late(predicate, deadline_s, what, value))
        time.sleep(_INTERVAL_S)
    return value


async def eventually_async(predicate: Callable[[], T | Awaitable[T]], deadline_s: float = 10.0, what: str = "") -> T:
    """As `eventually`, letting the event loop run meanwhile; the predicate may be a coroutine function."""
    end = time.monotonic() + deadline_s
    while True:
        found = predicate()
        value: T = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(_late(predicate, deadline_s, what, value))
        await asyncio.sleep(_INTERVAL_S)


def _late(predicate: object, deadline_s: float, what: str, value: object) -> str:
    awaited = what or getattr(predicate, "__name__", repr(predicate))
    return f"not within {deadline_s:g} s: {awaited} (last value: {value!r})"
