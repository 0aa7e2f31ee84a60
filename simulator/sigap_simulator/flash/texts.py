"""Puts a linked module's texts together into one: each longer text of its own is an object in the heap.

A text within a function becomes a piece of that one, `TEXTS[10:30]`, made when it is used and gone after that. Formats
of `struct` stay, as they are used for every record.
"""

import ast
from collections.abc import Iterator

from sigap_simulator.flash.linker import Linked, LinkError

_SHORT_CHARS = 10  # MicroPython makes a name of such a text (MICROPY_ALLOC_PARSE_INTERN_STRING_LEN), once for all uses
_STRUCT = "<>!=@"
_NAME = "TEXTS"


def collected(linked: Linked) -> Linked:
    """The linked modules with their texts collected. Those of a part leave the heap with it: nothing to gain there."""
    module = ast.parse(linked.main)
    if any(isinstance(part, ast.Name) and part.id == _NAME for part in ast.walk(module)):
        raise LinkError(f"something is called {_NAME}, as the linker calls all texts together")
    texts = sorted({text for function in _functions(module) for text in _texts(function)})
    at = {}
    whole = ""
    for text in texts:
        if text not in whole:
            whole += text
        at[text] = whole.index(text)
    for function in _functions(module):
        function.body = [_Pieces(at).visit(statement) for statement in function.body]
    if whole:
        first = next(i for i, one in enumerate(module.body) if not isinstance(one, ast.Import | ast.ImportFrom))
        module.body.insert(first, ast.Assign([ast.Name(_NAME, ast.Store())], ast.Constant(whole)))
    source = ast.unparse(ast.fix_missing_locations(module)) + "\n"
    return Linked(source, linked.parts, linked.public, linked.fixed)


class _Pieces(ast.NodeTransformer):
    def __init__(self, at: dict[str, int]) -> None:
        self._at = at

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not _is_collected(node):
            return node
        begin = self._at[str(node.value)]
        piece = ast.Slice(ast.Constant(begin), ast.Constant(begin + len(str(node.value))))
        return ast.Subscript(ast.Name(_NAME, ast.Load()), piece, ast.Load())


def _is_collected(node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and len(text) > _SHORT_CHARS and text[0] not in _STRUCT and text.isascii()


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for statement in module.body:
        for part in statement.body if isinstance(statement, ast.ClassDef) else [statement]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                yield part


def _texts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for statement in function.body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Constant) and _is_collected(part):
                yield str(part.value)
