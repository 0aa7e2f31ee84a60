"""Puts the firmware's modules together into one, for a unit's small memory.

Each module on its own costs a unit a dictionary of its names, once more the names it imports from others, and an
entry for every constant. Linked, modules share one dictionary, constants that are integers or texts become literals,
and what nothing refers to is left out, as are the methods that only tests and logs of a larger machine want. What is
left is the same code: nothing is rewritten within a function but names.

The sources keep to what is understood here: `import external`, `from external import name`, `from sigap_x import name`
(a module or something in it) at the top of a module, and no import within functions.
"""

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

OWN_PACKAGES = ("sigap_wire", "sigap_tracker")
_LEFT_OUT_METHODS = ("__eq__", "__repr__")
_LITERAL_MAX_CHARS = 20  # of a text; a longer one stays where it is, once

_Function = TypeVar("_Function", ast.FunctionDef, ast.AsyncFunctionDef)
_Comprehension = TypeVar("_Comprehension", ast.ListComp, ast.GeneratorExp, ast.DictComp)


class LinkError(Exception):
    """The sources hold something that the linker does not understand."""


def link(roots: Iterable[str]) -> str:
    """The source of one module with everything that `roots`, "package.module:name", need. Raises LinkError."""
    wanted = [root.split(":") for root in roots]
    modules = _load([module for module, _ in wanted])
    _name_globals(modules)
    externals = sorted({line for module in modules for line in module.externals})
    body = [statement for module in modules for statement in module.linked()]
    kept = _reachable(body, {name for _, name in wanted})
    return "\n".join([*externals, *map(ast.unparse, kept)]) + "\n"


class _Module:
    def __init__(self, name: str) -> None:
        self.name = name
        tree = ast.parse(_source(name).read_text(encoding="utf-8"))
        self.externals: list[str] = []
        self.imports: dict[str, tuple[str, str]] = {}  # name here → (module, name there, or "" for the module itself)
        self.body: list[ast.stmt] = []
        for statement in tree.body:
            self._take(statement)
        self.own_names = {name for statement in self.body for name in _assigned(statement)}
        self.constants: dict[str, int | str] = {}  # filled by _name_globals
        self.globals: dict[str, ast.expr] = {}  # name here → what it becomes
        self.modules: dict[str, _Module] = {}  # name here → module it stands for

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.ImportFrom):
            if statement.module is None or statement.level:
                raise LinkError(f"{self.name}: relative import in line {statement.lineno}")
            if statement.module.split(".")[0] not in OWN_PACKAGES:
                self.externals.append(ast.unparse(statement))
                return
            for alias in statement.names:
                here = alias.asname or alias.name
                full = f"{statement.module}.{alias.name}"
                self.imports[here] = (full, "") if _is_module(full) else (statement.module, alias.name)
        elif isinstance(statement, ast.Import):
            if any(alias.name.split(".")[0] in OWN_PACKAGES for alias in statement.names):
                raise LinkError(f"{self.name}: `{ast.unparse(statement)}`; write it as `from … import …`")
            self.externals.append(ast.unparse(statement))
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            self.body.append(statement)

    def needs(self) -> set[str]:
        return {module for module, _ in self.imports.values()}

    def linked(self) -> list[ast.stmt]:
        """The module's statements as they stand in the linked module."""
        statements = []
        for statement in self.body:
            if isinstance(statement, ast.Assign) and set(_assigned(statement)) <= self.constants.keys():
                continue
            renamed = _Renamer(self).visit(statement)
            statements.append(ast.fix_missing_locations(renamed))
        return statements


def _load(names: list[str]) -> list[_Module]:
    """The modules that these need, in an order in which each comes after those it needs."""
    modules: dict[str, _Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules[name] = _Module(name)
            waiting.extend(modules[name].needs())
    order = TopologicalSorter({name: module.needs() for name, module in modules.items()}).static_order()
    return [modules[name] for name in order]


def _name_globals(modules: list[_Module]) -> None:
    """Decide what every module-level name becomes.

    A name gets its module's name before it where two modules have it, or where a function somewhere has a variable of
    that name: `layout.eta` may be called where `eta` is a number.
    """
    by_name = {module.name: module for module in modules}
    variables = {name for module in modules for statement in module.body for name in _variables(statement)}
    owners: dict[str, list[str]] = {}
    for module in modules:
        for name in module.own_names:
            owners.setdefault(name, []).append(module.name)
    for module in modules:
        for here, (source, name) in module.imports.items():
            if name == "":
                module.modules[here] = by_name[source]
            elif name not in by_name[source].globals:
                raise LinkError(f"{module.name}: {source} has no {name}")
            else:
                module.globals[here] = by_name[source].globals[name]
        module.constants = _constants(module)
        for name in module.own_names:
            if name in module.constants:
                module.globals[name] = ast.Constant(module.constants[name])
            else:
                clear = len(owners[name]) == 1 and name not in variables
                unique = name if clear else f"{module.name.split('.')[-1]}_{name}"
                module.globals[name] = ast.Name(unique, ast.Load())


def _constants(module: _Module) -> dict[str, int | str]:
    """Names in capitals that are given an integer or a text once, with a value that can be told here."""
    known: dict[str, int | str] = {
        name: value.value
        for name, value in module.globals.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, int | str)
    }
    found: dict[str, int | str] = {}
    for statement in module.body:
        names = _assigned(statement)
        if not isinstance(statement, ast.Assign) or not all(name.strip("_").isupper() for name in names):
            continue
        try:
            allowed: dict[str, object] = {"__builtins__": {}, "range": range, "len": len, **known}
            value = eval(compile(ast.Expression(statement.value), module.name, "eval"), allowed)
        except (NameError, TypeError, AttributeError):
            continue  # made of what only the unit has, or no constant
        values = [value] if isinstance(statement.targets[0], ast.Name) else list(value)
        if len(statement.targets) == 1 and all(map(_is_literal, values)):
            found.update(zip(names, values, strict=True))
            known.update(zip(names, values, strict=True))
    return found


