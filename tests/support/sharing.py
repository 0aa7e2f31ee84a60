"""How a run with several workers (`make test`) shares the tests out.

Two workers to a core: most tests of whole processes wait for them, so that one worker a core leaves half the machine
idle. Any worker takes any test; only those that share a fixture of their module stay together, so that a browser is
started once.

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return  # one after the other, as they are written
    for item in items:
        if shares_a_fixture(item):
            item.add_marker(pytest.mark.xdist_group(_module(item)))
    ranks = order([item.nodeid for item in items])
    items[:] = [item for _, item in sorted(zip(ranks, items, strict=True), key=lambda one: one[0])]


def shares_a_fixture(item: pytest.Item) -> bool:
    """Whether it uses something that is made once for its module."""
    found = getattr(item, "_fixtureinfo", None)
    definitions = found.name2fixturedefs.values() if found is not None else ()
    return any(
        one.scope in ("module", "class") and one.baseid.startswith("tests") for many in definitions for one in many
    )


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


def _module(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]
