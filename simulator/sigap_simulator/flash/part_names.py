"""Gives the parts that are loaded on demand names that the interpreter has: each other one stays in a unit's heap.

A module's dotted name, its last word and its packages' names would each stay there after the module itself is gone.
"""

import ast
from dataclasses import replace

from sigap_simulator.flash.linker import Linked, LinkError
from sigap_simulator.flash.rom_names import ROM_NAMES

# Those names that are modules, too, and are found before any file.
_MODULES = frozenset(("gc", "io", "os", "py", "re", "src", "ssl", "sys", "tls", "vfs"))
_MAX_CHARS = 3  # the file's path stays in the heap
PART_NAMES = tuple(
    name for name in ROM_NAMES if len(name) <= _MAX_CHARS and name.isalnum() and name.islower() and name not in _MODULES
)


def short_part_names(linked: Linked) -> Linked:
    """The linked modules, each part under a short name. Raises LinkError where there are more parts than names."""
    if len(linked.parts) > len(PART_NAMES):
        raise LinkError(f"{len(linked.parts)} modules to load on demand, but {len(PART_NAMES)} names for them")
    new = dict(zip(sorted(linked.parts), PART_NAMES, strict=False))
    parts = {new[name]: _renamed(source, new) for name, source in linked.parts.items()}
    return replace(linked, main=_renamed(linked.main, new), parts=parts)


def _renamed(source: str, new: dict[str, str]) -> str:
    """No text but the loader's argument is a dotted name of one of our modules."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = new.get(node.value, node.value)
    return ast.unparse(tree) + "\n"
