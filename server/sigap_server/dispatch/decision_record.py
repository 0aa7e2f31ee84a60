"""What a decision was made on, packed: to make it again months later, by the same policy or by another.

A record is zlib over a line of JSON, {"version", "need", "time_ms", "unit_ids", "tables", "columns"}, and the columns'
bytes in that order. A column is described by [name, lowest value, width]: each value less the lowest one is an unsigned
number of `width` bytes, kept as all lowest bytes, then all next ones …; width 0 is a column of one value. That way a
thousand units take some ten kilobytes.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from sigap_server.dispatch.choice import Choice, choose
from sigap_server.dispatch.joint import choose_jointly
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.weighing import NUMBERS, WORDS, Ints, Weighing
from sigap_server.errors import SigapError

VERSION = 1
_COLUMNS = (*NUMBERS, *WORDS)
_NEED_SETS = ("unit_kinds", "skills", "not_units")


class DecisionRecordError(SigapError, ValueError):
    """Bytes that are no record of a decision; the message says what was found."""


def pack(need: Need, weighing: Weighing) -> bytes:
    """The record."""
    columns = [(name, *_planes(values)) for name, values in _values(weighing)]
    head = {
        "version": VERSION,
        "need": _need_to_plain(need),
        "time_ms": weighing.time_ms,
        "unit_ids": weighing.unit_ids,
        "tables": weighing.tables,
        "columns": [(name, lowest, width) for name, lowest, width, _ in columns],
    }
    line = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    return zlib.compress(line + b"".join(planes for *_, planes in columns))


def unpack(record: bytes) -> tuple[Need, Weighing]:
    """What `pack` took. Raises DecisionRecordError."""
    try:
        line, _, planes = zlib.decompress(record).partition(b"\n")
        head = json.loads(line)
        if head["version"] != VERSION:
            raise DecisionRecordError(f"the record's version is {head['version']!r}, expected {VERSION}")
        return _need_from_plain(head["need"]), _weighing(head, planes)
    except (zlib.error, ValueError, TypeError, KeyError, OverflowError) as error:
        if isinstance(error, DecisionRecordError):
            raise
        raise DecisionRecordError(f"not the record of a decision: {error!r:.200}") from error


def rechoose(record: bytes, policy: Policy) -> Choice:
    """The choice that this policy makes of what was known then. Raises DecisionRecordError."""
    need, weighing = unpack(record)
    return choose(need, weighing, policy)


def rechoose_jointly(records: Iterable[bytes], policy: Policy) -> dict[int, Choice]:
    """The choices for incidents that were decided on together, by incident_id. Raises DecisionRecordError, ValueError
    for records of different decisions."""
    needs, weighings = zip(*map(unpack, records), strict=True)
    return choose_jointly(needs, weighings, policy)


def _need_to_plain(need: Need) -> dict[str, Any]:
    plain = {name: getattr(need, name) for name in Need.__dataclass_fields__}
    return {**plain, "asked": dict(need.asked), **{name: sorted(plain[name]) for name in _NEED_SETS}}


def _need_from_plain(plain: dict[str, Any]) -> Need:
    return Need(**{**plain, **{name: frozenset(plain[name]) for name in _NEED_SETS}})


def _weighing(head: dict[str, Any], planes: bytes) -> Weighing:
    unit_ids = tuple(head["unit_ids"])
    tables = {name: tuple(head["tables"][name]) for name in WORDS}
    columns: dict[str, Ints] = {}
    start = 0
    for name, lowest, width in head["columns"]:
        end = start + width * len(unit_ids)
        columns[name] = _from_planes(planes[start:end], lowest, width, len(unit_ids))
        start = end
    if set(columns) != set(_COLUMNS) or start != len(planes):
        raise DecisionRecordError(f"the columns are {', '.join(columns)}, expected {', '.join(_COLUMNS)}")
    for name, table in tables.items():
        if unit_ids and not 0 <= columns[name].min() <= columns[name].max() < len(table):
            raise DecisionRecordError(f"{name} has a code beyond its {len(table)} words")
    numbers = {name: columns[name] for name in NUMBERS}
    return Weighing(head["time_ms"], unit_ids, numbers, tables, {name: columns[name] for name in WORDS})


def _values(weighing: Weighing) -> Iterator[tuple[str, Ints]]:
    yield from ((name, weighing.numbers[name]) for name in NUMBERS)
    yield from ((name, weighing.codes[name]) for name in WORDS)


def _planes(values: Ints) -> tuple[int, int, bytes]:
    """(lowest value, width, bytes) of a column."""
    if not len(values):
        return 0, 0, b""
    lowest = int(values.min())
    width = (int(values.max() - lowest).bit_length() + 7) // 8
    each = np.ascontiguousarray((values - lowest).astype("<u8")).view(np.uint8).reshape(-1, 8)
    return lowest, width, each[:, :width].T.tobytes()


def _from_planes(planes: bytes, lowest: int, width: int, length: int) -> Ints:
    each = np.zeros((length, 8), dtype=np.uint8)
    each[:, :width] = np.frombuffer(planes, dtype=np.uint8).reshape(width, length).T
    values: Ints = each.reshape(-1).view("<u8").astype(np.int64) + lowest
    return values
