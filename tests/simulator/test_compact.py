"""What makes the linked module small leaves what it says as it was."""

import ast
import importlib.metadata
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_simulator.flash import image
from sigap_simulator.flash.inlining import inlined
from sigap_simulator.flash.linker import Linked, LinkError, link
from sigap_simulator.flash.part_names import PART_NAMES
from sigap_simulator.flash.rom_names import CHIP_NAMES, ROM_NAMES
from sigap_simulator.flash.short_names import attribute_names, shortened
from sigap_simulator.flash.tables import packed
from sigap_simulator.flash.texts import collected
from tests.support.tools import require_tool

TABLES = """
WORDS = ("one", "two", "three")
OTHER_WORDS = ("uno", "due")
SPACED = ("one two", "three")
BYTES = (3, 1, 255)
NUMBERS = tuple_of_many
BOUNDS = (("first", 0, len(WORDS) - 1), ("second", -5, 4294967295))
SHARED = (1, 2, 3)
UNUSED = (1, 2)

def word(i):
    return WORDS[i], OTHER_WORDS[i - 1], SPACED[i % 2], [one for one in WORDS]

def among(text):
    return text in WORDS and WORDS.index(text) == 1

def number(i):
    return NUMBERS[i], NUMBERS[i + 1] * 2

def small(i):
    return BYTES[i % 3], [one for one in BYTES], BYTES[-1]

def check(values):
    return [low <= value <= high for (name, low, high), value in zip(BOUNDS, values)], len(BOUNDS), BOUNDS[0][0]

def all_of_it():
    return SHARED, SHARED + (4,)
"""


def names(linked: Linked) -> dict[str, Callable[..., object]]:
    found: dict[str, Callable[..., object]] = {}
    exec(linked.main, found)
    return found


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=16, max_size=40)
    | st.lists(st.integers(-128, 127), min_size=16, max_size=40)
    | st.lists(st.integers(-(2**40), 2**40), min_size=3, max_size=40),
    st.data(),
)
def test_packed_tables_hold_what_they_held(numbers: list[int], data: st.DataObject) -> None:
    linked = Linked(TABLES.replace("tuple_of_many", repr(tuple(numbers))))
    plain, small = names(linked), names(collected(packed(linked)))
    i = data.draw(st.integers(0, len(numbers) - 2))
    assert small["number"](i) == plain["number"](i) == (numbers[i], numbers[i + 1] * 2)
    assert small["small"](i) == plain["small"](i)
    assert small["word"](i % 3 and 1) == plain["word"](i % 3 and 1)
    assert [small["among"](text) for text in ("two", "four")] == [True, False]
    values = data.draw(st.lists(st.integers(-10, 10), min_size=2, max_size=2))
    assert small["check"](values) == plain["check"](values)
    assert small["all_of_it"]() == plain["all_of_it"]()


def test_what_packing_takes_away() -> None:
    source = packed(Linked(TABLES.replace("tuple_of_many", repr(tuple(range(1000, 1020)))))).main
    kept = {name.id for one in ast.parse(source).body if isinstance(one, ast.Assign) for name in one.targets}  # type: ignore[attr-defined]
    assert kept == {"BYTES", "NUMBERS", "SHARED"}
    assert "unpack_from('<h'" in source


def test_a_part_finds_tables_that_are_no_more_in_the_main_module() -> None:
    main = "WORDS = ('a', 'b')\nBOUNDS = (('a', 0, 1),)\nKEPT = (1, 2)\ndef f():\n    return WORDS[0], BOUNDS\n"
    part = "from sigap_unit import BOUNDS, KEPT, WORDS\ndef g(i):\n    return WORDS[i], BOUNDS[i], KEPT + KEPT\n"
    linked = packed(Linked(main, {"part": part}))
    found = names(linked)
    assert found["f"]() == ("a", [("a", 0, 1)])
    body = linked.parts["part"].splitlines()
    assert body[0] == "from sigap_unit import KEPT, unpacked_rows"
    exec("\n".join(body[1:]), found)  # type: ignore[arg-type]  # functions among others
    assert found["g"](0) == ("a", ("a", 0, 1), (1, 2, 1, 2))


@given(st.lists(st.text(max_size=30), max_size=8))
def test_collected_texts_say_what_they_said(texts: list[str]) -> None:
    source = f"def said():\n    return {texts!r}\n"
    assert names(collected(Linked(source)))["said"]() == texts


