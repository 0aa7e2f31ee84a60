"""Linking and shortening keep what a program does, and refuse what they do not understand."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from sigap_simulator.flash import image, romfs, sources
from sigap_simulator.flash.linker import MAIN, Linked, LinkError, link
from sigap_simulator.flash.pieces import in_pieces
from sigap_simulator.flash.short_names import shortened
from tests.support.tools import MISSING_TOOL, REPOSITORY, require_tool

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
        monkeypatch.setattr(sources, "OWN_PACKAGES", ("linked",))
        for name in [name for name in sys.modules if name.split(".")[0] == "linked"]:
            monkeypatch.delitem(sys.modules, name)

    return write


def ran(linked: Linked) -> dict[str, object]:
    assert linked.parts == {}
    names: dict[str, object] = {}
    exec(linked.main, names)
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
    short = image.compact(linked)
    assert ran(short)["describe"](1, size=4) == expected  # type: ignore[operator]
    assert len(linked.main) < len(SHAPES + NUMBERS)


def test_a_constant_may_have_another_value(package: Package) -> None:
    package(
        build="TIME_S = 5\nDAY = TIME_S // 2\n",
        main="from linked.build import DAY, TIME_S\n\ndef run():\n    return TIME_S, DAY\n",
    )
    linked = link(["linked.main:run"], constants={"linked.build:TIME_S": 86})
    assert ran(linked)["run"]() == (86, 43)  # type: ignore[operator]
    for place in ("linked.build:NO", "linked.nowhere:TIME_S"):
        with pytest.raises(LinkError, match=place.split(":")[place.startswith("linked.build")]):
            link(["linked.main:run"], constants={place: 86})


def test_what_nobody_needs_is_left_out(package: Package) -> None:
    package(shapes=SHAPES, numbers=NUMBERS)
    linked = link(["linked.shapes:describe"]).main
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
    assert ran(shortened(linked))["both"]() == (1, 2)  # type: ignore[operator]


def test_externals_are_imported_once(package: Package) -> None:
    package(
        one="import json\nfrom linked.two import two\ndef both():\n    return json.dumps(two())",
        two="import json\nfrom math import floor\ndef two():\n    return json.loads('[%d]' % floor(2.5))",
    )
    linked = link(["linked.one:both"])
    assert linked.main.count("import json") == 1
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
        ("from linked import on_demand\ndef f(name): on_demand.load(name)", "expected one literal"),
        ("from linked import on_demand\ndef f(): on_demand.load('linked.three')", "no module linked.three to load"),
        ("from linked import on_demand\ndef f(): on_demand.load('json')", "no module json to load"),
        ("from linked import on_demand\ndef f(): return on_demand.load", "something else than a call"),
        ("from linked.on_demand import load\ndef f(): return [load]", "something else than a call"),
        ("import json\nfrom linked import twice\ndef f(): return twice.g()", "where another module has"),
        ("def g(): pass", "linked.one has no f"),
        ("x = 1\ndef f():\n    global x\n    x = 2", "is not understood"),
    ],
)
def test_what_is_not_understood_is_refused(package: Package, source: str, words: str) -> None:
    twice = "from array import array as json\ndef g(): return json('b')"
    package(one=source, two="THERE = 1", twice=twice, on_demand="def load(name): return name")
    with pytest.raises(LinkError, match=words):
        link(["linked.one:f"])


ON_DEMAND = (REPOSITORY / "firmware" / "sigap_tracker" / "on_demand.py").read_text()

# What is called at times uses the main module's things, its own, some that another part has, too, and the other part.
PROGRAM = {
    "on_demand": ON_DEMAND,
    "errors": "class Refused(Exception):\n    pass\nclass Odd(Refused):\n    pass",
    "shared": """
LIMIT = 7
COLOURS = ("red", "green")
LONG = "a text that is longer than what stands in its place"
class Meter:
    def __init__(self):
        self._total = LIMIT
    def read(self):
        return self._total
    def add(self, number):
        self._total += number
        return self
