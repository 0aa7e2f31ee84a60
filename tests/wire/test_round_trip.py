"""Every message survives the wire, and no bytes do anything worse to it than being refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_wire import topics
from sigap_wire.ack import EMERGENCY, KIND_NAMES, Ack
from sigap_wire.config import MAX_CHANGES, Config
from sigap_wire.errors import WireError
from sigap_wire.fields import LAT_E7_MAX, LON_E7_MAX
from sigap_wire.ota import Chunk
from sigap_wire.report import RANGES, Fix, Report
from tests.wire.strategies import DECODERS, MESSAGES

any_message = st.one_of(*MESSAGES.values())


@given(any_message)
def test_decoding_gives_the_message_back(message) -> None:
    payload = message.encode()
    found = DECODERS[type(message).__name__.lower()](payload)
    assert found == message
    assert found.encode() == payload


@given(any_message, any_message)
def test_only_equal_messages_are_equal(first, second) -> None:
    assert (first == second) == (type(first) is type(second) and first.encode() == second.encode())


@given(message=any_message, data=st.data())
def test_mutated_bytes_are_decoded_or_refused(message, data) -> None:
    payload = bytearray(message.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        match data.draw(st.sampled_from(("change", "insert", "delete", "cut"))):
            case "change" if at < len(payload):
                payload[at] = data.draw(st.integers(0, 255))
            case "insert":
                payload[at:at] = data.draw(st.binary(min_size=1, max_size=9))
            case "delete":
                del payload[at : at + data.draw(st.integers(1, 9))]
            case _:
                del payload[at:]
    _decoded_or_refused(bytes(payload))


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(payload: bytes) -> None:
    _decoded_or_refused(payload)


def _decoded_or_refused(payload: bytes) -> None:
    for decode in DECODERS.values():
        try:
            found = decode(payload)
        except WireError as error:
            assert str(error)
        else:
            assert found.encode() == payload, "one message, two spellings"


@pytest.mark.parametrize(("row", "name", "low", "high"), [(i, *row) for i, row in enumerate(RANGES)])
def test_both_ends_of_a_range(row: int, name: str, low: int, high: int) -> None:
    values = [1790000000, 0, 0, 0, 0, 1, 9, 95, 0]
    for value in (low, high):
        values[row] = value
        fix = Fix(*values)
        assert Report.decode(Report(1, 2, [fix]).encode()).fixes == [fix]
        assert Report.decode(Report(1, 2, [Fix(1, 1, 1), fix]).encode()).fixes[1] == fix
    for value in (low - 1, high + 1):
        values[row] = value
        with pytest.raises(WireError, match=f"^{name} is {value}, expected"):
            Report(1, 2, [Fix(*values)]).encode()


def test_signed_bounds_which_the_validator_does_not_hold() -> None:
    bounds = {name: (low, high) for name, low, high in RANGES}
    assert bounds["lat_e7"] == (-LAT_E7_MAX, LAT_E7_MAX) == (-900000000, 900000000)
    assert bounds["lon_e7"] == (-LON_E7_MAX, LON_E7_MAX) == (-1800000000, 1800000000)


@given(order_id=st.integers(0, 3), revision=st.integers(0, 3), kind=st.integers(0, len(KIND_NAMES) - 1))
def test_an_emergency_is_about_no_order_and_all_else_is(order_id: int, revision: int, kind: int) -> None:
    made = Ack(7, 0, order_id, revision, kind, 0)
    if (order_id == 0) == (revision == 0) == (kind >= EMERGENCY):
        assert Ack.decode(made.encode()) == made
    else:
        with pytest.raises(WireError, match="both are 0 for an emergency, and else neither"):
            made.encode()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"a": "x" * 769}, "a is too long, expected text of at most 768 bytes"),
        ({"a": "x" * 500, "b": "x" * 600}, "config of 1114 bytes, at most 1024 allowed"),
        ({"a": 1 << 31}, "a is 2147483648, expected an integer from -2147483648 to 2147483647"),
        ({"a": -(1 << 31) - 1}, "a is -2147483649, expected"),
        ({"a": True}, "a is True, expected"),
        ({"a": b"x"}, "a is bytes, expected an integer or text"),
        ({"a" * 33: 1}, "setting's name is 'a+', expected text of at most 32 bytes"),
        ({str(i): i for i in range(MAX_CHANGES + 1)}, "number of changes is 33"),
    ],
)
def test_changes_that_are_none(changes: dict[str, int | str], refusal: str) -> None:
    with pytest.raises(WireError, match=refusal):
        Config(1, changes).encode()


def test_a_change_keeps_its_secrets_to_itself() -> None:
    secret = "x" * 800
    assert secret not in repr(Config(7, {"mqtt.password": secret}))
    with pytest.raises(WireError) as refused:
        Config(7, {"mqtt.password": secret}).encode()
    assert secret not in str(refused.value)


@pytest.mark.parametrize("size", [0, 513])
def test_chunks_of_no_use(size: int) -> None:
    with pytest.raises(WireError, match="data is not 1 to 512 bytes"):
        Chunk(1, 0, bytes(size)).encode()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32))
def test_topics_and_back(unit_id: str) -> None:
    for kind in topics.FROM_UNIT + topics.TO_UNIT:
        if unit_id.startswith("-"):
            with pytest.raises(WireError):
                topics.topic(unit_id, kind)
        else:
            assert topics.parse(topics.topic(unit_id, kind)) == (unit_id, kind)


@given(st.text(max_size=60))
def test_any_topic_is_parsed_or_refused(name: str) -> None:
    for text in (name, f"sigap/v1/unit/{name}/order"):
        try:
            unit_id, kind = topics.parse(text)
        except WireError:
            continue
        assert topics.topic(unit_id, kind) == text
