"""Packs a linked module's tables of words and of numbers: a tuple costs heap for each of its items.

Only tables of which functions take one item at a time, `TABLE[i]` or in a loop, and words also by `in`:

    WORDS[i], WORDS = "a", "b"       "a b".split()[i]
    NUMBERS[i], none above 255       the same, NUMBERS being bytes
    NUMBERS[i], other integers       unpack_from("<i", NUMBERS, 4 * i)[0], for i counted from the start
"""

import ast
import struct
from collections.abc import Iterator
from dataclasses import replace

from sigap_simulator.flash.linker import Linked

_WORTHWHILE = 16  # integers of more than a byte
_FORMATS = (("<b", 1 << 7), ("<h", 1 << 15), ("<i", 1 << 31))


def packed(linked: Linked) -> Linked:
    """The linked modules with the main one's tables packed. Those of a part leave the heap with it."""
    module = ast.parse(linked.main)
    tables = {_name(one): one for one in module.body if isinstance(one, ast.Assign) and _items(one.value)}
    uses = [part.id for part in ast.walk(module) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
    indexed, looped, asked = _taken(module)
    packer = _Packer()
    for name, table in tables.items():
        items, used = _items(table.value), uses.count(name)
        one_by_one = used == indexed.count(name) + looped.count(name)
        if not name or not used:
            continue
        if all(isinstance(item, str) for item in items):
            words = [str(item) for item in items]
            if used == indexed.count(name) + looped.count(name) + asked.count(name) and _are_words(words):
                packer.words[name] = " ".join(words)
                module.body.remove(table)
        elif one_by_one and all(isinstance(item, int) and 0 <= item < 256 for item in items):
            table.value = ast.Constant(bytes(items))  # type: ignore[arg-type]  # they are integers
        elif used == indexed.count(name) and len(items) >= _WORTHWHILE and all(type(item) is int for item in items):
            numbers = [item for item in items if isinstance(item, int)]
            code = next((code for code, limit in _FORMATS if all(-limit <= item < limit for item in numbers)), None)
            if code:
                packer.codes[name] = code
                table.value = ast.Constant(b"".join(struct.pack(code, item) for item in numbers))
    packer.visit(module)
    if packer.codes:
        module.body.insert(0, ast.ImportFrom("struct", [ast.alias("unpack_from")], 0))
    return replace(linked, main=ast.unparse(ast.fix_missing_locations(module)) + "\n")


class _Packer(ast.NodeTransformer):
    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.codes: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.words:
            return node
        return ast.Call(ast.Attribute(ast.Constant(self.words[node.id]), "split", ast.Load()), [], [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name) or node.value.id not in self.codes:
            return node
        code = self.codes[node.value.id]
        at = ast.BinOp(ast.Constant(struct.calcsize(code)), ast.Mult(), node.slice)
        call = ast.Call(ast.Name("unpack_from", ast.Load()), [ast.Constant(code), node.value, at], [])
        return ast.Subscript(call, ast.Constant(0), ast.Load())


def _taken(module: ast.Module) -> tuple[list[str], list[str], list[str]]:
    """Names of which functions take an item by its index, in a loop, and that they ask for what is in them."""
    indexed: list[ast.expr] = []
    looped: list[ast.expr] = []
    asked: list[ast.expr] = []
    for function in _functions(module):
        for part in ast.walk(function):
            if isinstance(part, ast.Subscript) and not isinstance(part.slice, ast.Slice):
                indexed.append(part.value)
            elif isinstance(part, ast.For | ast.comprehension):
                looped.append(part.iter)
            elif isinstance(part, ast.Compare) and isinstance(part.ops[-1], ast.In | ast.NotIn):
                asked.append(part.comparators[-1])
    first, second, third = ([one.id for one in some if isinstance(one, ast.Name)] for some in (indexed, looped, asked))
    return first, second, third


def _functions(module: ast.Module) -> Iterator[ast.stmt]:
    for statement in module.body:
        for part in statement.body if isinstance(statement, ast.ClassDef) else [statement]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                yield part


def _items(node: ast.expr) -> list[object]:
    """What a tuple of nothing but literals holds, else nothing."""
    if not isinstance(node, ast.Tuple):
        return []
    try:
        found = list(ast.literal_eval(node))
    except ValueError:
        return []
    return found


def _are_words(texts: list[str]) -> bool:
    return " ".join(texts).split() == texts


def _name(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
