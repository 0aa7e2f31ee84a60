"""Puts a module's texts together into one: each longer text of its own is an object in the heap, each short one a name.

A text within a function becomes a piece of that one, `TEXTS[10:30]`, made when it is used and gone after that. Formats
of `struct` stay, as they are used for every record, and so do texts that the interpreter has in its ROM.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from sigap_simulator.flash.linker import Linked, LinkError
from sigap_simulator.flash.rom_names import ROM_NAMES, ROM_TEXTS

_SHORT_CHARS = 10  # MicroPython makes a name of such a text (MICROPY_ALLOC_PARSE_INTERN_STRING_LEN), kept for ever
_STRUCT = "<>!=@"
_NAME = "TEXTS"
_FREE = frozenset((*ROM_NAMES, *ROM_TEXTS))


def collected(linked: Linked) -> Linked:
    """The linked modules with their texts collected: of a part the short ones, as the others leave the heap with it."""
    parts = {name: _collected(source, _SHORT_CHARS) for name, source in linked.parts.items()}
    return replace(linked, main=_collected(linked.main, None), parts=parts)


def _collected(source: str, max_chars: int | None) -> str:
    module = ast.parse(source)
    if any(isinstance(part, ast.Name) and part.id == _NAME for part in ast.walk(module)):
        raise LinkError(f"something is called {_NAME}, as the linker calls all texts together")
    texts = {text for function in _functions(module) for text in _texts(function)}
    texts = {text for text in texts if max_chars is None or len(text) <= max_chars}
    at = {}
    whole = ""
    # Those that are used often stand first, where they are found fastest.
    for text in sorted(texts, key=lambda text: (len(text) > _SHORT_CHARS, -len(text), text)):
        if text not in whole:
            whole += text
        at[text] = whole.index(text)
    for function in _functions(module):
        function.body = [_Pieces(at).visit(statement) for statement in function.body]
    if whole:
        first = next(i for i, one in enumerate(module.body) if not isinstance(one, ast.Import | ast.ImportFrom))
        module.body.insert(first, ast.Assign([ast.Name(_NAME, ast.Store())], ast.Constant(whole)))
    return ast.unparse(ast.fix_missing_locations(module)) + "\n"


class _Pieces(ast.NodeTransformer):
    def __init__(self, at: dict[str, int]) -> None:
        self._at = at

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not _is_collected(node) or node.value not in self._at:
            return node
        begin = self._at[str(node.value)]
        piece = ast.Slice(ast.Constant(begin), ast.Constant(begin + len(str(node.value))))
        return ast.Subscript(ast.Name(_NAME, ast.Load()), piece, ast.Load())

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node  # its texts stand between its values and nowhere else


def _is_collected(node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and text not in _FREE and text[0] not in _STRUCT and text.isascii()


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
