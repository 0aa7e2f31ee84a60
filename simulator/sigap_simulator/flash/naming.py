"""What the linked modules call one another's things, and their statements with these names put in."""

import ast
from copy import deepcopy
from typing import TypeVar

from sigap_simulator.flash.sources import LinkError, Module, assigned, variables

_LEFT_OUT_METHODS = ("__eq__", "__repr__")
_LITERAL_MAX_CHARS = 20  # of a text; a longer one stays where it is, once

_Function = TypeVar("_Function", ast.FunctionDef, ast.AsyncFunctionDef)
_Comprehension = TypeVar("_Comprehension", ast.ListComp, ast.GeneratorExp, ast.DictComp)


def name_globals(modules: list[Module]) -> None:
    """Decide what every module-level name becomes.

    A name gets its module's name before it where two modules have it, or where a function somewhere has a variable of
    that name: `layout.eta` may be called where `eta` is a number.
    """
    by_name = {module.name: module for module in modules}
    hidden = {name for module in modules for statement in module.body for name in variables(statement)}
    hidden |= {name for module in modules for name in module.externals}
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
                clear = len(owners[name]) == 1 and name not in hidden
                unique = name if clear else f"{module.name.split('.')[-1]}_{name}"
                module.globals[name] = ast.Name(unique, ast.Load())


def linked_body(module: Module) -> list[ast.stmt]:
    """The module's statements as they stand in the linked module."""
    statements = []
    for statement in module.body:
        if isinstance(statement, ast.Assign) and set(assigned(statement)) <= module.constants.keys():
            continue
        renamed = _Renamer(module).visit(statement)
        statements.append(ast.fix_missing_locations(renamed))
    return statements


def _constants(module: Module) -> dict[str, int | str]:
    """Names in capitals that are given an integer or a text once, with a value that can be told here."""
    known: dict[str, int | str] = {
        name: value.value
        for name, value in module.globals.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, int | str)
    }
    found: dict[str, int | str] = {}
    for statement in module.body:
        names = assigned(statement)
        if not isinstance(statement, ast.Assign) or not all(name.strip("_").isupper() for name in names):
            continue
        try:
            allowed: dict[str, object] = {"__builtins__": {}, "range": range, "len": len, **known}
            expression = ast.Expression(_Renamer(module).visit(deepcopy(statement.value)))  # `module.NAME` is its value
            value = eval(compile(ast.fix_missing_locations(expression), module.name, "eval"), allowed)
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

    def __init__(self, module: Module) -> None:
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
        names |= {name for statement in node.body for name in assigned(statement)}
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


def _targets(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body
