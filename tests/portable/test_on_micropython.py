"""The portable test files on MicroPython's unix port: one process a file, one subtest a function."""

import ast
import json
from pathlib import Path

import pytest

from tests.portable.interpreters import run_micropython

FOLDER = Path(__file__).parent
FILES = sorted(path for path in FOLDER.glob("test_*.py") if path.name != Path(__file__).name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(path: Path, subtests: pytest.Subtests) -> None:
    said = run_micropython([str(FOLDER / "runner.py"), f"tests.portable.{path.stem}"])
    outcomes = {row["test"]: row["failure"] for row in map(json.loads, said.splitlines())}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wanted = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert wanted
    assert outcomes.keys() == wanted
    for test, failure in sorted(outcomes.items()):
        with subtests.test(test):
            assert not failure, failure
