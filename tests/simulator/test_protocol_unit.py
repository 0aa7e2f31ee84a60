"""Protocol-level units against a real broker: reports, orders, outages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sigap_simulator.errors import UnitError
from sigap_simulator.geometry import Truth
from sigap_simulator.protocol_unit import DirectLine, ProtocolUnit
from sigap_simulator.receiver import HOT_START, Receiver
from sigap_simulator.unit import Event, UnitAccount
from sigap_tracker.officer.buttons import EMERGENCY
from sigap_tracker.position.policy import Policy
from sigap_wire import ack, order, result, topics
from sigap_wire.config import Config
from sigap_wire.report import Fix
from tests.simulator.conftest import Broker
from tests.simulator.dispatcher import Dispatcher, dispatcher
from tests.support.waiting import eventually_async

UNIT = "unit-07"


@pytest.fixture
async def server(broker: Broker) -> AsyncIterator[Dispatcher]:
    async with dispatcher(broker.account("dispatcher")) as found:
        yield found


@pytest.fixture
async def unit(broker: Broker) -> AsyncIterator[ProtocolUnit]:
    unit = ProtocolUnit(broker.account(UNIT))
    await unit.start()
    yield unit
    await unit.stop()


def a_fix(number: int) -> Fix:
    return Fix(1790000000 + number, -69147000 + number, 1076098000, speed_cmps=500, satellites=9, hdop_centi=90)


def reported(server: Dispatcher) -> set[int]:
    """The numbers of all fixes that arrived."""
    reports = server.of(UNIT, topics.REPORT) + server.of(UNIT, topics.BACKLOG)
    return {report.seq + index for report in reports for index in range(len(report.fixes))}


def ack_kinds(server: Dispatcher) -> list[str]:
    return [ack.KIND_NAMES[item.kind] for item in server.of(UNIT, topics.ACK)]


async def test_a_unit_says_that_it_is_there_and_reports(server: Dispatcher, unit: ProtocolUnit) -> None:
    unit.fix(a_fix(0))
    await server.wait(lambda: reported(server) == {0})
    assert server.of(UNIT, topics.LINK)[0].online
    assert server.of(UNIT, topics.REPORT)[0].fixes == [a_fix(0)]
    await _eventually_empty(unit)


async def test_an_officers_emergency_begins_and_is_over(server: Dispatcher, unit: ProtocolUnit) -> None:
    for kinds in (["emergency"], ["emergency", "emergency_over"]):
        unit.press(EMERGENCY)
        await server.wait(lambda kinds=kinds: ack_kinds(server) == kinds)
        assert unit.core.emergency == (len(kinds) == 1)
    assert {(item.order_id, item.revision) for item in server.of(UNIT, topics.ACK)} == {(0, 0)}


async def test_a_button_that_is_held_calls_the_emergency(
    server: Dispatcher, unit: ProtocolUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hold_ms in (2000, 0):
        monkeypatch.setattr("sigap_simulator.protocol_unit.HOLD_MS", hold_ms)
        unit.edge("clear", True)
        unit.edge("clear", False)
    await server.wait(lambda: ack_kinds(server) == ["emergency"])


async def test_a_config_is_answered(server: Dispatcher, unit: ProtocolUnit) -> None:
    topic = topics.topic(UNIT, topics.CONFIG)
    await server.send_raw(topic, Config(1, {}).encode())
    await server.wait(lambda: server.of(UNIT, topics.HEALTH) and server.of(UNIT, topics.RESULT))
    await server.send_raw(topic, Config(2, {"policy.distance_m": 100}).encode())
    await server.send_raw(topic, b"\xff" * 2000)
    await server.send_raw(topics.topic(UNIT, topics.ORDER), b"\x00")
    await server.wait(lambda: len(server.of(UNIT, topics.RESULT)) == 4)
    assert [(item.seq, item.subject, item.number, item.outcome) for item in server.of(UNIT, topics.RESULT)] == [
        (0, result.SUBJECT_CONFIG, 1, result.APPLIED),
        (1, result.SUBJECT_CONFIG, 2, result.REFUSED),
        (2, result.SUBJECT_CONFIG, 0, result.REFUSED),
        (3, result.SUBJECT_ORDER, 0, result.REFUSED),
    ]
    assert "at most 1024 allowed" in server.of(UNIT, topics.RESULT)[2].detail


async def _eventually_empty(unit: ProtocolUnit) -> None:
    await eventually_async(lambda: unit.core.fixes_queued == 0, what="every fix is acknowledged")


async def test_an_order_is_received_at_once_and_answered_by_buttons(server: Dispatcher, unit: ProtocolUnit) -> None:
    events: list[Event] = []
    unit.listen(events.append)
    await server.order(UNIT, 5, 1, order.STATE_OFFERED)
    await server.wait(lambda: ack_kinds(server) == ["received"])
    unit.press("accept")
    await server.wait(lambda: ack_kinds(server) == ["received", "accepted"])
    await server.order(UNIT, 5, 2, order.STATE_ASSIGNED)
    await server.wait(lambda: len(ack_kinds(server)) == 3)
    unit.fix(a_fix(1))
    await server.wait(lambda: ack_kinds(server)[3:] == ["en_route"])
    unit.press("on_scene")
    unit.press("clear")
    await server.wait(lambda: ack_kinds(server)[4:] == ["on_scene", "clear"])
    await server.order(UNIT, 5, 3, order.STATE_CLOSED)
    await server.wait(lambda: len(ack_kinds(server)) == 7)
    shown = [event["view"] for event in events if event.get("log") == "screen"]
    assert shown == ["offered", "waiting", "assigned", "on_scene", "cleared", "idle"]


async def test_a_repeated_order_is_only_received(server: Dispatcher, unit: ProtocolUnit) -> None:
    for _ in range(2):
        await server.order(UNIT, 6, 1, order.STATE_OFFERED)
    await server.wait(lambda: ack_kinds(server) == ["received", "received"])
    assert unit.core.orders == 2


async def test_noise_on_the_order_topic_is_refused(broker: Broker, server: Dispatcher, unit: ProtocolUnit) -> None:
    events: list[Event] = []
    unit.listen(events.append)
    await server.send_raw(topics.topic(UNIT, topics.ORDER), b"\xff noise")
    await server.order(UNIT, 7, 1, order.STATE_OFFERED)
    await server.wait(lambda: ack_kinds(server) == ["received"])
    assert events[0]["log"] == "order_refused"


async def test_sentences_go_through_the_firmwares_parser_gate_and_policy(broker: Broker, server: Dispatcher) -> None:
    unit = ProtocolUnit(broker.account(UNIT), Policy(distance_m=50))
    events: list[Event] = []
    unit.listen(events.append)
    await unit.start()
    line, receiver = DirectLine(unit), Receiver(1, HOT_START)
    for second in range(60):
        # 100 m in all, at rest afterwards.
        truth = Truth(-6.9147 + min(second, 10) * 9e-5, 107.6098, speed_mps=10.0 if second < 10 else 0.0)
        line.write(receiver.sentences(1790000000 + second, truth))
    await server.wait(lambda: len(reported(server)) >= 3)
    await unit.stop()
    assert 3 <= unit.core.fixes_kept <= 8
    gate = [event["reason"] for event in events if event.get("log") == "fix_gate"]
    assert gate == ["no_fix", "accepted"]
    assert line.written_bytes > 60 * 200


async def test_fixes_of_an_outage_arrive_newest_first(broker: Broker, server: Dispatcher, unit: ProtocolUnit) -> None:
    unit.fix(a_fix(0))
    await server.wait(lambda: reported(server) == {0})
    disconnected = asyncio.Event()
    unit.listen(lambda event: disconnected.set() if event.get("log") == "disconnected" else None)
    unit.drop_connection()
    await asyncio.wait_for(disconnected.wait(), 10)
    before = len(server.received)
    for number in range(1, 30):
        unit.fix(a_fix(number))
    await server.wait(lambda: reported(server) == set(range(30)))
    after = [item for item in server.received[before:] if item[1] in (topics.REPORT, topics.BACKLOG)]
    kinds = [kind for _, kind, _ in after]
    assert kinds[0] == topics.REPORT
    assert after[0][2].seq == 29
    assert topics.BACKLOG in kinds
    links = server.of(UNIT, topics.LINK)
    assert any(not link.online and link.connection == 1 for link in links)
    assert (links[-1].online, links[-1].connection) == (True, 2)


async def test_a_broker_that_dies_and_returns_loses_nothing(broker: Broker, unit: ProtocolUnit) -> None:
    unit.fix(a_fix(0))
    await _eventually_empty(unit)
    broker.kill()
    for number in range(1, 10):
        unit.fix(a_fix(number))
    assert unit.core.fixes_queued == 9
    broker.start()
    async with dispatcher(broker.account("dispatcher")) as server:
        await server.wait(lambda: reported(server) >= set(range(1, 10)), deadline_s=40)
    await _eventually_empty(unit)


async def test_leaving_is_not_being_lost(server: Dispatcher, unit: ProtocolUnit) -> None:
    await server.wait(lambda: server.of(UNIT, topics.LINK))
    await unit.stop()
    await unit.stop()
    await server.order(UNIT, 1, 1, order.STATE_OFFERED)
    assert all(link.online for link in server.of(UNIT, topics.LINK))


@pytest.mark.parametrize(("password", "says"), [("wrong", "refused"), (None, "Connect call failed")])
async def test_no_connection_is_a_clear_error(broker: Broker, port: int, password: str | None, says: str) -> None:
    good = broker.account(UNIT)
    account = UnitAccount(UNIT, good.host, good.port if password else port, good.user, password or "")
    unit = ProtocolUnit(account, start_deadline_s=2.0)
    with pytest.raises(
        UnitError, match=rf"{UNIT} has no connection to the broker at 127.0.0.1:{account.port}: .*{says}"
    ):
        await unit.start()
