"""Whatever arrives is sorted or refused with a reason; it never fails, and nothing disturbs its neighbours."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from sigap_server.counters import COUNTERS, Counters
from sigap_server.inbox import LARGEST_BYTES, Inbox, Incoming
from sigap_server.incoming import Batch, sort, unknown_units
from sigap_server.registry import Registry
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.report import Fix, Report
from sigap_wire.result import Result


class Known:
    """A registry with one unit."""

    def key(self, unit_id: str) -> int | None:
        return {"unit-a": 7}.get(unit_id)


REGISTRY = cast(Registry, Known())
GOOD = {
    topics.REPORT: Report(1, 2, [Fix(3, 4, 5)]),
    topics.BACKLOG: Report(1, 2, [Fix(3, 4, 5), Fix(4, 5, 6)]),
    topics.LINK: Link(1, 2, True, "x"),
    topics.HEALTH: Health(1, 2, {"fixes": 3}),
    topics.ACK: Ack(1, 2, 3, 4, 5, 6),
    topics.RESULT: Result(1, 2, 0, 3, 1, 0, "no such setting"),
}


def incoming(topic: str, payload: bytes, mid: int = 1, connection: int = 1) -> Incoming:
    return Incoming(topic, payload[:LARGEST_BYTES], len(payload), mid, connection, 1)


def sizes(batch: Batch) -> dict[str, int]:
    return {name: len(getattr(batch, name)) for name in Batch.__dataclass_fields__}


any_topic = st.one_of(
    st.text(max_size=60),
    st.sampled_from([topics.topic(unit_id, kind) for unit_id in ("unit-a", "unit-b") for kind in topics.FROM_UNIT]),
    st.sampled_from(["sigap/v1/unit/unit-a/order", "sigap/v1/unit//report", "sigap/v2/unit/unit-a/report", ""]),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good message with some bytes changed, cut or added."""
    payload = bytearray(draw(st.sampled_from([message.encode() for message in GOOD.values()])))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(payload)))
        payload[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(payload)


any_message = st.builds(incoming, any_topic, st.one_of(mutated(), st.binary(max_size=200)))


@given(st.lists(any_message))
def test_every_message_is_somewhere_and_every_refusal_has_a_counter(messages: list[Incoming]) -> None:
    unknown_units(messages, REGISTRY)
    batch = sort(messages, REGISTRY)
    assert sum(sizes(batch).values()) == len(messages)
    for refused in batch.refused:
        assert "ingest.quarantined_" + refused.code in COUNTERS
        assert refused.reason


@given(st.lists(any_message, max_size=5), st.sampled_from(sorted(GOOD)), st.lists(any_message, max_size=5))
def test_a_good_message_is_understood_among_any_others(
    before: list[Incoming], kind: str, after: list[Incoming]
) -> None:
    good = incoming(topics.topic("unit-a", kind), GOOD[kind].encode())
    batch = sort([*before, good, *after], REGISTRY)
    found = {
        topics.REPORT: batch.reports,
        topics.BACKLOG: batch.reports,
        topics.LINK: batch.links,
        topics.HEALTH: batch.health,
        topics.ACK: batch.acks,
        topics.RESULT: batch.results,
    }[kind]
    assert any(said.what == GOOD[kind] and said.unit_key == 7 for said in found)


def test_live_and_backlog_are_told_apart() -> None:
    messages = [incoming(topics.topic("unit-a", kind), GOOD[kind].encode()) for kind in (topics.BACKLOG, topics.REPORT)]
    assert [said.live for said in sort(messages, REGISTRY).reports] == [False, True]


def test_what_units_are_told_is_not_theirs_to_send() -> None:
    for kind in topics.TO_UNIT:
        batch = sort([incoming(topics.topic("unit-a", kind), b"")], REGISTRY)
        assert [refused.code for refused in batch.refused] == ["topic"]


async def test_a_message_delivered_again_waits_once() -> None:
    counters = Counters()
    inbox = Inbox(10, counters)
    inbox.begin(1)
    message = incoming("t", b"", mid=5)
    inbox.put(message)
    inbox.put(message)
    taken = await inbox.take()
    assert taken == [message]
    inbox.put(message)
    assert counters["ingest.queue"] == 0, "still being stored"
    assert inbox.done(taken) == [5]
    inbox.put(message)
    assert await inbox.take() == [message], "acknowledged, so this is another message with the same number"


async def test_numbers_of_an_old_connection_are_not_acknowledged_on_the_new_one() -> None:
    inbox = Inbox(10, Counters())
    inbox.begin(1)
    inbox.put(incoming("t", b"old", mid=5, connection=1))
    inbox.begin(2)
    inbox.put(incoming("t", b"new", mid=5, connection=2))
    taken = await inbox.take()
    assert [message.payload for message in taken] == [b"old", b"new"]
    assert inbox.done(taken[:1]) == []
    assert inbox.done(taken[1:]) == [5]


async def test_messages_without_a_number_are_each_their_own() -> None:
    inbox = Inbox(2, Counters())
    inbox.begin(1)
    for _ in range(2):
        inbox.put(incoming("t", b"", mid=0))
    assert inbox.is_full
    taken = await inbox.take()
    assert len(taken) == 2
    assert inbox.done(taken) == []
    assert not inbox.is_full


async def test_a_backlog_is_taken_in_parts_and_what_is_urgent_first() -> None:
    inbox = Inbox(10_000, Counters())
    inbox.begin(1)
    sent = [incoming(topics.topic("unit-a", topics.BACKLOG), bytes(1000), mid) for mid in range(1, 201)]
    for message in sent:
        inbox.put(message)
    for mid, kind in ((201, topics.ACK), (202, topics.LINK)):
        inbox.put(incoming(topics.topic("unit-b", kind), b"", mid))
    first = await inbox.take()
    assert [message.mid for message in first[:3]] == [201, 202, 1]
    assert 10 < len(first) < 30
    rest = []
    while len(inbox):
        rest += await inbox.take()
    assert first[2:] + rest == sent
    await inbox.empty()
