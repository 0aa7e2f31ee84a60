"""The image of a unit's flash: the linked module means what the modules meant."""

import ast
import sys
from pathlib import Path

import pytest

from sigap_simulator.flash import image, linker
from tests.support.processes import Processes
from tests.support.tools import MISSING_TOOL


def names_given_in_functions(tree: ast.Module) -> set[str]:
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = function.args
            found |= {one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
            found |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def test_no_variable_hides_what_the_linked_module_has() -> None:
    linked = linker.link(image.ROOTS)
    trees = [ast.parse(source) for source in (linked.main, *linked.parts.values())]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    shared = {node.name for tree in trees for node in tree.body if isinstance(node, kinds)}
    assert len(shared) > 30
    for tree in trees:
        assert shared & names_given_in_functions(tree) == set()


def test_an_image_is_small_and_the_same_each_time(tmp_path: Path, processes: Processes) -> None:
    if not image.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross")
    # Each process has its own order of sets.
    build = "import sys, pathlib; from sigap_simulator.flash import image; image.build(pathlib.Path(sys.argv[1]))"
    paths = [tmp_path / name for name in ("a", "b")]
    children = [
        processes.start([sys.executable, "-c", build, path], env={"PYTHONHASHSEED": str(seed)})
        for seed, path in enumerate(paths)
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    content = paths[0].read_bytes()
    assert content == paths[1].read_bytes()
    assert content[:3] == b"\xd2\xcd\x31"
    assert 10_000 < len(content) < 128 * 1024