def test_long_texts_are_one() -> None:
    source = (
        "def f(name):\n    return '%s is not what was expected' % name, 'short', '<IIIIIIIIIIII', 'what was expected'\n"
    )
    small = collected(Linked(source)).main
    assert small.count("'") == 2 + 2  # all texts, and a format
    assert names(Linked(small))["f"]("x") == names(Linked(source))["f"]("x")


@pytest.mark.parametrize(
    ("made", "source"),
    [
        (packed, "B = (('a', 0, 1),)\ndef f():\n    unpacked_rows = 1\n    return B, unpacked_rows"),
        (collected, "TEXTS = 1\ndef f(): return 'x'"),
    ],
)
def test_names_that_are_made_here_must_be_free(made: Callable[[Linked], Linked], source: str) -> None:
    with pytest.raises(LinkError, match="something is called"):
        made(Linked(source))


CALLED_ONCE = """
class Meter:
    def __init__(self):
        self.total = 0
    def add(self, numbers):
        for number in numbers:
            self._one(number, number + 1)
        found = self._sum(numbers)
        return self._verdict(found)
    def _one(self, number, more):
        for i in range(number):
            self.total += more
    def _sum(self, numbers):
        found = 0
        for number in numbers:
            found += number
        return found, self._twice(), self._twice()
    def _verdict(self, numbers):
        if self.total > 20:
            return "much", numbers
        if self.total > 10:
            return "some", numbers
    def _twice(self):
        return self.total
def once(number):
    number += 1
    return number
def f(numbers):
    number = len(numbers)
    more = once(number)
    return Meter().add(numbers), number, more
"""


@given(st.lists(st.integers(0, 5), max_size=5))
def test_a_function_that_is_called_once_does_the_same_in_its_place(numbers: list[int]) -> None:
    linked = Linked(CALLED_ONCE, public=frozenset("f"))
    small = inlined(linked)
    assert names(small)["f"](numbers) == names(linked)["f"](numbers)
    assert [name for name in ("_one", "_sum", "_verdict", "_twice", "once") if f"def {name}(" in small.main] == [
        "_twice"
    ]


def test_what_a_part_calls_stays_a_function() -> None:
    part = "from sigap_unit import once\ndef g():\n    return once(1)\n"
    assert "def once(" in inlined(Linked(CALLED_ONCE, {"part": part}, frozenset("fg"))).main


DECLARED = """
class Given:
    pass
def read(text):
    given = Given()
    for line in text.split(";"):
        key, value = line.split()
        setattr(given, key.replace(".", "_"), value)
    return given
def f(text):
    given = read(text)
    return given.number_of_it, given.name_of_it, getattr(given, "kept"), getattr(given, text[:12], None)
"""


def test_attributes_given_by_texts_are_renamed_with_them() -> None:
    text = "number.of_it 5;name_of.it x;kept 7;of_nobody 8"
    found = {}
    for linked in (Linked(DECLARED), shortened(Linked(DECLARED, public=frozenset("f"), declared=DECLARED_NAMES))):
        found[linked.main] = names(linked)["f"](text)
    assert set(found.values()) == {("5", "x", "7", None)}
    short = list(found)[1]
    assert short.count("number_of_it") == short.count("name_of_it") == 1  # in the table of what has become what
    # A part's attributes are found by the main module under the same names.
    main, read = "def f(given):\n    return given.number_of_it\n", DECLARED[: DECLARED.index("def f")]
    both = shortened(Linked(main, {"part": read}, frozenset(("f", "read")), declared=DECLARED_NAMES))
    part = names(Linked(both.parts["part"]))
    assert names(both)["f"](part["read"](text)) == "5"


DECLARED_NAMES = frozenset(("number_of_it", "name_of_it", "kept"))
ATTRIBUTES = """
class Own:
    limit = 4
    def __init__(self):
        self.value_of_mine = 1
        self.by_text = 2
        self.append = 3
        self.of_a_chip = 5
    def method_of_mine(self):
        return self.value_of_mine + self.by_text + self.append + self.limit + self.of_a_chip
class Foreign(list):
    def called_by_another(self):
        return 1
class Stream(io.IOBase):
    def called_by_the_interpreter(self):
        return 1
def f(thing):
    return getattr(thing, "by_text"), thing.method_of_mine(), [].append
"""


