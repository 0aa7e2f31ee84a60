"""Hypothesis strategies for messages of the wire, within the ranges of its own tables."""

from hypothesis import strategies as st

from sigap_wire import ack, fields, health, link, order, report
from sigap_wire.ack import Ack
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix, Report

UINT32 = st.integers(0, fields.UINT32_MAX)


def _values(ranges: tuple[tuple[str, int, int], ...]) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({name: st.integers(low, high) for name, low, high in ranges})


def texts(max_bytes: int) -> st.SearchStrategy[str]:
    return st.text(max_size=max_bytes).filter(lambda text: len(text.encode()) <= max_bytes)


FIXES = _values(report.RANGES).map(lambda values: Fix(**values))


@st.composite
def drives(draw: st.DrawFn) -> list[Fix]:
    """Fixes that follow one another as a car's do, and as no car's do."""
    rows = draw(st.lists(FIXES, min_size=1, max_size=8))
    if draw(st.booleans()):
        first = rows[0]
        for number, row in enumerate(rows[1:], 1):
            row.fix_time_s = min(first.fix_time_s + number, fields.UINT32_MAX)
            row.lat_e7 = max(-fields.LAT_E7_MAX, min(first.lat_e7 + number * 900, fields.LAT_E7_MAX))
            row.quality, row.satellites = first.quality, first.satellites
    return rows


@st.composite
def reports(draw: st.DrawFn) -> Report:
    rows = draw(drives())
    return Report(draw(UINT32), draw(st.integers(0, fields.UINT32_MAX - len(rows) + 1)), rows)


MESSAGES: dict[str, st.SearchStrategy[Report | Order | Ack | Link | Health]] = {
    "report": reports(),
    "order": st.builds(
        lambda values, text: Order(**values, text=text), _values(order.RANGES), texts(order.TEXT_MAX_BYTES)
    ),
    "ack": _values(ack.RANGES).map(lambda values: Ack(**values)),
    "link": st.builds(Link, UINT32, UINT32, st.booleans(), texts(link.FIRMWARE_MAX_BYTES)),
    "health": st.builds(
        Health, UINT32, UINT32, st.dictionaries(texts(health.NAME_MAX_BYTES), UINT32, max_size=health.MAX_COUNTERS // 2)
    ),
}

# Everything CBOR of the wire can hold, nested as deeply as it may be.
ITEMS = st.recursive(
    st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=40) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
