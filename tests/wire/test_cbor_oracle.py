"""The wire's CBOR against `cbor2`, an implementation of the whole standard."""

from datetime import UTC

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigap_wire import cbor
from sigap_wire.errors import WireError
from tests.wire.strategies import ITEMS, MESSAGES


def depth(item: object) -> int:
    if isinstance(item, list):
        return 1 + max(map(depth, item), default=0)
    if isinstance(item, dict):
        return 1 + max(map(depth, item.values()), default=0)
    return 0


@given(ITEMS.filter(lambda item: depth(item) <= 4))
def test_same_bytes_as_its_canonical_form(item: object) -> None:
    payload = cbor.dumps(item)
    assert payload == cbor2.dumps(item, canonical=True)
    assert cbor.loads(payload) == item


@given(ITEMS)
def test_deeper_than_the_wire_goes(item: object) -> None:
    item = [[{"a": [[item]]}]]
    with pytest.raises(WireError, match="nested deeper"):
        cbor.dumps(item)
    with pytest.raises(WireError, match="nested deeper"):
        cbor.loads(cbor2.dumps(item, canonical=True))


def _same_or_refused(payload: bytes) -> None:
    try:
        item = cbor.loads(payload)
    except WireError:
        return
    assert item == cbor2.loads(payload)
    assert cbor2.dumps(item, canonical=True) == payload


@given(st.binary(max_size=100))
@example(bytes.fromhex("63eda080"))
@example(bytes.fromhex("a2616101616102"))
def test_any_bytes_mean_the_same_or_are_refused(payload: bytes) -> None:
    _same_or_refused(payload)


@given(item=ITEMS, data=st.data())
def test_changed_bytes_mean_the_same_or_are_refused(item: object, data: st.DataObject) -> None:
    payload = bytearray(cbor2.dumps(item, canonical=data.draw(st.booleans())))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] = data.draw(st.integers(0, 255))
    _same_or_refused(bytes(payload))


@given(
    st.recursive(
        st.floats() | st.booleans() | st.none() | st.dates() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers() | st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_what_others_encode_means_the_same_or_is_refused(item: object) -> None:
    _same_or_refused(cbor2.dumps(item, date_as_datetime=True, timezone=UTC))


@given(st.one_of(*MESSAGES.values()))
def test_messages_are_canonical(message) -> None:
    payload = message.encode()
    assert cbor2.dumps(cbor2.loads(payload), canonical=True) == payload
