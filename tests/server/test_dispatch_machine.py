"""Dispatch against units that run the firmware's own order book, over a network that delays, repeats and reorders.

Hypothesis plays citizens, officers, operators, the network, the clock and the server's restarts; after every step the
promises of dispatch are checked from outside, from the log and from what the cars believe.
"""

from collections import Counter, defaultdict

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.core import Step, decide
from sigap_server.dispatch.decision_record import pack
from sigap_server.dispatch.ends import places
from sigap_server.dispatch.orders import OrderToSend, open_orders
from sigap_server.dispatch.replay import Recorded, decide_again
from sigap_server.dispatch.state import DispatchState
from sigap_server.fleet import Duty, LinkState
from sigap_tracker.officer.orders import ASSIGNED, BUTTONS, CLEARED, OFFERED, ON_SCENE, OrderBook
from sigap_wire.ack import EMERGENCY, EMERGENCY_OVER, KIND_NAMES, Ack
from sigap_wire.link import Link
from sigap_wire.order import Order
from tests.server.dispatch_world import World, an_alert

UNITS = ("u-1", "u-2", "u-3", "u-4")
units = st.sampled_from(UNITS)
metres = st.integers(0, 5000)
OWNS = (ASSIGNED, ON_SCENE, CLEARED)


class Car:
    """A unit: its order book, and whether it is connected."""

    def __init__(self, has_time: bool) -> None:
        self.book = OrderBook()
        self.has_time = has_time
        self.online = True
        self.boot_id = 1
        self.connection = 1
        self.acks = 0

    def ack(self, due: tuple[int, int, int] | None) -> list[Ack]:
        if due is None:
            return []
        self.acks += 1
        order_id, revision, kind = due
        return [Ack(self.boot_id, self.acks, order_id, revision, kind, 0)]

    def owns(self) -> Order | None:
        return self.book.order if self.book.view in OWNS else None


