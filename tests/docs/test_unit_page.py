"""docs/unit.md says of the unit what the firmware says."""

import ast
import re

import pytest

from sigap_tracker.storage import settings
from tests.support.tools import REPOSITORY

PAGE = (REPOSITORY / "docs" / "unit.md").read_text(encoding="utf-8")
TRACKER = REPOSITORY / "firmware" / "sigap_tracker"


def rows(section: str) -> dict[str, list[str]]:
    """The table that follows the words `section`: first column without its backticks → the other columns."""
    table = PAGE.split(section, 1)[1].split("|---|", 1)[1].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]
    return {line[0].strip("`"): line[1:] for line in cells}


def schema() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in settings._SCHEMA.strip().split("\n")}


@pytest.mark.parametrize("prefix", ["", "modem.", "ladder.", "mqtt.", "policy.", "gate.", "power.", "update.", "wifi."])
def test_every_setting_with_its_default_and_range(prefix: str) -> None:
    expected = {}
    for key, (kind, low, high, *default) in schema().items():
        if key.startswith(prefix) and ("." in key) == bool(prefix):
            unit = " characters" if kind == "text" else ""
            shown = "the unit's id" if key == "callsign" else default[0] if default and default != ["-"] else ""
            expected[key.removeprefix(prefix)] = [shown, f"{low} to {high}{unit}".replace("2 to 2 ", "2 ")]
    assert {
        key: [cells[0].strip("`"), cells[1]]
        for key, cells in rows(f"In the object `{prefix[:-1]}`" if prefix else "## Settings").items()
    } == expected


def test_every_counter() -> None:
    (names,) = re.findall(r'^NAMES = """(.*?)"""', (TRACKER / "health.py").read_text(encoding="utf-8"), re.M | re.S)
    named = re.findall(r"[a-z_0-9]+", " ".join(rows("## Counters")))
    assert named == names.split()


def test_gauges_are_counters_and_those_with_a_unit_are_among_them() -> None:
    named = re.findall(r"[a-z_0-9]+", " ".join(rows("## Counters")))
    told = re.findall(r"`([a-z_0-9]+)(…?)`", PAGE.split("Gauges, which", 1)[1].split("\n\n", 1)[0])
    gauges = {name for name in named for gauge, more in told if name == gauge or (more and name.startswith(gauge))}
    for gauge, more in told:
        assert any(name == gauge or (more and name.startswith(gauge)) for name in named), gauge
    assert [name for name in named if name.endswith(("_s", "_bytes", "_mv")) and name not in gauges] == []


def test_every_event() -> None:
    logged = set(re.findall(r'"log": "(\w+)"', (TRACKER / "hal_unix.py").read_text(encoding="utf-8")))
    for path in TRACKER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_log = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "log"
            if is_log:  # by a name, or one of two
                logged |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    told = PAGE.split("The events:", 1)[1].split("\n\n", 1)[0]
    assert set(re.findall(r"`(\w+)`", told)) - {"reason"} == logged
