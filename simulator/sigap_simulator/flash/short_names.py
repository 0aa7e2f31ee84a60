"""Gives the linked modules' names ones that the interpreter has in its ROM: each other name stays in a unit's heap.

Renamed are variables and arguments, where no call names them; functions, tables and plain classes; and the attributes
and methods of our own classes, each the same in all classes. What stays: exceptions, so that an error still says what
it is about; names that the interpreter has anyhow, so that nothing of its own objects is renamed; names that also
stand somewhere as a text. An attribute whose name is made up where it is given, as in `setattr(settings, key, value)`,
is looked up there in a table of what has become what, if a class declares it (`Linked.declared`) or a part is asked for
it (`Linked.asked`).
"""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count, product
from keyword import iskeyword
from string import ascii_lowercase

from sigap_simulator.flash.linker import Linked
from sigap_simulator.flash.rom_names import CHIP_NAMES, ROM_NAMES
from sigap_simulator.flash.sources import variables

_BUILTINS = frozenset(dir(builtins))
_BY_NAME = ("getattr", "setattr", "hasattr")
_RENAMED = "unregister"  # a name that the interpreter has
_LOOK_UP = """
def {name}(add):
    abs = {table!r}
    all = abs.find("\\n" + add + " ")
    if all < 0:
        return add
    all += len(add) + 2
    return abs[all : abs.find("\\n", all)]
"""


def shortened(linked: Linked) -> Linked:
    """The linked modules with other names, the same ones in all of them; what others know the main one by stays."""
    trees = {name: ast.parse(source) for name, source in {"": linked.main, **linked.parts}.items()}
    parts = [part for tree in trees.values() for part in ast.walk(tree)]
    named_in_calls = {part.arg for part in parts if isinstance(part, ast.keyword) and part.arg}
    new = attribute_names(parts, linked)
    _rename_globals(list(trees.values()), linked.public, {name: new.get(name, name) for name in linked.asked})
    for tree in trees.values():
        for function in _outermost_functions(tree):
            _rename_variables(function, named_in_calls)
    table = "\n" + "".join(f"{name} {new[name]}\n" for name in sorted((linked.declared | linked.asked) & new.keys()))
    for tree in trees.values():
        _look_up(tree, table)
    for part in parts:
        if isinstance(part, ast.Attribute):
            part.attr = new.get(part.attr, part.attr)
        elif isinstance(part, ast.ClassDef):
            for name in _names_of_class(part):
                name.rename(new)
            _forget_names(part)
    sources = {name: ast.unparse(ast.fix_missing_locations(tree)) + "\n" for name, tree in trees.items()}
    return replace(linked, main=sources.pop(""), parts=sources)


def attribute_names(parts: list[ast.AST], linked: Linked) -> dict[str, str]:
    """Our own classes' attributes, and what a part is asked for → what they become."""
    classes = {part.name: part for part in parts if isinstance(part, ast.ClassDef)}
    # A class that is made on another keeps its name, for errors to say.
    asked = {name for name in linked.asked if name not in classes or not classes[name].bases}
    found = asked | linked.declared
    found |= {name.name for part in parts if isinstance(part, ast.ClassDef) for name in _names_of_class(part)}
    found |= {
        part.attr
        for part in parts
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and _is_self(part.value)
    }
    texts = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    # A class that is made on one of the interpreter's has methods that the interpreter calls.
    foreign = {
        name.name
        for part in parts
        if isinstance(part, ast.ClassDef) and not all(_is_own_base(base, classes) for base in part.bases)
        for name in _names_of_class(part)
    }
    stay = foreign | texts | (linked.public - asked) | set(ROM_NAMES) | CHIP_NAMES
    names = {name for name in found if name not in stay and not name.startswith("__")}
    taken = {part.attr for part in parts if isinstance(part, ast.Attribute)} - names
    return _matched(names, taken | foreign)


