"""`sigap bench dispatch`: what the pure state machine takes, and a surge of alerts; in processor time."""

import heapq
import random
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sigap.bench.samples import summary_ms
from sigap_server.alerts import Alert
from sigap_server.dispatch import inputs
from sigap_server.dispatch.core import step
from sigap_server.dispatch.events import Event
from sigap_server.dispatch.evolve import evolve
from sigap_server.dispatch.orders import OrderToSend
from sigap_server.dispatch.policy import Policy, QueueRules
from sigap_server.dispatch.state import DispatchState
from sigap_server.eta import EtaMethod, StraightLine
from sigap_server.fleet import Fleet
from sigap_wire import ack
from sigap_wire.link import Link
from sigap_wire.order import STATE_ASSIGNED, STATE_OFFERED
from sigap_wire.report import Fix, Report

GOAL_EVENTS_PER_S = 50_000
GOAL_DECIDED_MS = 250.0
UNITS, ALERTS, SURGE_S = 100, 200, 10
_START_MS = 1_790_000_000_000
_ANSWER_S = 3.0  # an officer's time to press the button

Progress = Callable[[str], None]


class Surge:
    """One server, which does one thing after the other, and units whose officers accept, arrive and are clear."""

    def __init__(self, eta: EtaMethod, policy: Policy, places: list[tuple[int, int]]) -> None:
        self.eta, self.policy = eta, policy
        self.fleet = Fleet()
        self.state = DispatchState()
        self.log: list[Event] = []
        self.steps: list[tuple[DispatchState, inputs.Input, int]] = []
        self.spent_s = 0.0
        self._busy_until_s = 0.0
        self._acks = 0
        self._due: list[tuple[float, int, inputs.Input]] = []
        for number, (lat_e7, lon_e7) in enumerate(places):
            unit_id = f"unit-{number:03}"
            self.fleet.register(unit_id, unit_id)
            self.fleet.apply_link(unit_id, Link(1, 1, True, "bench"), _START_MS)
            fix = Fix(_START_MS // 1000, lat_e7, lon_e7)
            self.fleet.apply_report(unit_id, Report(1, 0, [fix]), _START_MS, live=True)

    def plan(self, at_s: float, given: inputs.Input) -> None:
        """It will arrive then."""
        heapq.heappush(self._due, (at_s, len(self._due) + len(self.steps) * 1_000_000, given))

    def run(self, until_s: float) -> list[float]:
        """How long after its arrival each alert was decided on, in seconds."""
        took: list[float] = []
        while self._due and self._due[0][0] <= until_s:
            at_s, _, given = heapq.heappop(self._due)
            now_ms = _START_MS + round(max(at_s, self._busy_until_s) * 1000)
            self.steps.append((self.state, given, now_ms))
            began_s = time.process_time()
            done = step(self.state, given, now_ms, self.fleet, self.eta, self.policy)
            spent_s = time.process_time() - began_s
            self.spent_s += spent_s
            self._busy_until_s = max(at_s, self._busy_until_s) + spent_s
            self.state = done.state
            self.log += done.events
            if isinstance(given, inputs.AlertAccepted):
                took.append(self._busy_until_s - at_s)
            self._answer(done.orders)
        return took

    def _answer(self, orders: Iterable[OrderToSend]) -> None:
        for sent in orders:
            order, at_s = sent.order, self._busy_until_s
            kinds: tuple[tuple[int, float], ...] = ((ack.RECEIVED, 0.3),)
            if order.state == STATE_OFFERED:
                kinds += ((ack.ACCEPTED, _ANSWER_S),)
            elif order.state == STATE_ASSIGNED:
                kinds += ((ack.EN_ROUTE, 10), (ack.ON_SCENE, 25), (ack.CLEAR, 45))
            for kind, after_s in kinds:
                self._acks += 1
                said = ack.Ack(1, self._acks, order.order_id, order.revision, kind, 0)
                self.plan(at_s + after_s, inputs.AckArrived(sent.unit_id, said))


def measure(tell: Progress, seed: int = 1) -> dict[str, Any]:
    """The surge by straight line, as the road's share is measured by `sigap bench nearest`; its log folded, and its
    acknowledgements taken again."""
    eta = StraightLine(8.3)
    # All are cases of their own, so that each needs its decision.
    policy = replace(Policy(), queue=replace(QueueRules(), duplicate_within_s=0))
    dice = random.Random(seed)
    surge = Surge(eta, policy, [_somewhere(dice) for _ in range(UNITS)])
    for lat_e7, lon_e7 in [_somewhere(dice) for _ in range(ALERTS)]:
        at_s = dice.random() * SURGE_S
        at_ms = _START_MS + round(at_s * 1000)
        name = str(uuid.UUID(int=dice.getrandbits(128)))
        surge.plan(at_s, inputs.AlertAccepted(Alert(name, "emergency", lat_e7, lon_e7, 20, at_ms, at_ms)))
    everyone = tuple(sorted(unit.unit_id for unit in surge.fleet.units()))
    for second in range(13):
        surge.plan(second + 0.5, inputs.FleetChanged(everyone))
        surge.plan(float(second), inputs.Tick())
    tell("the surge")
    took = surge.run(until_s=12.0)
    tell("its log again")
    acks = [taken for taken in surge.steps if isinstance(taken[1], inputs.AckArrived)]
    return {
        "surge": {
            "alerts": len(took),
            "units": UNITS,
            "decided": summary_ms(took),
            "goal_ms": GOAL_DECIDED_MS,
            "reached": max(took) * 1000 <= GOAL_DECIDED_MS,
            "share_of_a_core": round(surge.spent_s / 12, 3),
        },
        "fold_events_per_s": _per_second(len(surge.log), lambda: _fold(surge.log)),
        "step_acks_per_s": _per_second(len(acks), lambda: _take(surge, acks)),
        "step_events_per_s": round(len(surge.log) / surge.spent_s),
        "events": len(surge.log),
        "goal_events_per_s": GOAL_EVENTS_PER_S,
    }


def _somewhere(dice: random.Random) -> tuple[int, int]:
    """In a city of 9 km by 9 km."""
    return -69_000_000 + dice.randint(-400_000, 400_000), 1_076_000_000 + dice.randint(-400_000, 400_000)


def _fold(log: list[Event]) -> None:
    state = DispatchState()
    for event in log:
        state = evolve(state, event)


def _take(surge: Surge, taken: list[tuple[DispatchState, inputs.Input, int]]) -> None:
    for state, given, now_ms in taken:
        step(state, given, now_ms, surge.fleet, surge.eta, surge.policy)


def _per_second(count: int, work: Callable[[], None], runs: int = 5) -> int:
    """The median of several runs."""
    times = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        times.append(time.process_time() - began_s)
    return round(count / sorted(times)[runs // 2])