def doubled(number):
    return 2 * number
""",
    "main": """
import sys
from linked import on_demand
from linked.errors import Refused
from linked.shared import Meter
def run():
    meter = Meter()
    first = on_demand.load("linked.first")
    said = [first.answer(meter, 3), first.NAME, first.LIMIT, first.Kind(5).value]
    try:
        first.refuse()
    except Refused as error:
        said.append(str(error))
    first = None
    said.append([name for name in sys.modules if name in ("linked.first", "linked.deep.second")])
    return said
""",
    "first": """
from linked import on_demand, shared
from linked.errors import Odd
from linked.shared import Meter, doubled
NAME = "first"
LIMIT = shared.LIMIT + 1
def answer(meter, number):
    second = on_demand.load("linked.deep.second")
    try:
        second.refuse(number)
    except Odd as error:
        return [doubled(_more(meter, number)), str(error), second.check(number), second.long]
def _more(meter, number):
    return meter.add(number).read() + Meter().read()
def refuse():
    raise Odd("as asked")
class Kind:
    def __init__(self, value):
        self.value = value + shared.LIMIT
""",
    "deep/__init__": "",
    "deep/second": """
from linked.errors import Odd
from linked.shared import COLOURS, LONG as long_text, doubled
long = long_text
def refuse(check):
    raise Odd("%s %d" % (COLOURS[0], check))
def check(number):
    return doubled(number)
""",
}
ANSWERS = [[34, "red 3", 6, "a text that is longer than what stands in its place"], "first", 8, 12, "as asked", []]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


@pytest.fixture
def program(package: Package, tmp_path: Path) -> Linked:
    package()
    write(tmp_path / "linked", PROGRAM)
    return link(["linked.main:run"])


def imported_from(folder: Path, linked: Linked, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    write(folder, {name.replace(".", "/"): source for name, source in {MAIN: linked.main, **linked.parts}.items()})
    for name in [name for name in sys.modules if name.split(".")[0] in ("linked", MAIN)]:
        monkeypatch.delitem(sys.modules, name)
    # Not the sources: a package with an __init__ goes before one without, wherever in the path it is.
    monkeypatch.setattr(sys, "path", [str(folder), *(path for path in sys.path if path != str(folder.parent))])
    return __import__(MAIN)


def test_parts_are_apart_and_the_program_does_the_same(
    program: Linked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linked.main import run  # type: ignore[import-not-found]

    assert run() == ANSWERS
    compact = image.compact(program)
    forms = {
        "long": (program, {"linked.first", "linked.deep.second"}),
        "short": (shortened(program), {"linked.first", "linked.deep.second"}),
        "compact": (compact, {"e", "f"}),
        "pieces": (in_pieces(compact, 3), {"e", "f", "n", "r", "s"}),
    }
    for folder, (linked, parts) in forms.items():
        assert linked.parts.keys() == parts
        assert imported_from(tmp_path / folder, linked, monkeypatch).run() == ANSWERS, folder
        monkeypatch.delitem(sys.modules, MAIN)


def test_what_a_part_alone_needs_is_in_it_and_nothing_else(program: Linked) -> None:
    first, second = program.parts["linked.first"], program.parts["linked.deep.second"]
    assert "class Meter" in program.main
    assert "class Meter" not in first
    assert "def add" in program.main  # a method of a class here that only a part calls
    for part in (first, second):  # shared by two parts, and a copy is as good
        assert "def doubled" in part
    assert "doubled" not in program.main
    # An exception that one part raises and another catches is one and the same class.
    assert "class Odd" in program.main
    assert "class Odd" not in first + second
    assert "COLOURS" not in program.main + first
    assert "LIMIT = 8" in first  # it may be asked for


def test_a_part_that_nobody_loads_is_not_there(package: Package) -> None:
    package(
        one="from linked import on_demand\ndef f(): return 1\ndef g(): return on_demand.load('linked.two')",
        two="def g(): pass",
        on_demand=ON_DEMAND,
    )
    linked = link(["linked.one:f"])
    assert linked.parts == {}
    assert ran(linked)["f"]() == 1  # type: ignore[operator]


def test_state_that_two_parts_share_is_in_the_main_module(package: Package) -> None:
    package(
        one="from linked import on_demand\n"
        "def f(): return on_demand.load('linked.two').f(), on_demand.load('linked.three').f()",
        two="from linked.four import seen\ndef f(): seen.append(2)",
        three="from linked.four import seen\ndef f(): return seen",
        four="seen = []",
        on_demand=ON_DEMAND,
    )
    linked = link(["linked.one:f"])
    assert "seen = []" in linked.main
    assert "seen = []" not in "".join(linked.parts.values())


RUN = """
import gc, json, sys
if sys.argv[1] == "rom":
    import vfs
    with open(sys.argv[2], "rb") as file:
        vfs.mount(vfs.VfsRom(file.read()), "/rom")
    sys.path[:] = ["/rom", ".frozen"]
