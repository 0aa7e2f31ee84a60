"""Compiled code is never older than its sources, and is there even where it cannot be kept."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest

from sigap_roads.compiled import compiled
from tests.support.tools import REPOSITORY

MODULES = sorted((REPOSITORY / "server" / "sigap_roads").rglob("*.py"))
# Constants that nobody changes.
UNITS = {"FULL", "METRES_PER_E7"}


def borrowed(path: Path) -> set[str]:
    """Names from other modules of the package that the compiled functions of this one use."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sigap_roads.")
        for alias in node.names
    }
    used = {
        name.id
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "compiled" for mark in function.decorator_list)
        for statement in function.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name)
    }
    return imported & used


def test_compiled_functions_need_no_other_module() -> None:
    # Numba keeps machine code by the date of one file: code that a function took from another would stay as it was.
    assert {path.name: borrowed(path) - UNITS for path in MODULES if borrowed(path) - UNITS} == {}
    assert any(borrowed(path) for path in MODULES)


def test_where_nothing_can_be_kept_it_compiles_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = numba.njit

    def without_cache(*arguments: Any, **options: Any) -> Callable[..., Any]:
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'doubled': no locator available for file")
        return njit(*arguments, **options)

    monkeypatch.setattr(numba, "njit", without_cache)

    @compiled
    def doubled(value: int) -> int:
        return 2 * value

    assert doubled(21) == 42
