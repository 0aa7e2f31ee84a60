"""The firmware's modules as the linker reads them: what each imports, its statements, and which names they give.

The sources keep to what is understood here: `import external`, `from external import name`, `from sigap_x import name`
(a module or something in it) at the top of a module, no import within functions, and `on_demand.load("sigap_x.name")`
with nothing but a literal.
"""

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

OWN_PACKAGES = ("sigap_wire", "sigap_boot", "sigap_tracker")
_LOADER = ("on_demand", "load")  # the end of the module's name, and the function


class LinkError(Exception):
    """The sources hold something that the linker does not understand."""


class Module:
    """One module's source, taken apart."""

    def __init__(self, name: str) -> None:
        self.name = name
        tree = ast.parse(_source(name).read_text(encoding="utf-8"))
        self.externals: dict[str, str] = {}  # name here → the line that imports it
        self.imports: dict[str, tuple[str, str]] = {}  # name here → (module, name there, or "" for the module itself)
        self.body: list[ast.stmt] = []
        for statement in tree.body:
            self._take(statement)
        self.own_names = {name for statement in self.body for name in assigned(statement)}
        self.on_demand = self._loaded_on_demand(tree)
        self.declared = self._declared()
        self.constants: dict[str, int | str] = {}  # filled by naming.name_globals
        self.globals: dict[str, ast.expr] = {}  # name here → what it becomes
        self.modules: dict[str, Module] = {}  # name here → module it stands for

    def give(self, name: str, value: int | str) -> None:
        """Another value for a constant of the module. Raises LinkError for one that it has not."""
        for statement in self.body:
            if isinstance(statement, ast.Assign) and assigned(statement) == [name]:
                statement.value = ast.Constant(value)
                return
        raise LinkError(f"{self.name} has no constant {name}")

    def needs(self) -> set[str]:
        """The modules that it imports something from."""
        return {module for module, _ in self.imports.values()}

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.ImportFrom):
            if statement.module is None or statement.level:
                raise LinkError(f"{self.name}: relative import in line {statement.lineno}")
            own = statement.module.split(".")[0] in OWN_PACKAGES
            for alias in statement.names:
                here = alias.asname or alias.name
                full = f"{statement.module}.{alias.name}"
                if not own:
                    self.externals[here] = ast.unparse(ast.ImportFrom(statement.module, [alias], 0))
                else:
                    self.imports[here] = (full, "") if _is_module(full) else (statement.module, alias.name)
        elif isinstance(statement, ast.Import):
            if any(alias.name.split(".")[0] in OWN_PACKAGES for alias in statement.names):
                raise LinkError(f"{self.name}: `{ast.unparse(statement)}`; write it as `from … import …`")
            for alias in statement.names:
                self.externals[alias.asname or alias.name.split(".")[0]] = ast.unparse(ast.Import([alias]))
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            self.body.append(statement)

    def _loaded_on_demand(self, tree: ast.Module) -> set[str]:
        found, calls = set(), 0
        for node in ast.walk(tree):
            if self._is_loader(node):
                calls -= 1
            elif isinstance(node, ast.Call) and self._is_loader(node.func):
                calls += 1
                if node.keywords or len(node.args) != 1 or not isinstance(name := _value(node.args[0]), str):
                    raise LinkError(f"{self.name}: `{ast.unparse(node)}`; expected one literal, a module's name")
                if name.split(".")[0] not in OWN_PACKAGES or not _is_module(name):
                    raise LinkError(f"{self.name}: no module {name} to load on demand")
                found.add(name)
        if calls:
            raise LinkError(f"{self.name}: on_demand.load is used for something else than a call")
        return found

    def _declared(self) -> set[str]:
        """Attributes that a class says it has and does not give a value."""
        classes = [statement for statement in self.body if isinstance(statement, ast.ClassDef)]
        inner = [statement for one in classes for statement in one.body if isinstance(statement, ast.AnnAssign)]
        return {one.target.id for one in inner if one.value is None and isinstance(one.target, ast.Name)}

    def _is_loader(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr == _LOADER[1]:
            module, name = self.imports.get(node.value.id, ("", "-"))
            return is_loader(module, node.attr) and name == ""
        return isinstance(node, ast.Name) and is_loader(*self.imports.get(node.id, ("", "")))


def is_loader(module: str, name: str) -> bool:
    """Whether that is the function that loads modules on demand."""
    return (module.split(".")[-1], name) == _LOADER


def load(names: Iterable[str]) -> list[Module]:
    """The modules that these need, now or on demand, in an order in which each comes after those it imports."""
    modules: dict[str, Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules[name] = Module(name)
            waiting.extend(sorted(modules[name].needs() | modules[name].on_demand))
    # All of it sorted: the order of a set is another one in each process, and the same sources give the same bytes.
    order = TopologicalSorter({name: sorted(module.needs()) for name, module in sorted(modules.items())}).static_order()
    return [modules[name] for name in order]


def assigned(statement: ast.stmt) -> list[str]:
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


def variables(statement: ast.stmt) -> Iterator[str]:
    """Names that the functions in a statement give a value, their arguments among them."""
    for function in ast.walk(statement):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for part in ast.walk(function):
                if isinstance(part, ast.arg):
                    yield part.arg
                elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id
                elif isinstance(part, ast.ExceptHandler) and part.name:
                    yield part.name


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


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