else:
    sys.path[:] = [sys.argv[2], ".frozen"]
run = __import__(sys.argv[3], None, None, ("run",)).run
print(json.dumps(run()))
for _ in range(20):
    run()
gc.collect()
before = gc.mem_alloc()
for _ in range(20):
    run()
gc.collect()
print(gc.mem_alloc() - before)
print(sorted(sys.modules))
"""


def test_each_piece_has_a_share_and_the_main_module_nothing_of_its_own(program: Linked) -> None:
    compact = image.compact(program)
    whole = in_pieces(compact, 3)
    assert "def " not in whole.main
    sizes = [len(whole.parts[name]) for name in ("n", "r", "s")]
    assert all(size < len(compact.main) for size in sizes)
    assert sum(source.count("class ") for source in whole.parts.values()) == sum(
        source.count("class ") for source in (compact.main, *compact.parts.values())
    )


def test_no_piece_needs_one_that_comes_later() -> None:
    source = "def a():\n    return b()\ndef b():\n    return 1\ndef c():\n    return a()\nd = c\n"
    linked = in_pieces(Linked(source, public=frozenset("d")), 4)
    found = {name: sorted(re.findall(r"^def (.)|^(d)", text, re.M)) for name, text in linked.parts.items()}
    assert found == {"e": [("a", ""), ("b", "")], "f": [], "n": [], "r": [("", "d"), ("c", "")]}


def test_what_cannot_be_cut_into_pieces() -> None:
    with pytest.raises(LinkError, match="names"):
        in_pieces(Linked("a = 1\n"), 100)
    with pytest.raises(LinkError, match="a is given a value twice"):
        in_pieces(Linked("a = 1\nb = a\na = 2\n"), 2)


@pytest.mark.parametrize("kind", ["sources", "folder", "rom", "ram"])
def test_the_interpreter_loads_parts_and_forgets_them(program: Linked, tmp_path: Path, kind: str) -> None:
    if not image.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross")
    files = image.application(["linked.main:run"], in_ram=kind == "ram")
    assert files.keys() == {f"{MAIN}.mpy", "e.mpy", "f.mpy", *(("n.mpy", "r.mpy") if kind == "ram" else ())}
    where, module = tmp_path, "linked.main"
    if kind != "sources":
        where, module = tmp_path / kind, MAIN
        for name, content in files.items():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            (where / name).write_bytes(content)
    if kind == "rom":
        where = tmp_path / "image"
        where.write_bytes(romfs.image(files))
    (tmp_path / "run.py").write_text(RUN)
    done = subprocess.run(
        [require_tool("micropython"), tmp_path / "run.py", kind, where, module],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers, growth_bytes, modules = done.stdout.splitlines()
    assert answers == json.dumps(ANSWERS)
    assert growth_bytes == "0"
    assert ("linked" in modules) == (kind == "sources")
