"""Puts the firmware's modules together into one, for a unit's small memory, and into a few more to load on demand.

Each module on its own costs a unit a dictionary of its names, once more the names it imports from others, and an
entry for every constant. Linked, modules share one dictionary, constants that are integers or texts become literals,
and what nothing refers to is left out, as are the methods that only tests and logs of a larger machine want. What is
left is the same code: nothing is rewritten within a function but names.

A module that is loaded on demand becomes a part of its own, with all that only it needs, and has the rest from the
main module. Two parts may both hold what they share, unless it matters that there is but one of it.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sigap_simulator.flash.naming import linked_body, name_globals
from sigap_simulator.flash.reach import Place, Statement, reach
from sigap_simulator.flash.sources import LinkError, Module, is_loader, load

__all__ = ["LinkError", "Linked", "link"]

MAIN = "sigap_unit"


@dataclass(frozen=True)
class Linked:
    """Sources by the modules' names: the main one, and those that it loads on demand, each under the name it had.

    `public` are the module-level names by which something outside reaches into them, `asked` those of them by which
    the modules reach into one another, `declared` the attributes that a class only declares, as they are given by
    texts.
    """

    main: str
    parts: dict[str, str] = field(default_factory=dict)
    public: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()


def link(
    roots: Iterable[str], main_name: str = MAIN, constants: Mapping[str, int | str] = MappingProxyType({})
) -> Linked:
    """One module, to be called `main_name`, with everything that `roots`, "package.module:name", need; and its parts.

    constants  "package.module:NAME" → its value in place of the one in the sources

    Raises LinkError.
    """
    wanted = [root.split(":") for root in roots]
    modules = load(module for module, _ in wanted)
    by_name = {module.name: module for module in modules}
    for place, value in constants.items():
        module, name = place.split(":")
        if module not in by_name:
            raise LinkError(f"no module {module} is linked")
        by_name[module].give(name, value)
    name_globals(modules)
    body = [Statement(statement, module.name) for module in modules for statement in linked_body(module)]
    main_exports = {name: _global(by_name[module], name) for module, name in wanted}
    asked = _asked(body)
    exports = {name: _exports(by_name[name], asked) for module in modules for name in module.on_demand}
    main = Place(_names(main_exports), _closure(by_name, [module for module, _ in wanted]))
    parts = {name: Place(_names(found), _closure(by_name, [name]) - main.modules) for name, found in exports.items()}
    found = reach(body, main, parts, _loader(modules))
    externals = _externals(modules)
    in_main = {name for one in body if main.wants(one) for name in one.given}
    texts = {
        name: _text(found.kept_in_part(body, name), exports[name], externals, (main_name, in_main))
        for name in sorted(found.parts)
    }
    text = _text(found.kept_in_main(body), main_exports, externals, (main_name, set()))
    asked_for = frozenset(name for part in found.parts for name in exports[part])
    declared = frozenset(name for module in modules for name in module.declared)
    return Linked(text, texts, asked_for | main_exports.keys(), asked_for - main_exports.keys(), declared)


def _text(
    body: list[ast.stmt], exports: dict[str, ast.expr], externals: dict[str, str], main: tuple[str, set[str]]
) -> str:
    """The source of one module: imports, statements, and the names by which others know them."""
    used = _names(exports)
    used |= {part.id for statement in body for part in ast.walk(statement) if isinstance(part, ast.Name)}
    lines = sorted({externals[name] for name in used & externals.keys()})
    main_name, in_main = main
    if imported := sorted(used & in_main):
        lines.append(f"from {main_name} import {', '.join(imported)}")
    lines.extend(map(ast.unparse, body))
    for name, value in sorted(exports.items()):
        if not (isinstance(value, ast.Name) and value.id == name):
            lines.append(f"{name} = {ast.unparse(value)}")
    return "\n".join(lines) + "\n"


def _global(module: Module, name: str) -> ast.expr:
    if name not in module.globals:
        raise LinkError(f"{module.name} has no {name}")
    return module.globals[name]


def _exports(module: Module, asked: set[str]) -> dict[str, ast.expr]:
    """What a module that is loaded on demand may be asked for: its public names → what they became."""
    names = {name for name in module.own_names if not name.startswith("_")}
    return {name: module.globals[name] for name in names & asked}


def _asked(body: list[Statement]) -> set[str]:
    """Every attribute that is reached, and every text, as it may be the name of one."""
    nodes = [node for statement in body for node in ast.walk(statement.node)]
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return found | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _names(exports: dict[str, ast.expr]) -> set[str]:
    return {value.id for value in exports.values() if isinstance(value, ast.Name)}


def _closure(modules: dict[str, Module], names: list[str]) -> set[str]:
    """These modules and all that are imported with them."""
    found = set[str]()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(modules[name].needs())
    return found


def _loader(modules: list[Module]) -> str:
    """The linked name of the function that loads modules on demand, or "" where nothing is."""
    found = [value for one in modules for name, value in one.globals.items() if is_loader(one.name, name)]
    return found[0].id if found and isinstance(found[0], ast.Name) else ""


def _externals(modules: list[Module]) -> dict[str, str]:
    """Name → the line that imports it."""
    found: dict[str, str] = {}
    for module in modules:
        for name, line in module.externals.items():
            if found.setdefault(name, line) != line:
                raise LinkError(f"{module.name}: `{line}`, where another module has `{found[name]}`")
    return found
