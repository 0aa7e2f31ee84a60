"""Puts a function that is called at one place in that place: each function and each method costs a unit heap.

Only where nothing else changes: the main module's own functions and the methods that begin with "_", called as

    self._step(a, b)            a statement, of a function without `return`
    return self._step(a, b)     whatever it returns
    found = self._step(a, b)    of a function whose one `return` comes last

with as many arguments as it takes, none by name, and without functions or `yield` in it; and never in a coroutine.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from sigap_simulator.flash.linker import Linked


def inlined(linked: Linked) -> Linked:
    """The linked modules, the main one with fewer functions."""
    main = ast.parse(linked.main)
    elsewhere = set(linked.public)
    for part in map(ast.parse, linked.parts.values()):
        elsewhere |= {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
        elsewhere |= {alias.name for alias in _imported(part)}
    for number, (owner, function) in enumerate(list(_used_once(main, elsewhere))):
        inliner = _Inliner(function, owner is not None, number)
        for scope in [owner] if owner else main.body:
            inliner.visit(scope)
        if inliner.done:
            (owner or main).body.remove(function)
    return replace(linked, main=ast.unparse(ast.fix_missing_locations(main)) + "\n")


def _used_once(main: ast.Module, elsewhere: set[str]) -> Iterator[tuple[ast.ClassDef | None, ast.FunctionDef]]:
    """Each function that is used at one place, and the class that it is a method of."""
    nodes = list(ast.walk(main))
    uses = Counter(node.id for node in nodes if isinstance(node, ast.Name))
    reached = {node.attr for node in nodes if isinstance(node, ast.Attribute) and not _is_self(node.value)}
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    bases = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
    for statement in main.body:
        if isinstance(statement, ast.FunctionDef):
            if uses[statement.name] == 1 and statement.name not in elsewhere and _is_simple(statement):
                yield None, statement
        elif isinstance(statement, ast.ClassDef) and not statement.bases and statement.name not in bases:
            inner = Counter(node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute))
            for method in statement.body:
                private = isinstance(method, ast.FunctionDef) and method.name[0] == "_" and method.name[-2:] != "__"
                if not private or not isinstance(method, ast.FunctionDef):
                    continue
                if inner[method.name] == 1 and method.name not in reached and _is_simple(method):
                    yield statement, method


def _is_simple(function: ast.FunctionDef) -> bool:
    arguments = function.args
    plain = not (
        arguments.defaults or arguments.kwonlyargs or arguments.vararg or arguments.kwarg or function.decorator_list
    )
    complicated = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await)
    return plain and not any(isinstance(node, complicated) for part in function.body for node in ast.walk(part))


class _Inliner(ast.NodeTransformer):
    def __init__(self, function: ast.FunctionDef, is_method: bool, number: int) -> None:
        self._function = function
        self._is_method = is_method
        self._suffix = f"_of_{number}"
        self.done = False

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node  # a coroutine's frame lives on, and would keep what the function had in its hands

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        if node is not self._function:
            self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        call = self._call(node.value)
        return self._body(call) if call and not self._returns() else node

    def visit_Return(self, node: ast.Return) -> ast.stmt | list[ast.stmt]:
        call = self._call(node.value)
        if call is None:
            return node
        body = self._body(call)
        return body if isinstance(body[-1], ast.Return) else [*body, ast.Return(None)]

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        call = self._call(node.value)
        if call is None:
            return node
        returns = self._returns()
        last = self._function.body[-1]
        if len(returns) != 1 or returns[0] is not last or returns[0].value is None:
            return node
        *body, result = self._body(call)
        assert isinstance(result, ast.Return)
        assert result.value is not None
        return [*body, ast.Assign(node.targets, result.value)]

    def _call(self, node: ast.expr | None) -> ast.Call | None:
        if not isinstance(node, ast.Call) or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
            return None
        if self._is_method:
            ours = (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == self._function.name
                and _is_self(node.func.value)
            )
        else:
            ours = isinstance(node.func, ast.Name) and node.func.id == self._function.name
        return node if ours and len(node.args) == len(self._parameters()) else None

    def _parameters(self) -> list[str]:
        return [argument.arg for argument in self._function.args.args][1 if self._is_method else 0 :]

    def _returns(self) -> list[ast.Return]:
        return [node for node in ast.walk(self._function) if isinstance(node, ast.Return)]

    def _body(self, call: ast.Call) -> list[ast.stmt]:
        self.done = True
        renamer = _Locals(self._function, self._suffix, keep_self=self._is_method)
        given: list[ast.stmt] = [
            ast.Assign([ast.Name(name + self._suffix, ast.Store())], value)
            for name, value in zip(self._parameters(), call.args, strict=True)
        ]
        return given + [renamer.visit(statement) for statement in self._function.body]


class _Locals(ast.NodeTransformer):
    """Gives a function's variables names that its new surroundings do not have."""

    def __init__(self, function: ast.FunctionDef, suffix: str, keep_self: bool) -> None:
        self._suffix = suffix
        self._names = {argument.arg for argument in function.args.args}
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._names.add(node.id)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                self._names.add(node.name)
        if keep_self:
            self._names.discard("self")

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(node.id + self._suffix, node.ctx) if node.id in self._names else node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        self.generic_visit(node)
        if node.name:
            node.name += self._suffix
        return node


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _imported(module: ast.Module) -> Iterator[ast.alias]:
    for statement in module.body:
        if isinstance(statement, ast.ImportFrom):
            yield from statement.names
