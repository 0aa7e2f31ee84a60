"""A test waits for an event or a condition with a deadline; it never sleeps and hopes."""

import ast
from pathlib import Path

import pytest

from tests.support.tools import REPOSITORY

SLEEPERS = {("time", "sleep"), ("asyncio", "sleep"), ("anyio", "sleep"), ("trio", "sleep")}
TEST_FILES = sorted(
    path for path in (REPOSITORY / "tests").rglob("*.py") if REPOSITORY / "tests" / "support" not in path.parents
)


def sleeps(source: str) -> list[int]:
    """Line numbers of calls that sleep; asyncio.sleep(0), which only lets others run, is none."""
    tree = ast.parse(source)
    bare = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module, alias.name) in SLEEPERS
    }
    return sorted(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_sleep(node, bare))


def _is_sleep(call: ast.Call, bare: set[str]) -> bool:
    if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0:
        return False
    match call.func:
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return (module, name) in SLEEPERS
        case ast.Name(id=name):
            return name in bare
    return False


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(REPOSITORY / "tests")))
def test_waits_without_sleeping(path: Path) -> None:
    lines = sleeps(path.read_text(encoding="utf-8"))
    assert not lines, f"{path.relative_to(REPOSITORY)}: sleeps in lines {lines}; use tests.support.waiting"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import time\ntime.sleep(1)", [2]),
        ("from asyncio import sleep as nap\nasync def f():\n    await nap(0.1)", [3]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(0)", []),
        ("def sleep(n): ...\nsleep(3)", []),
        ('CHILD = "import time; time.sleep(60)"', []),
    ],
)
def test_finds_what_sleeps(source: str, lines: list[int]) -> None:
    assert sleeps(source) == lines