def _is_literal(value: object) -> bool:
    return type(value) is int or (isinstance(value, str) and len(value) <= _LITERAL_MAX_CHARS)


class _Renamer(ast.NodeTransformer):
    """Puts the linked module's names into one statement of a module, and drops what MicroPython does not keep."""

    def __init__(self, module: _Module) -> None:
        self._module = module
        self._locals: list[set[str]] = []

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if any(node.id in names for names in self._locals):
            return node
        if isinstance(node.ctx, ast.Load):
            if node.id in self._module.modules:
                raise LinkError(f"{self._module.name}: module {node.id} used for something else than its names")
            return self._module.globals.get(node.id, node)
        new = self._module.globals.get(node.id)
        return ast.Name(new.id, node.ctx) if isinstance(new, ast.Name) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        inner = node.value
        if isinstance(inner, ast.Name) and not any(inner.id in names for names in self._locals):
            module = self._module.modules.get(inner.id)
            if module is not None:
                if node.attr not in module.globals:
                    raise LinkError(f"{self._module.name}: {module.name} has no {node.attr}")
                return module.globals[node.attr]
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        if not self._locals:
            node.name = self._new_name(node.name)
        node.body = [
            statement
            for statement in _without_docstring(node.body)
            if not (isinstance(statement, ast.FunctionDef) and statement.name in _LEFT_OUT_METHODS)
        ]
        node.bases = [self.visit(base) for base in node.bases]
        self._in_scope(set(), node.body)  # a class's own names are not seen by its methods
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        if node.value is None:
            return None
        plain = ast.Assign([node.target], node.value)
        self.generic_visit(plain)
        return ast.copy_location(plain, node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._comprehension(node)

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        raise LinkError(f"{self._module.name}: import within a function, line {node.lineno}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        raise LinkError(f"{self._module.name}: import within a function, line {node.lineno}")

    def _function(self, node: _Function) -> _Function:
        if not self._locals:
            node.name = self._new_name(node.name)
        node.returns = None
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
        for argument in arguments:
            argument.annotation = None
        node.args.defaults = [self.visit(default) for default in node.args.defaults]
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.body = _without_docstring(node.body)
        names = {argument.arg for argument in arguments}
        names |= {name for statement in node.body for name in _assigned(statement)}
        self._in_scope(names, node.body)
        return node

    def _comprehension(self, node: _Comprehension) -> _Comprehension:
        self._locals.append({name for part in node.generators for name in _targets(part.target)})
        self.generic_visit(node)
        self._locals.pop()
        return node

    def _in_scope(self, names: set[str], body: list[ast.stmt]) -> None:
        self._locals.append(names)
        body[:] = [statement for old in body if (statement := self.visit(old)) is not None]
        self._locals.pop()

    def _new_name(self, name: str) -> str:
        new = self._module.globals[name]
        assert isinstance(new, ast.Name)
        return new.id


def _reachable(body: list[ast.stmt], roots: set[str]) -> list[ast.stmt]:
    """The statements, and within classes the methods, that the roots come to need."""
    classes = {statement.name: statement for statement in body if isinstance(statement, ast.ClassDef)}
    names, attributes, of_class = set(roots), set[str](), set[tuple[str, str]]()

    def wanted(statement: ast.stmt) -> bool:
        assigned = _assigned(statement)
        return not assigned or bool(names.intersection(assigned))

    def wanted_method(owner: str, method: ast.stmt) -> bool:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
        special = method.name.startswith("__")
        return special or method.name in attributes or (owner, method.name) in of_class

    def look(node: ast.AST) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                names.add(part.id)
            elif isinstance(part, ast.Attribute):
                if isinstance(part.value, ast.Name) and part.value.id in classes:
                    of_class.add((part.value.id, part.attr))
                else:
                    attributes.add(part.attr)

    before = -1
    while before != (before := len(names) + len(attributes) + len(of_class)):
        for statement in filter(wanted, body):
            if isinstance(statement, ast.ClassDef):
                for part in [*statement.bases, *(m for m in statement.body if wanted_method(statement.name, m))]:
                    look(part)
            else:
                look(statement)
    kept = [statement for statement in body if wanted(statement)]
    for statement in kept:
        if isinstance(statement, ast.ClassDef):
            statement.body = [m for m in statement.body if wanted_method(statement.name, m)] or [ast.Pass()]
    return kept


def _assigned(statement: ast.stmt) -> list[str]:
    """Names that a statement, with the blocks in it, gives a value in its own scope."""
    found: list[str] = []

    def look(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
            return
        if isinstance(node, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
            return
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.append(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            raise LinkError(f"`{ast.unparse(node)}` is not understood")
        for part in ast.iter_child_nodes(node):
            look(part)

    look(statement)
    return found


def _variables(statement: ast.stmt) -> Iterator[str]:
    """Names that functions within a statement give a value, their arguments among them."""
    for function in ast.walk(statement):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for part in ast.walk(function):
                if isinstance(part, ast.arg):
                    yield part.arg
                elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id
                elif isinstance(part, ast.ExceptHandler) and part.name:
                    yield part.name


def _targets(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body


def _source(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LinkError(f"no module {name}")
    return Path(spec.origin)


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
