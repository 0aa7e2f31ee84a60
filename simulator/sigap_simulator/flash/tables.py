"""Packs the main module's tables of words and of numbers: a tuple costs heap for each of its items.

Words and numbers of which functions take one item at a time, and rows however they are used:

    WORDS[i], for … in WORDS, x in WORDS             "a b".split()[i], and so on; so does WORDS.index(x)
    TEXTS[i], with spaces in them                    "a text\na second".split("\n")[i], and so on
    NUMBERS[i], for … in NUMBERS, none above 255     the same, NUMBERS being bytes
    NUMBERS[i], other integers                       unpack_from("<i", NUMBERS, 4 * i)[0], for i counted from the start
    ROWS = ("a", 0, 9), ("b", 1, 5)                  unpacked_rows("a 0 9 b 1 5"), a list made where it is used
"""

import ast
import struct
from collections.abc import Callable
from dataclasses import replace

from sigap_simulator.flash.linker import Linked, LinkError

_WORTHWHILE = 12  # integers of more than a byte
_FORMATS = (("<b", 1 << 7), ("<h", 1 << 15), ("<i", 1 << 31))
_ROWS = "unpacked_rows"
_UNPACK_ROWS = f"""
def {_ROWS}(text):
    words = text.split()
    return [(words[i], int(words[i + 1]), int(words[i + 2])) for i in range(0, len(words), 3)]
"""


def packed(linked: Linked) -> Linked:
    """The linked modules with the main one's tables packed. Those of a part leave the heap with it."""
    trees = {name: ast.parse(source) for name, source in {"": linked.main, **linked.parts}.items()}
    main = trees[""]
    _fold_lengths(trees, _literals(main))
    tables = _literals(main)
    uses = _Uses(list(trees.values()))
    packer = _Packer()
    for table in list(main.body):
        name = _name(table)
        if not isinstance(table, ast.Assign) or name not in tables or name in linked.public:
            continue
        items = tables[name]
        if not uses.count(name):
            main.body.remove(table)
        elif (between := _separator(items)) and uses.only(name, uses.indexed, uses.looped, uses.asked):
            packer.words[name] = _split(items, between)
            main.body.remove(table)
        elif _are_rows(items):
            packer.rows[name] = " ".join(str(value) for row in items for value in _row(row))
            main.body.remove(table)
        elif _are_numbers(items, range(256)) and uses.only(name, uses.indexed, uses.looped):
            table.value = ast.Constant(bytes(_numbers(items)))
        elif len(items) >= _WORTHWHILE and uses.only(name, uses.indexed):
            code = next((code for code, limit in _FORMATS if _are_numbers(items, range(-limit, limit))), None)
            if code:
                packer.codes[name] = code
                table.value = ast.Constant(b"".join(struct.pack(code, number) for number in _numbers(items)))
    if packer.rows:
        if any(isinstance(node, ast.Name) and node.id == _ROWS for tree in trees.values() for node in ast.walk(tree)):
            raise LinkError(f"something is called {_ROWS}, as the linker calls what unpacks a table")
        main.body[0:0] = ast.parse(_UNPACK_ROWS).body
    for tree in trees.values():
        packer.visit(tree)
        packer.add_imports(tree)
    sources = {name: ast.unparse(ast.fix_missing_locations(tree)) + "\n" for name, tree in trees.items()}
    return replace(linked, main=sources.pop(""), parts=sources)


class _Packer(ast.NodeTransformer):
    def __init__(self) -> None:
        self.words: dict[str, ast.expr] = {}
        self.rows: dict[str, str] = {}
        self.codes: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.words:
            return self.words[node.id]
        if node.id in self.rows:
            return ast.Call(ast.Name(_ROWS, ast.Load()), [ast.Constant(self.rows[node.id])], [])
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name) or node.value.id not in self.codes:
            return node
        code = self.codes[node.value.id]
        at = ast.BinOp(ast.Constant(struct.calcsize(code)), ast.Mult(), node.slice)
        call = ast.Call(ast.Name("unpack_from", ast.Load()), [ast.Constant(code), node.value, at], [])
        return ast.Subscript(call, ast.Constant(0), ast.Load())

    def add_imports(self, tree: ast.Module) -> None:
        """What the packed code needs; a part no more asks the main module for a table that is gone."""
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom):
                gone = [alias for alias in statement.names if alias.name in {**self.words, **self.rows}]
                statement.names = [alias for alias in statement.names if alias not in gone]
                if _ROWS in used and any(alias.name in self.rows for alias in gone):
                    statement.names.append(ast.alias(_ROWS))
        tree.body = [one for one in tree.body if not isinstance(one, ast.ImportFrom) or one.names]
        if "unpack_from" in used:
            tree.body.insert(0, ast.ImportFrom("struct", [ast.alias("unpack_from")], 0))


