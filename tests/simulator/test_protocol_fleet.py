"""A fleet of protocol-level units as a process: ready, on time, counted, answering orders, ended by its input's end."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sigap_simulator.errors import SettingError
from sigap_simulator.fleet import Lateness
from sigap_simulator.officer import OfficerHabits
from sigap_simulator.protocol_fleet import settings_of
from sigap_wire import ack, order, topics
from tests.simulator.conftest import PASSWORD, USER, Broker
from tests.simulator.dispatcher import Dispatcher, dispatcher
from tests.support.processes import Processes

UNITS = 20


class Fleet:
    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self.child = child

    def read(self) -> dict[str, object]:
        assert self.child.stdout is not None
        found: dict[str, object] = json.loads(self.child.stdout.readline())
        return found

    def ask(self, text: str = '{"counters": 1}') -> dict[str, object]:
        assert self.child.stdin is not None
        self.child.stdin.write(text + "\n")
        self.child.stdin.flush()
        return self.read()


def config(broker: Broker, **further: object) -> dict[str, object]:
    units = [{"unit_id": f"unit-{n:03d}", "user": USER, "password": PASSWORD} for n in range(UNITS)]
    return {"broker": {"host": "127.0.0.1", "port": broker.port}, "units": units, **further}


@pytest.fixture
def run_fleet(processes: Processes, tmp_path: Path) -> Callable[[object], Fleet]:
    def run(values: object) -> Fleet:
        path = tmp_path / "fleet.json"
        path.write_text(json.dumps(values))
        argv = [sys.executable, "-m", "sigap_simulator.protocol_fleet", path]
        return Fleet(processes.start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    return run


@pytest.fixture
async def server(broker: Broker) -> AsyncIterator[Dispatcher]:
    async with dispatcher(broker.account("dispatcher")) as found:
        yield found


async def test_a_fleet_reports_on_time_and_sees_orders_through(
    broker: Broker, server: Dispatcher, run_fleet: Callable[[object], Fleet]
) -> None:
    officers = {"answer_s": [0.1, 0.2], "decline_share": 0.0, "arrive_s": [0.1, 0.2], "clear_s": [0.1, 0.2]}
    fleet = run_fleet(config(broker, report_interval_s=0.5, officers=officers, travel_s=0.2))
    assert fleet.read() == {"ready": UNITS}
    units = {f"unit-{number:03d}" for number in range(UNITS)}
    await server.wait(lambda: {who for who, kind, _ in server.received if kind == topics.REPORT} == units)
    await server.order("unit-004", 9, 1, order.STATE_OFFERED)
    await server.order("unit-004", 9, 2, order.STATE_ASSIGNED)
    await server.wait(lambda: any(item.kind == ack.CLEAR for item in server.of("unit-004", topics.ACK)))
    await server.wait(lambda: len(server.of("unit-004", topics.REPORT)) >= 4)
    counters = fleet.ask()["counters"]
    assert isinstance(counters, dict)
    assert (counters["units"], counters["connected"], counters["outages"]) == (UNITS, UNITS, 0)
    assert counters["reports"] >= 3 * UNITS
    assert counters["delivered"] >= 2 * UNITS
    assert counters["orders"] == 2
    assert counters["acks"]["clear"] == 1
    assert 0.0 <= counters["late_p50_ms"] <= counters["late_p99_ms"] <= counters["late_max_ms"]
    assert counters["late_max_ms"] > 0.0
    times = [report.fixes[0].fix_time_s for report in server.of("unit-004", topics.REPORT)]
    assert times == sorted(times)
    assert "error" in fleet.ask("noise")
    assert fleet.child.stdin is not None
    fleet.child.stdin.close()
    assert fleet.child.wait(20) == 0
    # They took their leave: no will was published.
    assert all(link.online for _, kind, link in server.received if kind == topics.LINK)


async def test_without_officers_orders_are_only_received(
    broker: Broker, server: Dispatcher, run_fleet: Callable[[object], Fleet]
) -> None:
    fleet = run_fleet(config(broker))
    assert fleet.read() == {"ready": UNITS}
    await server.order("unit-001", 1, 1, order.STATE_OFFERED)
    await server.wait(lambda: len(server.of("unit-001", topics.REPORT)) >= 2)
    assert [item.kind for item in server.of("unit-001", topics.ACK)] == [ack.RECEIVED]


def test_a_fleet_without_a_broker_says_so(run_fleet: Callable[[object], Fleet], broker: Broker) -> None:
    broken = {**config(broker), "start_deadline_s": 2.0}
    broken["units"] = [{"unit_id": "unit-1", "user": USER, "password": "wrong"}]
    fleet = run_fleet(broken)
    assert "1 of 1 units did not start" in str(fleet.read()["error"])
    assert fleet.child.wait(20) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"speed": 3}, "unknown setting 'speed'"),
        ({"units": []}, "one at least"),
        ({"units": [{"unit_id": "unit-1"}]}, "'user' is missing"),
        ({"broker": None}, "broker is None"),
        ({"broker": {"host": "x", "port": "many"}}, "many"),
        ({"origin": [1]}, "two numbers"),
        ({"officers": {"mood": 1}}, "mood"),
        ({"report_interval_s": 0}, "report_interval_s is 0"),
    ],
)
def test_a_bad_configuration_is_named(change: dict[str, object], says: str) -> None:
    good = {
        "broker": {"host": "127.0.0.1", "port": 1883},
        "units": [{"unit_id": "unit-1", "user": "u", "password": "p"}],
    }
    assert settings_of({**good, "officers": True}).officers == OfficerHabits()
    with pytest.raises(SettingError, match=says):
        settings_of({**good, **change})


def test_a_missing_configuration_ends_with_2(run_fleet: Callable[[object], Fleet]) -> None:
    fleet = run_fleet(["not an object"])
    assert "expected an object" in str(fleet.read()["error"])
    assert fleet.child.wait(20) == 2


def test_lateness_is_the_distribution_since_the_last_look() -> None:
    lateness = Lateness()
    for late_ms in range(101):
        lateness.note(late_ms / 1000.0)
    assert lateness.take() == {"late_p50_ms": 50.0, "late_p99_ms": 99.0, "late_max_ms": 100.0}
    assert lateness.take()["late_max_ms"] == 0.0
