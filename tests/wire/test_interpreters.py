"""The wire on MicroPython: byte for byte what it is on CPython."""

from pathlib import Path

import cbor2
import pytest
from hypothesis import strategies as st

from sigap_wire import cbor
from tests.portable.interpreters import ask_both, samples
from tests.wire.strategies import ITEMS, MESSAGES


@st.composite
def damaged_messages(draw: st.DrawFn) -> str:
    payload = bytearray(draw(st.one_of(*MESSAGES.values())).encode())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(payload) - 1))
        payload[at] = draw(st.integers(0, 255))
    return payload[: draw(st.integers(0, 2 * len(payload)))].hex()


def test_messages(tmp_path: Path) -> None:
    payloads = [message.encode().hex() for message in samples(st.one_of(*MESSAGES.values()), 300)]
    said = ask_both("wire", payloads, tmp_path)
    assert all(payload in answer.split("; ") for payload, answer in zip(payloads, said, strict=True))


def test_damaged_messages(tmp_path: Path) -> None:
    ask_both("wire", samples(damaged_messages(), 600), tmp_path)


@pytest.mark.parametrize(
    "payloads",
    [st.binary(max_size=60).map(bytes.hex), ITEMS.map(lambda item: cbor2.dumps([item], canonical=True)[:-1].hex())],
    ids=["any", "cut"],
)
def test_bytes(payloads: st.SearchStrategy[str], tmp_path: Path) -> None:
    ask_both("bare_cbor", samples(payloads, 500), tmp_path)


def test_items(tmp_path: Path) -> None:
    shallow = st.lists(st.integers(-(1 << 64), (1 << 64) - 1) | st.text(max_size=20) | st.binary(max_size=20))
    payloads = [cbor.dumps(item).hex() for item in samples(shallow, 300)]
    assert ask_both("bare_cbor", payloads, tmp_path) == payloads


def test_topics(tmp_path: Path) -> None:
    levels = st.sampled_from(["sigap", "v1", "unit", "order", "report", "a-1", "", "+", "A"]) | st.text(
        "ab/#", max_size=3
    )
    ask_both("topic", samples(st.lists(levels, max_size=6).map("/".join), 300), tmp_path)
