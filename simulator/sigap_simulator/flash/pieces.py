"""Cuts the main module into pieces, for a chip that has its code in RAM.

While a module is imported, there is a description of each of its functions in the heap besides the function, half as
much again as what stays. A smaller module has fewer of them at a time. Each name that one piece has from another costs
an entry more, so an image that is run in place is better off whole.
"""

import ast
from copy import copy
from dataclasses import replace
from itertools import accumulate, pairwise
from symtable import symtable

from sigap_simulator.flash.linker import MAIN, Linked, LinkError
from sigap_simulator.flash.part_names import PART_NAMES
from sigap_simulator.flash.sources import assigned

# A collection while one piece is being imported would find the remains of the one before on the interpreter's stack.
_STEP = "import {0}\ndel {0}\ngc.collect()"


def in_pieces(linked: Linked, count: int) -> Linked:
    """The linked modules with `count` more: the main one imports them in turn and has its public names from them.

    Raises LinkError.
    """
    names = [name for name in PART_NAMES if name not in linked.parts][:count]
    if len(names) < count:
        raise LinkError(f"{len(linked.parts)} modules to load on demand and {count} pieces, {len(PART_NAMES)} names")
    tree = ast.parse(linked.main)
    imports = [statement for statement in tree.body if isinstance(statement, ast.Import | ast.ImportFrom)]
    body = [statement for statement in tree.body if statement not in imports]
    where: dict[str, str] = {}  # name → its piece
    pieces = {}
    for name, share in zip(names, _shared_out(body, count), strict=True):
        used = _used(share)
        lines = _imported(imports, used) + _from(where, used)
        for given in (given for statement in share for given in assigned(statement)):
            if given in where:
                raise LinkError(f"{given} is given a value twice")
            where[given] = name
        pieces[name] = _source([*lines, *map(ast.unparse, share)])
    main = ["import gc", *(_STEP.format(name) for name in names), *_from(where, linked.public - linked.asked)]
    parts = {name: _retargeted(source, where) for name, source in linked.parts.items()}
    return replace(linked, main=_source(main), parts={**parts, **pieces})


def _shared_out(body: list[ast.stmt], count: int) -> list[list[ast.stmt]]:
    """Statements in their order, in so many shares of about the same size, none of which needs one that comes later."""
    given_at = {name: at for at, statement in enumerate(body) for name in assigned(statement)}
    sizes = list(accumulate(len(ast.unparse(statement)) for statement in body))
    needed = accumulate((max((given_at.get(name, 0) for name in _used([one])), default=0) for one in body), max)
    ends = {at + 1: sizes[at] for at, last in enumerate(needed) if last <= at}
    cuts = [0]
    for goal in (sizes[-1] * share / count for share in range(1, count)):
        cuts.append(min((abs(size - goal), end) for end, size in ends.items())[1])
    return [body[begin:end] for begin, end in pairwise([*cuts, len(body)])]


def _used(body: list[ast.stmt]) -> set[str]:
    """The module-level names that statements need. A function's variable may be called as what another one uses."""
    found = set[str]()
    tables = [symtable("\n".join(map(ast.unparse, body)), MAIN, "exec")]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        at_top = table.get_type() == "module"
        found.update(
            one.get_name() for one in table.get_symbols() if (at_top and one.is_referenced()) or one.is_global()
        )
    return found


def _imported(imports: list[ast.Import | ast.ImportFrom], used: set[str]) -> list[str]:
    """The lines for what is used of the interpreter's modules."""
    lines = []
    for statement in map(copy, imports):
        statement.names = [alias for alias in statement.names if (alias.asname or alias.name) in used]
        if statement.names:
            lines.append(ast.unparse(statement))
    return lines


def _from(where: dict[str, str], used: set[str] | frozenset[str]) -> list[str]:
    """The lines for what is used of the pieces before."""
    found: dict[str, list[str]] = {}
    for name in sorted(used & where.keys()):
        found.setdefault(where[name], []).append(name)
    return [f"from {piece} import {', '.join(names)}" for piece, names in found.items()]


def _retargeted(source: str, where: dict[str, str]) -> str:
    """A part's source, which has its names from the pieces in place of the main module."""
    tree = ast.parse(source)
    ours = [one for one in tree.body if isinstance(one, ast.ImportFrom) and one.module == MAIN]
    others = [ast.unparse(statement) for statement in tree.body if statement not in ours]
    return _source(_from(where, {alias.name for statement in ours for alias in statement.names}) + others)


def _source(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