def test_only_attributes_of_our_own_are_renamed() -> None:
    parts = list(ast.walk(ast.parse(ATTRIBUTES)))
    renamed = attribute_names(parts, Linked("", public=frozenset(["of_a_chip"])))
    assert renamed.keys() == {"limit", "value_of_mine", "method_of_mine", "called_by_another"}
    assert not {"append", "by_text", "getattr"} & set(renamed.values())
    assert len(set(renamed.values())) == len(renamed)
    small = names(shortened(Linked(ATTRIBUTES.replace("io.IOBase", "object"), public=frozenset(("f", "Own")))))
    assert small["f"](small["Own"]())[:2] == (2, 15)  # type: ignore[index]


KNOWN = """
import micropython, sys
class Thing:
    pass
thing = Thing()
with open(sys.argv[1]) as file:
    for name in file:
        setattr(thing, name.strip(), 1)
        print("#", name.strip())
        micropython.qstr_info()
"""


def unknown_to_the_interpreter(names_asked: list[str], folder) -> set[str]:  # type: ignore[no-untyped-def]
    """Those that it has not in its ROM."""
    (folder / "names").write_text("\n".join(["a_first_one_that_it_has_not", *names_asked]) + "\n")
    (folder / "known.py").write_text(KNOWN)
    asked = [require_tool("micropython"), "-X", "heapsize=4m", folder / "known.py", folder / "names"]
    output = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    words = output.replace(",", "").split()
    counts = [int(word[7:]) for word in words if word.startswith("n_qstr=")]
    assert len(counts) == len(names_asked) + 1
    return {name for name, before, now in zip(names_asked, counts, counts[1:], strict=False) if now > before}


def test_the_interpreter_has_the_names_it_is_said_to_have(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert unknown_to_the_interpreter(sorted(ROM_NAMES), tmp_path) == set()


def test_no_attribute_is_renamed_that_the_interpreter_s_own_objects_may_have(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """An attribute of its objects is a name in its ROM; so nothing that is renamed may be one."""
    linked = collected(packed(link(image.ROOTS)))
    parts = [part for source in (linked.main, *linked.parts.values()) for part in ast.walk(ast.parse(source))]
    renamed = sorted(attribute_names(parts, linked))
    assert len(renamed) > 100
    known = set(renamed) - unknown_to_the_interpreter(renamed, tmp_path)
    assert known == set(), "add these to rom_names.py"


NO_MODULE = """
import sys
for name in sys.argv[1:]:
    try:
        __import__(name)
        print(name)
    except ImportError:
        pass
"""


def test_no_part_is_called_as_a_module_of_the_interpreter_is(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "no_module.py").write_text(NO_MODULE)
    asked = [require_tool("micropython"), tmp_path / "no_module.py", *PART_NAMES]
    assert subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout == ""
    stubs = [Path(str(file)) for file in importlib.metadata.files("micropython-esp32-stubs") or ()]
    on_a_chip = {path.parts[0].removesuffix(".pyi") for path in stubs}
    assert {"esp32", "machine"} <= on_a_chip
    assert on_a_chip.isdisjoint(PART_NAMES)
    assert len(image.application(image.ESP32_ROOTS, in_ram=True)) - 1 <= len(PART_NAMES)


def test_no_attribute_is_renamed_that_a_chip_s_objects_may_have() -> None:
    names_there = set()
    for file in importlib.metadata.files("micropython-esp32-stubs") or ():
        if str(file) in ("machine.pyi", "network.pyi", "esp32.pyi"):
            nodes = list(ast.walk(ast.parse(Path(str(file.locate())).read_text(encoding="utf-8"))))
            names_there |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            targets = [node.target for node in nodes if isinstance(node, ast.AnnAssign)]
            names_there |= {target.id for target in targets if isinstance(target, ast.Name)}
    assert {"isconnected", "ifconfig", "irq", "Partition"} <= names_there
    names_there = {name for name in names_there if not name.startswith("_")}
    linked = link(image.ESP32_ROOTS)
    parts = [part for source in (linked.main, *linked.parts.values()) for part in ast.walk(ast.parse(source))]
    assert set(attribute_names(parts, linked)) & names_there == set()
    assert names_there <= CHIP_NAMES | set(ROM_NAMES)