class DispatchMachine(RuleBasedStateMachine):
    @initialize(
        places=st.lists(metres, min_size=len(UNITS), max_size=len(UNITS)),
        at_once=st.integers(1, 2),
        links=st.booleans(),
        watched=st.booleans(),
    )
    def begin(self, places: list[int], at_once: int, links: bool, watched: bool) -> None:
        self.world = World(
            units=0,
            offer={"at_once": (at_once, 1, 1, 1, 1), "broadcast_after": (2, 3, 0, 0, 0)},
            queue={"duplicate_within_s": 300 if links else 0},
            watch={"turnout_s": 60, "away_s": 60, "slip_s": 120, "lost_after_s": 60} if watched else {},
        )
        self.alert_ids: list[str] = []
        self.cars = {unit_id: Car(has_time=unit_id != "u-4") for unit_id in UNITS}
        self.to_units: list[OrderToSend] = []
        self.to_server: list[tuple[str, Ack]] = []
        self.revisions: dict[int, Order] = {}
        for unit_id, place in zip(UNITS, places, strict=True):
            self.world.add_unit(unit_id, place)

    # What happens.

    @rule(
        kind=st.sampled_from(["emergency", "emergency", "drill"]),
        again=st.booleans(),
        caller=st.builds(
            inputs.Caller,
            source=st.sampled_from([events.Source.CITIZEN, events.Source.OPERATOR]),
            presses=st.integers(1, 4),
            real=st.integers(0, 2),
            false=st.integers(0, 3),
        ),
        priority=st.sampled_from([None, None, 1, 2, 4]),
    )
    def press(self, kind: str, again: bool, caller: inputs.Caller, priority: int | None) -> None:
        self.world.alerts += 1
        alert = an_alert(self.world.alerts, kind, self.world.now_ms)
        self.alert_ids.append(alert.alert_id)
        for _ in range(1 + again):
            done = self.world.give(inputs.AlertAccepted(alert, caller, priority=priority))
            self.give(done)
        assert not again or done.events == ()

    @precondition(lambda self: self.alert_ids)
    @rule(data=st.data(), confirmed=st.booleans())
    def caller_wants_it_cancelled(self, data: st.DataObject, confirmed: bool) -> None:
        alert_id = data.draw(st.sampled_from(self.alert_ids))
        self.give(self.world.give(inputs.CancelAsked(alert_id, "a mistake", confirmed)))

    @precondition(lambda self: self.to_units)
    @rule(data=st.data(), again=st.booleans())
    def deliver_order(self, data: st.DataObject, again: bool) -> None:
        index = data.draw(st.integers(0, len(self.to_units) - 1))
        sent = self.to_units[index] if again else self.to_units.pop(index)
        car = self.cars[sent.unit_id]
        if car.online:
            self.answer(sent.unit_id, car.book.receive(sent.order, self.unit_time_s(car), self.uptime_s()))

    @precondition(lambda self: self.to_server)
    @rule(data=st.data(), again=st.booleans())
    def deliver_ack(self, data: st.DataObject, again: bool) -> None:
        index = data.draw(st.integers(0, len(self.to_server) - 1))
        unit_id, ack = self.to_server[index] if again else self.to_server.pop(index)
        self.give(self.world.give(inputs.AckArrived(unit_id, ack)))

    @rule()
    def deliver_everything_in_order(self) -> None:
        for _ in range(6):
            orders, self.to_units = self.to_units, []
            for sent in orders:
                car = self.cars[sent.unit_id]
                if car.online:
                    self.answer(sent.unit_id, car.book.receive(sent.order, self.unit_time_s(car), self.uptime_s()))
            acks, self.to_server = self.to_server, []
            for unit_id, ack in acks:
                self.give(self.world.give(inputs.AckArrived(unit_id, ack)))

    @rule(unit_id=units, button=st.sampled_from(BUTTONS))
    def officer_presses(self, unit_id: str, button: str) -> None:
        car = self.cars[unit_id]
        self.answer(unit_id, car.book.press(button, self.unit_time_s(car), self.uptime_s()))

    @rule(unit_id=units, speed_cmps=st.sampled_from([0, 199, 200, 1500]))
    def car_moves(self, unit_id: str, speed_cmps: int) -> None:
        self.answer(unit_id, self.cars[unit_id].book.moved(speed_cmps))

    @rule(
        unit_id=st.sampled_from([*UNITS, "u-99"]),
        order_id=st.integers(1, 12),
        revision=st.integers(1, 4),
        kind=st.sampled_from([KIND_NAMES.index("received"), KIND_NAMES.index("declined"), KIND_NAMES.index("expired")]),
    )
    def forged_ack(self, unit_id: str, order_id: int, revision: int, kind: int) -> None:
        """A forger cannot be told from a unit if it names the right one; what it may do is delay, never double."""
        self.give(self.world.give(inputs.AckArrived(unit_id, Ack(1, 0, order_id, revision, kind, 0))))

    @rule(unit_id=units, place=metres, live=st.booleans(), told=st.booleans())
    def report(self, unit_id: str, place: int, live: bool, told: bool) -> None:
        if self.cars[unit_id].online:
            self.world.place(unit_id, place, live)
            if told:
                self.give(self.world.give(inputs.FleetChanged((unit_id,))))

    @rule(unit_id=units, duty=st.sampled_from(list(Duty)))
    def change_duty(self, unit_id: str, duty: Duty) -> None:
        self.world.fleet.set_duty(unit_id, duty)
        self.give(self.world.give(inputs.FleetChanged()))

    @rule(unit_id=units, session_is_lost=st.booleans(), reboots=st.booleans())
    def disconnect(self, unit_id: str, session_is_lost: bool, reboots: bool) -> None:
        car = self.cars[unit_id]
        if not car.online:
            return
        car.online = False
        if session_is_lost:
            self.to_units = [sent for sent in self.to_units if sent.unit_id != unit_id]
        link = Link(car.boot_id, car.connection, False, "test")
        if reboots:
            # What it had not sent is gone too, as are its order and its numbers of known revisions.
            self.to_server = [(other, ack) for other, ack in self.to_server if other != unit_id]
            car.book = OrderBook()
            car.boot_id += 1
            car.connection = 0
        self.world.fleet.apply_link(unit_id, link, self.world.now_ms)
        self.give(self.world.give(inputs.UnitLost(unit_id)))

    @rule(unit_id=units)
    def connect(self, unit_id: str) -> None:
        car = self.cars[unit_id]
        if not car.online:
            car.online = True
            car.connection += 1
            self.world.fleet.apply_link(unit_id, Link(car.boot_id, car.connection, True, "test"), self.world.now_ms)
            self.give(self.world.give(inputs.UnitBack(unit_id)))

    @rule(data=st.data())
    def operator_decides(self, data: st.DataObject) -> None:
        number = st.integers(1, max(1, self.world.state.next_incident_id))
        common = {"incident_id": number, "actor": st.just("operator:sari")}
        any_unit = st.sampled_from([*UNITS, "u-99"])
        choice = data.draw(
            st.one_of(
                st.builds(inputs.Present, **common),
                st.builds(inputs.Answer, **common),
                st.builds(inputs.Verify, **common, verdict=st.sampled_from(events.Verdict)),
                st.builds(inputs.Dispatch, **common),
                st.builds(
                    inputs.Dispatch,
                    **common,
                    unit_id=any_unit,
                    reason=st.sampled_from(["knows the house", ""]),
                    instead_of=st.sampled_from(["", *UNITS]),
                ),
                st.builds(inputs.SetPriority, **common, priority=st.integers(0, 6)),
                st.builds(inputs.SetNeed, **common, wanted=st.integers(0, 3)),
                st.builds(inputs.RequestBackup, **common, units=st.integers(0, 2)),
                st.builds(inputs.Recall, **common, unit_id=any_unit),
                st.builds(inputs.LinkIncident, **common, to_incident_id=number),
                st.builds(inputs.UnlinkAlert, **common, alert_id=st.sampled_from([*self.alert_ids, "none"])),
                st.builds(inputs.RefuseCancel, **common),
                st.builds(inputs.CloseIncident, **common, disposition=st.just("handled")),
            )
        )
        done = self.world.give(choice)
        assert bool(done.refused) is bool(done.why_refused)
        self.give(done)

    @rule(unit_id=units, lasts=st.booleans())
    def officer_in_distress(self, unit_id: str, lasts: bool) -> None:
        car = self.cars[unit_id]
        car.acks += 1
        kind = EMERGENCY if lasts else EMERGENCY_OVER
        self.world.fleet.apply_distress(unit_id, Ack(car.boot_id, car.acks, 0, 0, kind, 0), self.world.now_ms)
        self.give(self.world.give(inputs.FleetChanged((unit_id,))))

    @rule(seconds=st.sampled_from([0, 0.001, 1, 4.999, 5, 29, 30, 61, 301]), heard=st.booleans())
    def time_passes(self, seconds: float, heard: bool) -> None:
        self.give(self.world.tick(seconds, heard))
        for unit_id, car in self.cars.items():
            self.answer(unit_id, car.book.tick(self.unit_time_s(car), self.uptime_s()))
        self.check_after_tick()

    @rule()
    def server_restarts(self) -> None:
        before = self.world.state
        self.world.restart()
        assert self.world.state == before
        self.send(open_orders(self.world.state))

    # What must hold.

    @invariant()
    def no_place_has_two_owners_and_no_unit_two_orders(self) -> None:
        open_orders_now: dict[int, events.Offered] = {}
        owners: Counter[int] = Counter()
        wanted: defaultdict[int, int] = defaultdict(lambda: 1)
        for event in self.log():
            if isinstance(event, events.Offered):
                open_orders_now[event.order_id] = event
            elif isinstance(event, events.OfferWithdrawn):
                del open_orders_now[event.order_id]
            elif isinstance(event, events.UnitDone | events.Recalled):
                del open_orders_now[event.order_id]
                owners[event.incident_id] -= 1
            elif isinstance(event, events.Closed):
                open_orders_now = {i: o for i, o in open_orders_now.items() if o.incident_id != event.incident_id}
            elif isinstance(event, events.Assigned):
                assert event.order_id in open_orders_now
                owners[event.incident_id] += 1
                assert owners[event.incident_id] <= wanted[event.incident_id]
            elif isinstance(event, events.NeedChanged | events.BackupRequested):
                wanted[event.incident_id] = event.wanted
            if isinstance(event, events.UnitDone):
                wanted[event.incident_id] = event.wanted
            holders = [offer.unit_id for offer in open_orders_now.values()]
            assert len(set(holders)) == len(holders)
        assert dict(self.state().by_unit) == {o.unit_id: (o.incident_id, o.order_id) for o in open_orders_now.values()}

    @invariant()
    def no_more_cars_believe_they_go_than_are_wanted(self) -> None:
        """But for cars that have not heard of the end of their order yet."""
        open_now = {order.order_id for order in self.state().open_orders()}
        owned = Counter(
            order.incident_id
            for order in (car.owns() for car in self.cars.values())
            if order and order.order_id in open_now
        )
        assert all(number <= self.state().incidents[incident_id].wanted for incident_id, number in owned.items())

    @invariant()
    def every_emergency_has_an_owner_or_an_alarm(self) -> None:
        for incident in self.state().incidents.values():
            in_contact = [order for order in incident.owners if not order.unit_lost]
            assert incident.priority != 1 or in_contact or events.Alarm.UNOWNED in incident.alarms

    @invariant()
    def every_alert_has_its_incident(self) -> None:
        belongs = {}
        for event in self.log():
            if isinstance(event, events.AlertEvent):
                belongs[event.alert_id] = event.incident_id
        assert set(self.alert_ids) <= set(belongs)
        still_open = {alert_id: i for alert_id, i in belongs.items() if i in self.state().incidents}
        assert dict(self.state().by_alert) == still_open

    @invariant()
    def a_car_that_believes_it_is_assigned_was_assigned(self) -> None:
        assigned = {(event.unit_id, event.order_id) for event in self.log() if isinstance(event, events.Assigned)}
        for unit_id, car in self.cars.items():
            order = car.owns()
            assert order is None or (unit_id, order.order_id) in assigned

    @invariant()
    def no_alert_is_lost(self) -> None:
        closed = {event.incident_id for event in self.log() if isinstance(event, events.Closed)}
        assert set(self.state().incidents) == set(range(1, self.state().next_incident_id)) - closed

    @invariant()
    def the_indices_say_what_the_incidents_say(self) -> None:
        state = self.state()
        assert state.unfilled == {i for i, incident in state.incidents.items() if incident.missing}
        assert dict(state.by_alert) == {a: i for i, incident in state.incidents.items() for a in incident.alert_ids}
        assert dict(state.officers) == {one.officer: i for i, one in state.incidents.items() if one.officer}

    def check_after_tick(self) -> None:
        """No offer outlives its deadline, and nobody waits while a car could be asked."""
        world, state = self.world, self.state()
        for order in state.open_orders():
            assert order.unit_lost is world.fleet.unit(order.unit_id).is_lost
            assert order.is_assignment or (order.deadline_ms > world.now_ms and not order.unit_lost)
        for incident in state.incidents.values():
            room = 0 if incident.held else places(incident, world.policy) - len(incident.offers)
            assert room >= -len([order for order in incident.offers if order.replaces is not None])
            if not room or incident.offers:
                continue
            for unit in world.fleet.units():
                position = unit.position
                free = unit.duty is Duty.AVAILABLE and unit.unit_id not in state.by_unit and not unit.in_emergency
                heard = unit.link is LinkState.FRESH and position is not None and position.live
                recent = position is not None and world.now_ms - position.received_ms <= 60_000
                may = self.asked_ms(incident.incident_id, self.log()).get(unit.unit_id, 0) <= world.now_ms
                wanted = unit.unit_id not in incident.barred and unit.unit_id != incident.officer
                assert not (free and heard and recent and may and wanted), f"{unit.unit_id} could serve {incident}"

    def check_choice(self, done: Step) -> None:
        """Every choice follows again from what is kept of it."""
        log = [
            Recorded(event, pack(*done.weighings[i]), self.world.policy) if i in done.weighings else Recorded(event)
            for i, event in enumerate(done.events)
        ]
        kept = {entry.event.incident_id for entry in log if entry.record}
        assert all(
            (i in done.weighings) == isinstance(event, events.Offered | events.NoUnit | events.BetterUnit)
            for i, event in enumerate(done.events)
        )
        for event in done.events:
            if not isinstance(event, events.Offered) or event.override:
                continue
            assert event.eligible_count + sum(event.excluded_counts.values()) == len(UNITS)
            assert event.unit_id in {candidate.unit_id for candidate in event.candidates}
        for incident_id in kept:
            for decision in decide_again(incident_id, log):
                if set(decision.event.together) <= kept:
                    assert decision.is_same

    @staticmethod
    def asked_ms(incident_id: int, log: list[events.Event]) -> dict[str, int]:
        """Who declined or did not answer, and when they may be asked again."""
        return {
            event.unit_id: event.retry_ms
            for event in log
            if isinstance(event, events.Declined | events.OfferTimedOut) and event.incident_id == incident_id
        }

    def check_revisions(self, order: Order) -> None:
        before = self.revisions.get(order.order_id)
        if before is None:
            assert order.revision == 1
        elif order.revision == before.revision:
            assert order == before
        else:
            assert order.revision == before.revision + 1
        self.revisions[order.order_id] = order

    # How it is played.

    def state(self) -> DispatchState:
        return self.world.state

    def log(self) -> list[events.Event]:
        return self.world.log

    def give(self, done: Step) -> None:
        self.check_choice(done)
        self.send(done.orders)
        assert not (done.refused and done.events)
        told = {sent.order.order_id for sent in done.orders}
        for event in done.events:
            if isinstance(
                event,
                events.Offered
                | events.Assigned
                | events.OfferWithdrawn
                | events.Recalled
                | events.UnitDone
                | events.LateAckRefused,
            ):
                assert event.order_id in told

    def send(self, orders: tuple[OrderToSend, ...]) -> None:
        for sent in orders:
            assert Order.decode(sent.order.encode()) == sent.order
            self.check_revisions(sent.order)
        self.to_units += orders

    def answer(self, unit_id: str, due: tuple[int, int, int] | None) -> None:
        self.to_server += [(unit_id, ack) for ack in self.cars[unit_id].ack(due)]

    def unit_time_s(self, car: Car) -> int:
        return self.world.now_ms // 1000 if car.has_time else 0

    def uptime_s(self) -> int:
        return self.world.now_ms // 1000

    def teardown(self) -> None:
        """Once the network is well and officers answer, every incident comes to its end."""
        if not hasattr(self, "world"):
            return
        for unit_id, car in self.cars.items():
            self.officer_in_distress(unit_id, lasts=False)
            self.world.fleet.set_duty(unit_id, Duty.AVAILABLE)
            if car.online:
                self.disconnect(unit_id, session_is_lost=False, reboots=False)
            self.connect(unit_id)
            self.world.place(unit_id, 1000)
        for incident in list(self.state().incidents.values()):
            number = incident.incident_id
            if number not in self.state().incidents:
                continue
            self.give(self.world.give(inputs.SetNeed(number, "operator:sari", max(1, len(incident.owners)))))
            if incident.officer or incident.barred:
                self.give(self.world.give(inputs.CloseIncident(number, "operator:sari", "over")))
        for _ in range(20 + 4 * len(self.state().incidents)):
            for incident in self.state().incidents.values():
                if incident.held:
                    self.give(self.world.give(inputs.Dispatch(incident.incident_id, "operator:sari")))
            self.deliver_everything_in_order()
            for unit_id, car in self.cars.items():
                button = {OFFERED: "accept", ASSIGNED: "on_scene"}.get(car.book.view, "clear")
                self.officer_presses(unit_id, button)
            self.deliver_everything_in_order()
            self.time_passes(3, heard=True)
        assert not self.state().incidents
        assert (
            decide(self.state(), inputs.Tick(), self.world.now_ms, self.world.fleet, self.world.eta, self.world.policy)
            == ()
        )
        assert open_orders(self.state()) == ()


TestDispatchMachine = DispatchMachine.TestCase
TestDispatchMachine.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
