"""The parser's benchmark measures what it says; how fast it is, is nobody's business in a test."""

from sigap.bench import parser
from tests.support.tools import require_tool


def test_all_readers_find_the_same() -> None:
    require_tool("micropython")
    found = parser.run(duration_s=0.05, chunk_bytes=100)
    assert [row["reader"].split()[2] for row in found["readers"]] == ["MicroPython", "CPython"]
    for row in found["readers"]:
        times = row["bytes"] // found["input_bytes"]
        assert times >= 1
        assert row["bytes"] == times * found["input_bytes"]
        assert row["sentences"] == times * parser.drive().count(b"$")
        assert row["mb_per_s"] > 0
        assert row["fixes"] == times * 300


def test_the_input_is_a_whole_receivers() -> None:
    kinds = {line[3:6] for line in parser.drive().splitlines()}
    assert {b"RMC", b"VTG", b"GGA", b"GSA", b"GSV", b"GLL"} == kinds
