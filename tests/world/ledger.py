"""What the log amounts to, counted by hand: the rules that every log must keep."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import Event


class BrokenError(AssertionError):
    """A promise that was not kept."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise
        self.what = what


@dataclass(slots=True)
class Case:
    """One incident."""

    priority: int
    wanted: int = 1
    seq: int = 0
    offers: dict[int, str] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    asked_ms: dict[str, int] = field(default_factory=dict)
    is_closed: bool = False


class Ledger:
    """Every event in its turn. Raises BrokenError for one that must not be there."""

    def __init__(self) -> None:
        self.cases: dict[int, Case] = {}
        self._holders: dict[str, int] = {}
        self._last_order = 0
        self._alert_ids: set[str] = set()
        self.assigned: set[tuple[str, int]] = set()

    def add(self, event: Event, seq: int) -> None:
        """The next event of the log, `seq`th of its incident."""
        if isinstance(event, events.AlertReceived):
            self._alert(event)
        case = self.cases.get(event.incident_id)
        _must(case is not None, "every event belongs to an incident", event)
        assert case is not None
        case.seq += 1
        _must(seq == case.seq, "an incident's events are counted without gaps", event)
        handle = _RULES.get(type(event))
        if handle:
            handle(self, case, event)

    def _alert(self, event: events.AlertReceived) -> None:
        _must(event.incident_id == len(self.cases) + 1, "incidents are numbered without gaps", event)
        _must(event.alert_id not in self._alert_ids, "an alert becomes one incident", event)
        self._alert_ids.add(event.alert_id)
        self.cases[event.incident_id] = Case(event.priority)

    def _offered(self, case: Case, event: events.Offered) -> None:
        _must(not case.is_closed, "nothing is offered of what is over", event)
        _must(event.order_id > self._last_order, "no order's number is used twice", event)
        _must(event.unit_id not in self._holders, "a unit holds one order at a time", event)
        _must(len(case.owners) < case.wanted, "nobody is asked for a slot that has its owner", event)
        self._last_order = event.order_id
        self._holders[event.unit_id] = event.order_id
        case.offers[event.order_id] = event.unit_id
        self._ranked(case, event)

    def _ranked(self, case: Case, event: events.Offered) -> None:
        first = min(event.candidates, key=lambda candidate: (candidate.eta_s, candidate.unit_id))
        _must(first.unit_id == event.unit_id, "the first there is asked", event)
        free = [candidate.unit_id for candidate in event.candidates]
        _must(not self._holders.keys() & set(free) - {event.unit_id}, "nobody is a candidate who has an order", event)
        asked_before = [unit_id for unit_id in free if unit_id in case.asked_ms]
        _must(asked_before in ([], free), "nobody is asked again while somebody else is left", event)
        too_early = [unit_id for unit_id in asked_before if case.asked_ms[unit_id] > event.time_ms]
        _must(not too_early, "nobody is asked again before the time", event)

    def _ends(self, case: Case, event: events.OfferWithdrawn) -> None:
        _must(event.order_id in case.offers, "an offer ends once, and no assignment does so", event)
        self._free(case.offers.pop(event.order_id), event.order_id)

    def _asked(self, case: Case, event: Any) -> None:
        case.asked_ms[event.unit_id] = event.retry_ms

    def _assigned(self, case: Case, event: events.Assigned) -> None:
        _must(case.offers.get(event.order_id) == event.unit_id, "only who was asked is assigned", event)
        case.owners[event.order_id] = case.offers.pop(event.order_id)
        self.assigned.add((event.unit_id, event.order_id))
        _must(len(case.owners) <= case.wanted, "a slot has one owner", event)

    def _closed(self, case: Case, event: events.Closed) -> None:
        _must(not case.is_closed, "an incident ends once", event)
        case.is_closed = True
        _must(not case.offers, "no offer outlives its incident", event)
        for order_id, unit_id in case.owners.items():
            self._free(unit_id, order_id)
        case.owners.clear()

    def _free(self, unit_id: str, order_id: int) -> None:
        if self._holders.get(unit_id) == order_id:
            del self._holders[unit_id]


def _must(kept: bool, promise: str, event: Event) -> None:
    if not kept:
        raise BrokenError(promise, repr(event))


_RULES: dict[type[Event], Callable[[Ledger, Case, Any], None]] = {
    events.Offered: Ledger._offered,
    events.OfferWithdrawn: Ledger._ends,
    events.Declined: Ledger._asked,
    events.OfferTimedOut: Ledger._asked,
    events.Assigned: Ledger._assigned,
    events.Closed: Ledger._closed,
}
