"""A small world around the dispatch core: a clock, a fleet and a log, all in memory."""

import json
from typing import Any
from uuid import UUID

from sigap_server.alerts import Alert, RawAlert, check_alert
from sigap_server.dispatch import inputs
from sigap_server.dispatch.core import Step, step
from sigap_server.dispatch.events import Event
from sigap_server.dispatch.evolve import fold
from sigap_server.dispatch.policy import ChoiceRules, OfferRules, Policy, QueueRules, TrustRules, WatchRules
from sigap_server.dispatch.records import from_record, to_record
from sigap_server.dispatch.state import DispatchState, Incident
from sigap_server.eta import EtaMethod, StraightLine
from sigap_server.fleet import Fleet
from sigap_wire.ack import Ack
from sigap_wire.link import Link
from sigap_wire.report import Fix, Report

START_MS = 1_790_000_000_000
SPEED_MPS = 10.0
HERE = (-69_000_000, 1_076_000_000)
E7_PER_M = 89.932  # of latitude: 10⁷ / 111,195 m


def policy(
    offer: dict[str, Any] | None = None,
    trust: dict[str, Any] | None = None,
    queue: dict[str, Any] | None = None,
    choice: dict[str, Any] | None = None,
    watch: dict[str, Any] | None = None,
) -> Policy:
    """The default policy but for these rules. The tests count on 30 s to accept, on alerts that are not linked
    and on units that nobody watches."""
    return Policy(
        OfferRules(**{"accept_deadline_s": 30, **(offer or {})}),
        TrustRules(**trust or {}),
        QueueRules(**{"duplicate_within_s": 0, **(queue or {})}),
        ChoiceRules(**choice or {}),
        WatchRules(
            **{**dict.fromkeys(("turnout_s", "away_s", "away_far_s", "slip_s", "lost_after_s"), 1e6), **(watch or {})}
        ),
    )


def an_alert(number: int, kind: str = "emergency", received_ms: int = START_MS, text: str = "") -> Alert:
    raw = RawAlert(str(UUID(int=number + 1)), kind, HERE[0] / 1e7, HERE[1] / 1e7, 20, received_ms, text)
    return check_alert(raw, received_ms)


def through_json(log: list[Event]) -> list[Event]:
    """The log as a database gives it back."""
    again = []
    for event in log:
        kind, data = to_record(event)
        again.append(from_record(event.incident_id, event.time_ms, event.actor, kind, json.loads(json.dumps(data))))
    return again


class World:
    """Units u-1, u-2 … stand 1 km, 2 km … north of the place of every alert, connected and available."""

    def __init__(self, units: int = 3, **policy_changes: dict[str, Any]) -> None:
        self.now_ms = START_MS
        self.eta: EtaMethod = StraightLine(SPEED_MPS)
        self.policy = policy(**policy_changes)
        self.fleet = Fleet(stale_after_s=60, lost_after_s=300)
        self.state = DispatchState()
        self.log: list[Event] = []
        self.alerts = 0
        self._acks = 0
        self._seqs: dict[str, int] = {}
        for number in range(1, units + 1):
            self.add_unit(f"u-{number}", number * 1000)

    def add_unit(self, unit_id: str, metres_north: int) -> None:
        self.fleet.register(unit_id, unit_id.upper())
        self.fleet.apply_link(unit_id, Link(1, 1, True, "test"), self.now_ms)
        self.place(unit_id, metres_north)

    def place(self, unit_id: str, metres_north: float, live: bool = True) -> None:
        """A report of a new position reaches the fleet; dispatch is not told."""
        seq = self._seqs[unit_id] = self._seqs.get(unit_id, -1) + 1
        fix = Fix(self.now_ms // 1000, HERE[0] + round(metres_north * E7_PER_M), HERE[1])
        self.fleet.apply_report(unit_id, Report(self.boot_id(unit_id), seq, [fix]), self.now_ms, live)

    def boot_id(self, unit_id: str) -> int:
        return self.fleet.unit(unit_id).boot_id or 1

    def give(self, given: inputs.Input) -> Step:
        """One step; the log must fold to the same state, also as a database gives it back."""
        done = step(self.state, given, self.now_ms, self.fleet, self.eta, self.policy)
        self.state = done.state
        self.log += done.events
        assert fold(self.log) == self.state
        assert through_json(list(done.events)) == list(done.events)
        return done

    def press(self, kind: str = "emergency", text: str = "") -> Step:
        self.alerts += 1
        return self.give(inputs.AlertAccepted(an_alert(self.alerts, kind, self.now_ms, text)))

    def ack(self, unit_id: str, kind: int, order_id: int = 1, revision: int = 1) -> Step:
        self._acks += 1
        return self.give(inputs.AckArrived(unit_id, Ack(1, self._acks, order_id, revision, kind, 0)))

    def tick(self, after_s: float = 0, heard: bool = True) -> Step:
        """Time passes, with every connected unit still heard of unless `heard` is False."""
        self.now_ms += round(after_s * 1000)
        if heard:
            for unit in list(self.fleet.units()):
                if unit.online and unit.position:
                    self.place(unit.unit_id, (unit.position.lat_e7 - HERE[0]) / E7_PER_M)
        self.fleet.age(self.now_ms)
        return self.give(inputs.Tick())

    def disconnect(self, unit_id: str) -> Step:
        unit = self.fleet.unit(unit_id)
        link = Link(self.boot_id(unit_id), unit.connection or 1, False, "test")
        self.fleet.apply_link(unit_id, link, self.now_ms)
        return self.give(inputs.UnitLost(unit_id))

    def connect(self, unit_id: str) -> Step:
        unit = self.fleet.unit(unit_id)
        link = Link(self.boot_id(unit_id), (unit.connection or 0) + 1, True, "test")
        self.fleet.apply_link(unit_id, link, self.now_ms)
        return self.give(inputs.UnitBack(unit_id))

    def restart(self) -> None:
        """The server forgets everything but its log."""
        self.state = fold(through_json(self.log))

    def incident(self, incident_id: int = 1) -> Incident:
        return self.state.incidents[incident_id]


def kinds(done: Step) -> list[str]:
    """The kinds of a step's events."""
    return [event.KIND for event in done.events]


def sent(done: Step) -> list[tuple[str, int, int, int]]:
    """A step's orders as (unit_id, order_id, revision, state)."""
    return [(to.unit_id, to.order.order_id, to.order.revision, to.order.state) for to in done.orders]
