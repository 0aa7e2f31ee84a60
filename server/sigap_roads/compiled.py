"""Loops over whole graphs as machine code."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function, compiled by numba at its first call.

    The machine code is kept beside the source, else in the user's cache folder, so that the wait is paid once a
    machine; where neither can be written, as under a service's read-only home, once a process. What is kept is made
    anew when its own file changes, not when another one does: compiled functions call only those of their own module.
    """
    try:
        return cast(Function, numba.njit(cache=True)(function))
    except RuntimeError:  # numba's "no locator available": nowhere to keep it
        return cast(Function, numba.njit(function))
