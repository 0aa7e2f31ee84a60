"""`sigap.cddl` read as text, as far as this file needs CDDL: the messages' fields with their ranges and remarks."""

import re
from dataclasses import dataclass
from pathlib import Path

import sigap_wire

CDDL_PATH = Path(sigap_wire.__file__).with_name("sigap.cddl")
CDDL = CDDL_PATH.read_text(encoding="utf-8")

MESSAGES = ("report", "link", "order", "ack", "health", "config", "offer", "chunk", "result")


@dataclass(frozen=True)
class Field:
    """A named element of an array; `type` is the CDDL, `remark` the comment beside it."""

    name: str
    type: str
    remark: str


def rules() -> dict[str, str]:
    """What stands behind each name, comments and line breaks removed."""
    bare = re.sub(r";[^\n]*", "", CDDL)
    parts = re.split(r"^(\w+) = ", bare, flags=re.MULTILINE)[1:]
    return {name: " ".join(body.split()) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def fields(name: str) -> list[Field]:
    """The named elements of an array rule that has one a line."""
    match = re.search(rf"^{name} = \[\n(.*?)^\]", CDDL, re.MULTILINE | re.DOTALL)
    assert match, f"{name} is not an array with an element a line"
    found = re.findall(r"^  (\w+): (.+?),(?: +; (.*))?$", match[1], re.MULTILINE)
    return [Field(*row) for row in found]


def remark_above(name: str) -> str:
    """The comment lines just above a rule, as one text."""
    match = re.search(rf"((?:^;[^\n]*\n)+){name} = ", CDDL, re.MULTILINE)
    return " ".join(line.lstrip("; ") for line in match[1].splitlines()) if match else ""


def bounds(text: str) -> tuple[int, int]:
    """The lowest and highest value of an integer type: a..b, nint .ge -n, a name, or a choice of these."""
    if " / " in text:
        lows, highs = zip(*map(bounds, text.split(" / ")), strict=True)
        return min(lows), max(highs)
    if match := re.fullmatch(r"(-?\d+)\.\.(-?\d+)", text):
        return int(match[1]), int(match[2])
    if text.isdecimal():
        return int(text), int(text)
    if match := re.fullmatch(r"nint \.ge (-\d+)", text):
        return int(match[1]), -1
    return bounds(rules()[text])


def named_values(remark: str) -> tuple[str, ...]:
    """The names of an enumeration written as "0 first, 1 interval, 2 distance"."""
    pairs = re.findall(r"(\d+) (\w+)", remark)
    assert [int(number) for number, _ in pairs] == list(range(len(pairs)))
    return tuple(name for _, name in pairs)
