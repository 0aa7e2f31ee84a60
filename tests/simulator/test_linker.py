"""Linking and shortening keep what a program does, and refuse what they do not understand."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sigap_simulator.flash import linker
from sigap_simulator.flash.linker import LinkError, link
from sigap_simulator.flash.short_names import shortened

Package = Callable[..., None]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Writes the modules of a package `linked` that can be imported."""

    def write(**modules: str) -> None:
        folder = tmp_path / "linked"
        folder.mkdir()
        for name, source in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(linker, "OWN_PACKAGES", ("linked",))
        for name in [name for name in sys.modules if name.split(".")[0] == "linked"]:
            monkeypatch.delitem(sys.modules, name)

    return write


def ran(source: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(source, names)
    return names


SHAPES = '''
"""Shapes."""
from linked import numbers
from linked.numbers import HALF, Total as Sum

UNUSED = 7
NAMES = ("circle", "square")
KINDS = CIRCLE, SQUARE = range(2)
TABLE = {CIRCLE: "round"}


class Shape:
    """A shape."""

    def __init__(self, kind: int, size: "int | None" = None) -> None:
        self._kind = kind
        self._sum: "Sum" = Sum()
        self.size = size or numbers.DEFAULT

    def __repr__(self) -> str:
        return "never wanted"

    def area(self, times: int = 1) -> int:
        """Its area."""
        def more(count: int) -> int:
            return self._square() * count * times
        self._sum.add(more(2) // HALF)
        return self._sum.total

    def _square(self):
        return self.size * self.size

    def never_called(self):
        return numbers.unused()


def describe(kind, *, size):
    """What is asked for."""
    numbers_of = [Shape(kind, size=part).area(times=3) for part in (size, size + 1)]
    try:
        return NAMES[kind], TABLE.get(kind), numbers_of, {one: kind for one in range(2)}
    except IndexError as error:
        return str(error)
'''

NUMBERS = """
HALF = 2
DEFAULT = 1 << 3


class Total:
    def __init__(self):
        self._kind = 0
        self.total = 0

    def add(self, number):
        self.total += number


def unused():
    return describe
"""


def test_the_linked_and_the_shortened_module_do_the_same(package: Package) -> None:
    package(shapes=SHAPES, numbers=NUMBERS)
    from linked.shapes import describe  # type: ignore[import-not-found]

    expected = describe(1, size=4)
    assert expected == ("square", None, [48, 75], {0: 1, 1: 1})
    linked = link(["linked.shapes:describe"])
    assert ran(linked)["describe"](1, size=4) == expected  # type: ignore[operator]
    short = shortened(linked, ["describe"])
    assert ran(short)["describe"](1, size=4) == expected  # type: ignore[operator]
    assert len(short) < len(linked) < len(SHAPES + NUMBERS)


def test_what_nobody_needs_is_left_out(package: Package) -> None:
    package(shapes=SHAPES, numbers=NUMBERS)
    linked = link(["linked.shapes:describe"])
    for gone in ("UNUSED", "HALF", "DEFAULT", "never", "unused", "Its area", "import"):
        assert gone not in linked, gone
    assert "__init__" in linked


def test_names_that_two_modules_have_stay_apart(package: Package) -> None:
    package(
        one="from linked import two\ndef both():\n    return name(), two.name()\ndef name():\n    return 1",
        two="def name():\n    return 2",
    )
    linked = link(["linked.one:both"])
    assert ran(linked)["both"]() == (1, 2)  # type: ignore[operator]
    assert ran(shortened(linked, ["both"]))["both"]() == (1, 2)  # type: ignore[operator]


def test_externals_are_imported_once(package: Package) -> None:
    package(
        one="import json\nfrom linked.two import two\ndef both():\n    return json.dumps(two())",
        two="import json\nfrom math import floor\ndef two():\n    return json.loads('[%d]' % floor(2.5))",
    )
    linked = link(["linked.one:both"])
    assert linked.count("import json") == 1
    assert ran(linked)["both"]() == "[2]"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("from . import two\ndef f(): pass", "relative import"),
        ("import linked.two\ndef f(): pass", "write it as"),
        ("from linked.two import nothing\ndef f(): pass", "linked.two has no nothing"),
        ("from linked import two\ndef f(): return two.nothing", "linked.two has no nothing"),
        ("from linked import two\ndef f(): return two", "module two used for something else"),
        ("def f():\n    import json", "import within a function"),
        ("def f():\n    from json import loads", "import within a function"),
        ("x = 1\ndef f():\n    global x\n    x = 2", "is not understood"),
    ],
)
def test_what_is_not_understood_is_refused(package: Package, source: str, words: str) -> None:
    package(one=source, two="THERE = 1")
    with pytest.raises(LinkError, match=words):
        link(["linked.one:f"])
