"""From the NMEA text to the wire there is no float: an ESP32's step by 0.8 m at 107° E and by 128 s in Unix time."""

import ast
from pathlib import Path

import pytest

import sigap_tracker
import sigap_wire

# What a fix goes through, in the order of its way.
FIX_PATH = ("network/outbox", "storage/spool", "replay")
PACKAGE = Path(sigap_tracker.__file__).parent
MODULES = [
    *sorted(PACKAGE.joinpath("position").glob("*.py")),
    *(PACKAGE / f"{name}.py" for name in FIX_PATH),
    *sorted(Path(sigap_wire.__file__).parent.glob("*.py")),
]
FLOAT_MAKERS = {"float", "round", "complex", "pow"}
FLOAT_MODULES = {"math", "cmath", "decimal", "fractions", "statistics", "random", "time"}


def floats(source: str) -> list[str]:
    """What in the source makes or may make a float, with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float() | complex()):
                found.append((node.lineno, repr(node.value)))
            case ast.BinOp(op=ast.Div() | ast.Pow()) | ast.AugAssign(op=ast.Div() | ast.Pow()):
                found.append((node.lineno, "/ or **"))
            case ast.Name(id=name) if name in FLOAT_MAKERS:
                found.append((node.lineno, name))
            case ast.Import(names=names):
                found += [(node.lineno, each.name) for each in names if each.name.split(".")[0] in FLOAT_MODULES]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in FLOAT_MODULES:
                found.append((node.lineno, module))
            case ast.Call(func=ast.Attribute(attr=name)) if name in ("unpack", "pack", "unpack_from", "pack_into"):
                found += [(node.lineno, "struct with a float") for each in node.args if _float_format(each)]
    return [f"line {line}: {what}" for line, what in sorted(found)]


def _float_format(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(set("efd") & set(node.value))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_module_has_none(path: Path) -> None:
    assert not floats(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "x = 1.0",
        "x = 1e3",
        "x = a / b",
        "x /= 2",
        "x = a ** -1",
        "x = float(a)",
        "x = list(map(float, a))",
        "x = round(a)",
        "import math",
        "from math import cos",
        "import time",
        "struct.pack('<f', x)",
        "x = 1j",
    ],
)
def test_each_way_to_a_float_is_seen(source: str) -> None:
    assert len(floats(source)) == 1


def test_integers_are_left_alone() -> None:
    assert not floats("x = a // b % 7 << 3\nx //= 2\ny = int(x)\nz = divmod(x, y)\nstruct.pack('<IH', x, y)")
