"""What the log amounts to, counted by hand: the rules that every log must keep."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sigap_server.dispatch import events
from sigap_server.dispatch.events import SYSTEM, Candidate, Event
from sigap_server.dispatch.policy import URGENT, Mode


class BrokenError(AssertionError):
    """A promise that was not kept."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise
        self.what = what


@dataclass(slots=True)
class Case:
    """One incident.

    offers owners   order_id → unit_id
    fresh           the orders that were made by the last decision
    lost            units of `owners` that are out of contact
    """

    priority: int
    is_held: bool
    officer: str
    wanted: int = 1
    seq: int = 0
    offers: dict[int, str] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    owners: dict[int, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    asked_ms: dict[str, int] = field(default_factory=dict)
    is_closed: bool = False

    @property
    def needs_alarm(self) -> bool:
        """A P1 that nobody has of whom one hears."""
        return not self.is_closed and self.priority == URGENT and not set(self.owners.values()) - self.lost


class Ledger:
    """Every event in its turn. Raises BrokenError for one that must not be there."""

    def __init__(self) -> None:
        self.cases: dict[int, Case] = {}
        self.alerts: dict[str, int] = {}
        self.orders: dict[int, str] = {}
        self.ended_ms: dict[int, int] = {}
        self.assigned: set[tuple[str, int]] = set()
        self._holders: dict[str, int] = {}
        self._last_order = 0
        self._last_ms = 0
        self._touched: set[int] = set()

    def add(self, event: Event, seq: int) -> None:
        """The next event of the log, `seq`th of its incident."""
        _must(event.time_ms >= self._last_ms, "time in the log never runs backwards", event)
        self._last_ms = event.time_ms
        if isinstance(event, events.AlertReceived):
            self._alert(event)
        case = self.cases.get(event.incident_id)
        if case is None:
            raise BrokenError("every event belongs to an incident", repr(event))
        self._touched.add(event.incident_id)
        case.seq += 1
        _must(seq == case.seq, "an incident's events are counted without gaps", event)
        handle = _RULES.get(type(event))
        if handle:
            handle(self, case, event)

    def end_of_decision(self) -> None:
        """A commit is complete: what must hold between decisions holds."""
        for incident_id in self._touched:
            case = self.cases[incident_id]
            case.fresh.clear()
            if len(case.owners) > case.wanted:
                raise BrokenError("a slot has one owner", f"incident {incident_id}: {case}")
        self._touched.clear()

    def _alert(self, event: events.AlertReceived) -> None:
        _must(event.incident_id == len(self.cases) + 1, "incidents are numbered without gaps", event)
        known = self.alerts.get(event.alert_id)
        _must(known in (None, event.incident_id), "an alert belongs to one incident", event)
        self.alerts[event.alert_id] = event.incident_id
        self.cases[event.incident_id] = Case(event.priority, event.mode is Mode.RECOMMEND, event.officer)

    def _linked(self, case: Case, event: events.AlertLinked) -> None:
        _must(not case.is_closed, "nothing is linked to what is over", event)
        was = event.from_incident_id
        _must(self.alerts.get(event.alert_id) == was, "an alert belongs to one incident", event)
        self.alerts[event.alert_id] = event.incident_id

    def _unlinked(self, case: Case, event: events.AlertUnlinked) -> None:
        _must(self.alerts.get(event.alert_id) == event.incident_id, "an alert belongs to one incident", event)
        self.alerts[event.alert_id] = event.to_incident_id

    def _offered(self, case: Case, event: events.Offered) -> None:
        _must(not case.is_closed, "nothing is offered of what is over", event)
        _must(event.order_id > self._last_order, "no order's number is used twice", event)
        _must(event.unit_id not in self._holders, "a unit holds one order at a time", event)
        _must(event.unit_id != case.officer, "an officer in distress is not sent to their own help", event)
        has_place = event.replaces in case.owners or len(case.owners) < case.wanted
        _must(has_place, "nobody is asked for a slot that has its owner", event)
        if event.actor == SYSTEM:
            _must(not case.is_held, "nobody is asked without an operator where one must decide", event)
            _must(event.unit_id not in case.barred, "who was recalled is not asked again by itself", event)
            self._ranked(case, event)
        self._last_order = event.order_id
        self.orders[event.order_id] = event.unit_id
        self._holders[event.unit_id] = event.order_id
        case.offers[event.order_id] = event.unit_id
        case.fresh.add(event.order_id)

    def _ranked(self, case: Case, event: events.Offered) -> None:
        """By one decision several may be asked: then all that stand before this one were."""
        names = [candidate.unit_id for candidate in event.candidates]
        _must(event.unit_id in names, "only a candidate is asked", event)
        place = names.index(event.unit_id)
        with_it = {case.offers[order_id] for order_id in case.fresh if order_id in case.offers}
        _must(set(names[:place]) <= with_it, "the first there is asked", event)
        ranked = event.candidates
        _must(not any(map(_sooner, ranked[1:], ranked)), "candidates stand in the order of their arrival", event)
        busy = [one.unit_id for one in ranked if one.unit_id in self._holders and one.takes_from is None]
        _must(set(busy) <= with_it, "nobody is a candidate who has an order", event)
        asked_before = [unit_id for unit_id in names if unit_id in case.asked_ms]
        _must(asked_before in ([], names), "nobody is asked again while somebody else is left", event)
        too_early = [unit_id for unit_id in asked_before if case.asked_ms[unit_id] > event.time_ms]
        _must(not too_early, "nobody is asked again before the time", event)

    def _withdrawn(self, case: Case, event: events.OfferWithdrawn) -> None:
        _must(event.order_id in case.offers, "an offer ends once, and no assignment does so", event)
        self._free(case, case.offers, event, event.barred)

    def _asked(self, case: Case, event: Any) -> None:
        case.asked_ms[event.unit_id] = event.retry_ms

    def _assigned(self, case: Case, event: events.Assigned) -> None:
        _must(case.offers.get(event.order_id) == event.unit_id, "only who was asked is assigned", event)
        case.owners[event.order_id] = case.offers.pop(event.order_id)
        self.assigned.add((event.unit_id, event.order_id))
        _must(len(case.owners) <= case.wanted, "a slot has one owner", event)

    def _over(self, case: Case, event: Any) -> None:
        _must(event.order_id in case.owners, "only an assignment is recalled or done, and once", event)
        self._free(case, case.owners, event, getattr(event, "barred", False))
        case.wanted = getattr(event, "wanted", case.wanted)

    def _closed(self, case: Case, event: events.Closed) -> None:
        _must(not case.is_closed, "an incident ends once", event)
        case.is_closed = True
        _must(not case.offers, "no offer outlives its incident", event)
        _must(list(case.owners) in ([], [event.order_id]), "every unit is told of the end", event)
        if case.owners:
            self._free(case, case.owners, event, barred=False)

    def _link(self, case: Case, event: Any) -> None:
        (case.lost.add if isinstance(event, events.UnitLost) else case.lost.discard)(event.unit_id)

    def _wants(self, case: Case, event: Any) -> None:
        case.wanted = event.wanted

    def _priority(self, case: Case, event: events.PriorityChanged) -> None:
        case.priority = event.priority

    def _hold(self, case: Case, event: Event) -> None:
        case.is_held = isinstance(event, events.Held)

    def _free(self, case: Case, orders: dict[int, str], event: Any, barred: bool) -> None:
        unit_id = orders.pop(event.order_id)
        self.ended_ms[event.order_id] = event.time_ms
        case.lost.discard(unit_id)
        if barred:
            case.barred.add(unit_id)
        del self._holders[unit_id]


def _sooner(one: Candidate, other: Candidate) -> bool:
    """Whether it is certain that `one`, which stands behind the other, is there before it."""
    if one.takes_from is not None or other.takes_from is not None or one.eta_s is None or other.eta_s is None:
        return False
    if one.late_s is None or other.late_s is None:
        return (one.eta_s, one.unit_id) < (other.eta_s, other.unit_id)
    return one.late_s < (other.eta_s if other.early_s is None else other.early_s)


def _must(kept: bool, promise: str, event: Event) -> None:
    if not kept:
        raise BrokenError(promise, repr(event))


_RULES: dict[type[Event], Callable[[Ledger, Case, Any], None]] = {
    events.AlertLinked: Ledger._linked,
    events.AlertUnlinked: Ledger._unlinked,
    events.Offered: Ledger._offered,
    events.OfferWithdrawn: Ledger._withdrawn,
    events.Declined: Ledger._asked,
    events.OfferTimedOut: Ledger._asked,
    events.Assigned: Ledger._assigned,
    events.UnitLost: Ledger._link,
    events.UnitBack: Ledger._link,
    events.Recalled: Ledger._over,
    events.UnitDone: Ledger._over,
    events.PriorityChanged: Ledger._priority,
    events.NeedChanged: Ledger._wants,
    events.BackupRequested: Ledger._wants,
    events.Held: Ledger._hold,
    events.Released: Ledger._hold,
    events.Closed: Ledger._closed,
}