class _Uses:
    """How often functions use a name, and how."""

    def __init__(self, trees: list[ast.Module]) -> None:
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self._all = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        self._outside = {
            part.id
            for tree in trees
            for statement in tree.body
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }
        self.indexed, self.looped, self.asked = list[str](), list[str](), list[str]()
        for node in nodes:
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
                self._take(self.indexed, node.value)
            elif isinstance(node, ast.For | ast.comprehension):
                self._take(self.looped, node.iter)
            elif isinstance(node, ast.Compare) and isinstance(node.ops[-1], ast.In | ast.NotIn):
                self._take(self.asked, node.comparators[-1])
            elif isinstance(node, ast.Attribute) and node.attr == "index":
                self._take(self.asked, node.value)

    def count(self, name: str) -> int:
        return self._all.count(name)

    def only(self, name: str, *kinds: list[str]) -> bool:
        """Used in none but these ways, and in functions."""
        return name not in self._outside and self.count(name) == sum(kind.count(name) for kind in kinds)

    @staticmethod
    def _take(names: list[str], node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            names.append(node.id)


def _literals(module: ast.Module) -> dict[str, tuple[object, ...]]:
    """The module's tuples of nothing but literals."""
    found = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple) and _name(statement):
            try:
                found[_name(statement)] = ast.literal_eval(statement.value)
            except ValueError:
                continue
    return found


def _fold_lengths(trees: dict[str, ast.Module], tables: dict[str, tuple[object, ...]]) -> None:
    """`len(TABLE) - 1` is a number. Afterwards further tables are nothing but literals, so it is done until none is."""

    class Folder(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1:
                inner = node.args[0]
                if isinstance(inner, ast.Name) and inner.id in tables:
                    return ast.Constant(len(tables[inner.id]))
            return node

        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            operators: dict[type[ast.operator], Callable[[int, int], int]] = {
                ast.Add: lambda left, right: left + right,
                ast.Sub: lambda left, right: left - right,
            }
            left, right, operator = node.left, node.right, operators.get(type(node.op))
            numbers = [part.value for part in (left, right) if isinstance(part, ast.Constant)]
            if operator and len(numbers) == 2 and all(type(number) is int for number in numbers):
                return ast.Constant(operator(*numbers))  # type: ignore[arg-type]  # they are integers
            return node

    for tree in trees.values():
        Folder().visit(tree)
    more = _literals(trees[""])
    if more.keys() != tables.keys():
        _fold_lengths(trees, more)


def _separator(items: tuple[object, ...]) -> str:
    """What can stand between the texts of a table so that they can be told apart again; "" if nothing can."""
    if not items or not all(isinstance(item, str) for item in items):
        return ""
    return next((one for one in " \n" if one.join(map(str, items)).split(one.strip(" ") or None) == [*items]), "")


def _split(items: tuple[object, ...], between: str) -> ast.expr:
    """The expression that makes a list of them."""
    split = ast.Attribute(ast.Constant(between.join(map(str, items))), "split", ast.Load())
    return ast.Call(split, [] if between == " " else [ast.Constant(between)], [])


def _are_numbers(items: tuple[object, ...], allowed: range) -> bool:
    return bool(items) and all(type(item) is int and item in allowed for item in items)


def _numbers(items: tuple[object, ...]) -> list[int]:
    return [item for item in items if isinstance(item, int)]


def _are_rows(items: tuple[object, ...]) -> bool:
    """Each one a word, an integer and an integer."""
    return bool(items) and all(isinstance(row, tuple) and _row(row) for row in items)


def _row(row: object) -> tuple[object, ...]:
    if (
        not isinstance(row, tuple)
        or len(row) != 3
        or _separator(row[:1]) != " "
        or not all(type(n) is int for n in row[1:])
    ):
        return ()
    return row


def _name(node: ast.stmt) -> str:
    return node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else ""