def _look_up(tree: ast.Module, table: str) -> None:
    """Put `renamed(…)` around each name that is made up for an attribute."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BY_NAME
    ]
    calls = [node for node in calls if not isinstance(node.args[1], ast.Constant)]
    for call in calls:
        call.args[1] = ast.Call(ast.Name(_RENAMED, ast.Load()), [call.args[1]], [])
    if calls:
        function = ast.parse(_LOOK_UP.format(name=_RENAMED, table=table)).body
        first = next(i for i, one in enumerate(tree.body) if not isinstance(one, ast.Import | ast.ImportFrom))
        tree.body[first:first] = function


def _forget_names(node: ast.ClassDef) -> None:
    """A class keeps two entries with its module's and its own full name, for which nobody asks."""
    forget = ast.Delete([ast.Name("__module__", ast.Del()), ast.Name("__qualname__", ast.Del())])
    node.body = [forget, *(statement for statement in node.body if not isinstance(statement, ast.Pass))]


class _NameOfClass:
    """A method, or a name given a value, right in a class."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Name) -> None:
        self._node = node

    @property
    def name(self) -> str:
        return self._node.id if isinstance(self._node, ast.Name) else self._node.name

    def rename(self, new: dict[str, str]) -> None:
        if isinstance(self._node, ast.Name):
            self._node.id = new.get(self._node.id, self._node.id)
        else:
            self._node.name = new.get(self._node.name, self._node.name)


def _names_of_class(node: ast.ClassDef) -> Iterator[_NameOfClass]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _NameOfClass(statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from (_NameOfClass(part) for part in ast.walk(target) if isinstance(part, ast.Name))


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_own_base(base: ast.expr, classes: Iterable[str]) -> bool:
    return isinstance(base, ast.Name) and (base.id in classes or base.id in _BUILTINS)


def _rename_globals(trees: list[ast.Module], public: frozenset[str], asked: dict[str, str]) -> None:
    """`asked` are those of the `public` names that are renamed, and what they become."""
    statements = [statement for tree in trees for statement in tree.body]
    parts = [part for tree in trees for part in ast.walk(tree)]
    names = {name for statement in statements for name in _given(statement) if name not in public}
    taken = {part.id for part in parts if isinstance(part, ast.Name)} - names
    taken |= {part.arg for part in parts if isinstance(part, ast.arg)} | public | {_RENAMED, *asked.values()}
    new = _matched(names - asked.keys(), taken)
    # What a part is asked for may be a second name there, and a variable's in one of its functions.
    hidden = set(chain.from_iterable(map(variables, statements)))
    new.update((name, short) for name, short in asked.items() if name not in hidden)
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            statement.name = new.get(statement.name, statement.name)
        elif isinstance(statement, ast.ImportFrom):  # a part's, from the main module
            for alias in statement.names:
                alias.name = new.get(alias.name, alias.name)
    for part in parts:
        if isinstance(part, ast.Name):
            part.id = new.get(part.id, part.id)
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            target.id = asked[target.id] if target.id in hidden & asked.keys() else target.id


def _rename_variables(function: ast.AST, named_in_calls: set[str]) -> None:
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


def _outermost_functions(module: ast.Module) -> Iterator[ast.AST]:
    for statement in module.body:
        for part in statement.body if isinstance(statement, ast.ClassDef) else [statement]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                yield part


def _given(statement: ast.stmt) -> Iterator[str]:
    """Module-level names that a statement gives a value, but for exceptions' and other classes made on a class."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.name
    elif isinstance(statement, ast.ClassDef):
        if not statement.bases:
            yield statement.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _matched(names: set[str], taken: set[str]) -> dict[str, str]:
    """A name from the ROM, or a short one when all are used up, for each that is not taken; the same few everywhere."""
    short = ("".join(letters) for length in count(1) for letters in product(ascii_lowercase, repeat=length))
    free = (n for n in chain(ROM_NAMES, short) if n not in taken and n not in _BUILTINS and not iskeyword(n))
    return {name: next(free) for name in sorted(names)}
