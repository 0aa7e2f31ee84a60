"""Hypothesis strategies for messages of the wire, within the ranges of its own tables."""

from collections.abc import Callable

from hypothesis import strategies as st

from sigap_wire import ack, config, fields, health, link, order, ota, report, result
from sigap_wire.ack import Ack
from sigap_wire.config import Config
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.ota import Chunk, Offer
from sigap_wire.report import Fix, Report
from sigap_wire.result import Result

UINT32 = st.integers(0, fields.UINT32_MAX)
NUMBER = st.integers(1, fields.UINT32_MAX)
INT32 = st.integers(-fields.INT32_MAX - 1, fields.INT32_MAX)


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


def _ack(values: dict[str, int]) -> Ack:
    """About an order, or about none, as its kind has it."""
    about_order = values["kind"] < ack.EMERGENCY
    for name in ("order_id", "revision"):
        values[name] = (values[name] or 1) if about_order else 0
    return Ack(**values)


Message = Report | Order | Ack | Link | Health | Config | Offer | Chunk | Result

DECODERS: dict[str, Callable[[bytes], Message]] = {
    "report": Report.decode,
    "order": Order.decode,
    "ack": Ack.decode,
    "link": Link.decode,
    "health": Health.decode,
    "config": Config.decode,
    "offer": ota.decode,
    "chunk": ota.decode,
    "result": Result.decode,
}

MESSAGES: dict[str, st.SearchStrategy[Message]] = {
    "report": reports(),
    "order": st.builds(
        lambda values, text, street: Order(**values, text=text, street=street),
        _values(order.RANGES),
        texts(order.TEXT_MAX_BYTES),
        texts(order.STREET_MAX_BYTES),
    ),
    "ack": _values(ack.RANGES).map(_ack),
    "link": st.builds(Link, UINT32, UINT32, st.booleans(), texts(link.FIRMWARE_MAX_BYTES)),
    "health": st.builds(
        Health, UINT32, UINT32, st.dictionaries(texts(health.NAME_MAX_BYTES), UINT32, max_size=health.MAX_COUNTERS // 2)
    ),
    "config": st.builds(
        Config, NUMBER, st.dictionaries(texts(config.NAME_MAX_BYTES), INT32 | texts(config.MAX_BYTES // 16), max_size=9)
    ),
    "offer": st.builds(Offer, NUMBER, NUMBER, UINT32),
    "chunk": st.builds(Chunk, NUMBER, UINT32, st.binary(min_size=1, max_size=ota.DATA_MAX_BYTES)),
    "result": st.builds(
        lambda values, detail: Result(**values, detail=detail),
        _values(result.RANGES),
        texts(result.DETAIL_MAX_BYTES),
    ),
}

# Everything CBOR of the wire can hold, nested as deeply as it may be.
ITEMS = st.recursive(
    st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=40) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
