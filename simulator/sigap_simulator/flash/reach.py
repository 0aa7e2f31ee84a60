"""What of the linked statements is needed: by the main module, and by each part that is loaded on demand."""

import ast
from dataclasses import dataclass, field
from functools import cache, cached_property

from sigap_simulator.flash.sources import assigned

# What an expression is made of that is as good as any other like it.
_LITERAL = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.expr_context)


@dataclass(frozen=True)
class Statement:
    """A module-level statement with the linked names in it, and the module that it comes from."""

    node: ast.stmt
    module: str

    @cached_property
    def given(self) -> frozenset[str]:
        """The names that it gives a value."""
        return frozenset(assigned(self.node))


@dataclass(frozen=True)
class Place:
    """The main module or a part: the names it is wanted for, and the modules that are imported with it."""

    names: set[str]
    modules: set[str]

    def wants(self, statement: Statement) -> bool:
        """A statement that gives no name, a check say, is run wherever its module is imported."""
        given = statement.given
        return not self.names.isdisjoint(given) if given else statement.module in self.modules


@dataclass
class Reach:
    """What was found."""

    main: Place
    parts: dict[str, Place] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)  # reached through an instance, or who knows what
    of_class: set[tuple[str, str]] = field(default_factory=set)  # (class, attribute), reached through the class

    def kept_in_main(self, body: list[Statement]) -> list[ast.stmt]:
        """The main module's statements."""
        return [self._shorter(statement.node) for statement in body if self.main.wants(statement)]

    def kept_in_part(self, body: list[Statement], name: str) -> list[ast.stmt]:
        """A part's statements: those that it needs and the main module has not."""
        place = self.parts[name]
        return [self._shorter(one.node) for one in body if place.wants(one) and not self.main.wants(one)]

    def size(self) -> int:
        """Grows as long as there is more to find."""
        of_parts = sum(1 + len(part.names) for part in self.parts.values())
        return len(self.main.names) + of_parts + len(self.attributes) + len(self.of_class)

    def wants_method(self, owner: str, method: ast.stmt) -> bool:
        """Whether somebody may call it; of what else stands in a class, nothing is left out."""
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
        special = method.name.startswith("__")
        return special or method.name in self.attributes or (owner, method.name) in self.of_class

    def _shorter(self, node: ast.stmt) -> ast.stmt:
        if isinstance(node, ast.ClassDef):
            node.body = [one for one in node.body if self.wants_method(node.name, one)] or [ast.Pass()]
        return node


def reach(body: list[Statement], main: Place, parts: dict[str, Place], loader: str) -> Reach:
    """Follow every name and attribute from the roots in `main`.

    parts   each module that may be loaded on demand, wanted for its public names
    loader  the name of the function that loads them
    """
    found = Reach(main)
    classes = {one.node.name for one in body if isinstance(one.node, ast.ClassDef)}
    single = _single(body)

    @cache
    def mentions(node: ast.AST) -> frozenset[str]:
        """The names in it; looked at once, as the attributes and parts that it reaches stay reached."""
        names = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                names.add(part.id)
            elif isinstance(part, ast.Attribute):
                if isinstance(part.value, ast.Name) and part.value.id in classes:
                    found.of_class.add((part.value.id, part.attr))
                else:
                    found.attributes.add(part.attr)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == loader:
                name = ast.literal_eval(part.args[0])
                found.parts[name] = parts[name]
        return frozenset(names)

    def look_at(statement: Statement, names: set[str]) -> None:
        node = statement.node
        if isinstance(node, ast.ClassDef):
            for part in [*node.bases, *(one for one in node.body if found.wants_method(node.name, one))]:
                names.update(mentions(part))
        else:
            names.update(mentions(node))

    before = -1
    while before != (before := found.size()):
        for statement in body:
            if main.wants(statement):
                look_at(statement, main.names)
                continue
            places = [place for place in found.parts.values() if place.wants(statement)]
            if len(places) > 1 and single.intersection(statement.given):
                main.names.update(statement.given)
            for place in places:
                look_at(statement, place.names)
    return found


def _single(body: list[Statement]) -> set[str]:
    """Names of what there must be but one of: classes that something is compared with, and what may change."""
    found = set[str]()
    literals = set[str]()
    for statement in body:
        node = statement.node
        if isinstance(node, ast.Assign) and all(isinstance(part, _LITERAL) for part in ast.walk(node.value)):
            literals.update(statement.given)
        if isinstance(node, ast.Assign) and any(map(_may_change, ast.walk(node.value))):
            found.update(statement.given)
        for part in ast.walk(node):
            compared: list[ast.expr | None] = []
            if isinstance(part, ast.ExceptHandler):
                compared = [part.type]
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                compared = list(part.args[1:]) if part.func.id in ("isinstance", "issubclass") else []
            elif isinstance(part, ast.Compare):
                compared = [part.left, *part.comparators]
            found.update(name.id for one in compared if one for name in ast.walk(one) if isinstance(name, ast.Name))
    return found - literals


def _may_change(node: ast.AST) -> bool:
    return isinstance(node, ast.Call | ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
