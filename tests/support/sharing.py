"""How a run with several workers (`make test`) shares the tests out.

Two workers to a core: most tests of whole processes wait for them, so that one worker a core leaves half the machine
idle. A worker takes a module at a time, as a module's tests share browser and server.

The folders of the longest tests come first, as one of those begun last would leave the other workers with nothing to
do. The others take turns, so that tests that wait run beside tests that count.
"""

import os
from collections.abc import Iterable

import pytest

_FIRST = ("system", "console")
_WORKERS_A_CORE = 2
_WORKERS_MAX = 8  # each may have a browser, a broker and a server


def pytest_xdist_auto_num_workers() -> int:
    """The number of workers of `-n auto`."""
    return min(_WORKERS_MAX, _WORKERS_A_CORE * (os.cpu_count() or 1))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return  # one after the other, as they are written
    ranks = order([item.nodeid for item in items])
    items[:] = [item for _, item in sorted(zip(ranks, items, strict=True), key=lambda one: one[0])]


def order(nodeids: Iterable[str]) -> list[tuple[int, float]]:
    """The rank of each: by its folder's turn, then by how far into its folder it is, 0 to 1."""
    folders = [nodeid.split("/")[1] if nodeid.count("/") > 1 else "" for nodeid in nodeids]
    total = {folder: folders.count(folder) for folder in set(folders)}
    so_far = dict.fromkeys(total, 0)
    ranks = []
    for folder in folders:
        turn = _FIRST.index(folder) if folder in _FIRST else len(_FIRST)
        ranks.append((turn, so_far[folder] / total[folder]))
        so_far[folder] += 1
    return ranks
