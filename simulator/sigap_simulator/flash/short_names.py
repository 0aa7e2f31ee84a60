"""Gives a linked module's private names short ones: MicroPython keeps each different name in the heap.

Renamed are variables and arguments, where no call names them; attributes and methods that begin with "_", class by
class, as they are reached through `self` alone; and the functions and tables. Classes, public attributes and texts
stay, so that an error still says what it is about.
"""

import ast
import builtins
from collections.abc import Iterator
from itertools import count, product
from keyword import iskeyword
from string import ascii_lowercase

from sigap_simulator.flash.linker import Linked

_BUILTINS = frozenset(dir(builtins))


def shortened(linked: Linked) -> Linked:
    """The linked modules with shorter names, the same ones in all of them; public names stay."""
    trees = {name: ast.parse(source) for name, source in {"": linked.main, **linked.parts}.items()}
    parts = [part for tree in trees.values() for part in ast.walk(tree)]
    named_in_calls = {part.arg for part in parts if isinstance(part, ast.keyword) and part.arg}
    reached_otherwise = {
        part.attr
        for part in parts
        if isinstance(part, ast.Attribute) and not (isinstance(part.value, ast.Name) and part.value.id == "self")
    }
    _shorten_globals(list(trees.values()), linked.public)
    for tree in trees.values():
        for function in _outermost_functions(tree):
            _shorten_variables(function, named_in_calls)
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef):
                _shorten_attributes(statement, reached_otherwise)
    sources = {name: ast.unparse(tree) + "\n" for name, tree in trees.items()}
    return Linked(sources.pop(""), sources, linked.public)


def _shorten_globals(trees: list[ast.Module], keep: frozenset[str]) -> None:
    statements = [statement for tree in trees for statement in tree.body]
    parts = [part for tree in trees for part in ast.walk(tree)]
    names = {
        name
        for statement in statements
        for name in _given(statement)
        if not isinstance(statement, ast.ClassDef) and name not in keep
    }
    taken = {part.id for part in parts if isinstance(part, ast.Name)} - names
    taken |= {part.arg for part in parts if isinstance(part, ast.arg)} | keep
    new = _matched(names, taken)
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            statement.name = new.get(statement.name, statement.name)
        elif isinstance(statement, ast.ImportFrom):  # a part's, from the main module
            for alias in statement.names:
                alias.name = new.get(alias.name, alias.name)
    for part in parts:
        if isinstance(part, ast.Name):
            part.id = new.get(part.id, part.id)


def _shorten_variables(function: ast.AST, named_in_calls: set[str]) -> None:
    """The linker made sure that no variable has the name of something global, so one renaming serves all scopes."""
    names = set[str]()
    used = set[str]()
    for part in ast.walk(function):
        if isinstance(part, ast.arg):
            names.add(part.arg)
        elif isinstance(part, ast.Name):
            (names if isinstance(part.ctx, ast.Store) else used).add(part.id)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            names.add(part.name)
    names -= named_in_calls | _BUILTINS | {"self"}
    new = _matched(names, (used - names) | named_in_calls)
    for part in ast.walk(function):
        if isinstance(part, ast.arg):
            part.arg = new.get(part.arg, part.arg)
        elif isinstance(part, ast.Name):
            part.id = new.get(part.id, part.id)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            part.name = new.get(part.name, part.name)


def _shorten_attributes(statement: ast.ClassDef, reached_otherwise: set[str]) -> None:
    methods = [part for part in statement.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    attributes = [part for part in ast.walk(statement) if isinstance(part, ast.Attribute)]
    names = {method.name for method in methods} | {part.attr for part in attributes}
    private = {name for name in names if name.startswith("_") and not name.startswith("__")} - reached_otherwise
    new = _matched(private, names - private)
    for method in methods:
        method.name = new.get(method.name, method.name)
    for part in attributes:
        part.attr = new.get(part.attr, part.attr)


def _outermost_functions(module: ast.Module) -> Iterator[ast.AST]:
    for statement in module.body:
        for part in statement.body if isinstance(statement, ast.ClassDef) else [statement]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                yield part


def _given(statement: ast.stmt) -> Iterator[str]:
    """Module-level names that a statement gives a value."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _matched(names: set[str], taken: set[str]) -> dict[str, str]:
    """A short name for each that is not taken; the same few for every function and every class."""
    short = ("".join(letters) for length in count(1) for letters in product(ascii_lowercase, repeat=length))
    free = (name for name in short if name not in taken and name not in _BUILTINS and not iskeyword(name))
    return {name: next(free) for name in sorted(names)}
