"""Every rule of dispatch, one by one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.core import Step, decide
from sigap_server.dispatch.orders import open_orders, orders_for, unit_orders
from sigap_server.dispatch.refusals import Refusal
from sigap_server.dispatch.state import FINISHED_KEPT, Phase, next_deadline_ms
from sigap_server.dispatch.status import unit_status
from sigap_server.fleet import Duty
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, EN_ROUTE, EXPIRED, ON_SCENE, RECEIVED, Ack
from sigap_wire.order import (
    REASON_DUPLICATE,
    REASON_NONE,
    REASON_SUPERSEDED,
    REASON_UNANSWERED,
    REASON_UNIT_LOST,
    REASON_WITHDRAWN,
    STATE_ASSIGNED,
    STATE_CANCELLED,
    STATE_CLOSED,
    STATE_OFFERED,
    TEXT_MAX_BYTES,
)
from tests.server.dispatch_world import START_MS, World, an_alert, kinds, sent

BUTTONS_OF_OWNER = [EN_ROUTE, ON_SCENE, CLEAR]


def assigned_world(units: int = 3) -> World:
    world = World(units)
    world.press()
    world.ack("u-1", RECEIVED)
    world.ack("u-1", ACCEPTED)
    world.ack("u-1", RECEIVED, revision=2)
    return world


def test_an_alert_is_offered_to_the_nearest_unit_at_once() -> None:
    world = World()
    done = world.press(text="tolong")
    assert kinds(done) == ["alert_received", "offered"]
    assert sent(done) == [("u-1", 1, 1, STATE_OFFERED)]
    order = done.orders[0].order
    assert (order.incident_id, order.eta_s, order.text, order.priority) == (1, 100, "tolong", 1)
    assert order.expiry_time_s == START_MS // 1000 + 30
    assert (world.incident().phase, world.incident().unit_id) == (Phase.OFFERED, "u-1")


def test_the_whole_way_from_press_to_clear() -> None:
    world = World()
    told = [world.press()]
    for kind, revision in ((RECEIVED, 1), (ACCEPTED, 1), (RECEIVED, 2), (EN_ROUTE, 2), (ON_SCENE, 2), (CLEAR, 2)):
        world.now_ms += 1000
        told.append(world.ack("u-1", kind, revision=revision))
    told.append(world.ack("u-1", RECEIVED, revision=3))
    assert [kind for done in told for kind in kinds(done)] == [
        "alert_received",
        "offered",
        "order_received",
        "accepted",
        "assigned",
        "update_received",
        "en_route",
        "on_scene",
        "clear",
        "closed",
        "update_received",
    ]
    assert [order for done in told for order in sent(done)] == [
        ("u-1", 1, 1, STATE_OFFERED),
        ("u-1", 1, 2, STATE_ASSIGNED),
        ("u-1", 1, 3, STATE_CLOSED),
    ]
    closed = world.log[-2]
    assert isinstance(closed, events.Closed)
    assert (closed.disposition, closed.actor) == ("cleared_by_unit", "unit:u-1")
    assert not world.state.incidents
    assert not world.state.by_unit
    assert not world.state.by_alert


def test_the_status_follows_the_incident() -> None:
    world = World()
    statuses = []
    world.press()
    for kind, revision in ((RECEIVED, 1), (ACCEPTED, 1), (EN_ROUTE, 2), (ON_SCENE, 2), (CLEAR, 2)):
        statuses.append(unit_status(world.fleet.unit("u-1"), world.state))
        world.ack("u-1", kind, revision=revision)
    assert statuses == ["offered", "offered", "assigned", "en_route", "on_scene"]
    assert unit_status(world.fleet.unit("u-1"), world.state) == "available"
    world.fleet.set_duty("u-1", Duty.OFF_DUTY)
    assert unit_status(world.fleet.unit("u-1"), world.state) == "off_duty"


def test_the_same_alert_again_is_the_same_incident() -> None:
    world = World()
    world.press()
    assert kinds(world.give(inputs.AlertAccepted(an_alert(1)))) == []
    assert list(world.state.incidents) == [1]


def test_two_alerts_go_to_two_units() -> None:
    world = World()
    world.press()
    assert sent(world.press()) == [("u-2", 2, 1, STATE_OFFERED)]


def test_an_emergency_goes_before_drills_that_waited_longer() -> None:
    world = World(units=0)
    world.press("drill")
    world.press("emergency")
    world.add_unit("u-1", 1000)
    done = world.give(inputs.FleetChanged(("u-1",)))
    assert [event.incident_id for event in done.events] == [2]
    assert (done.orders[0].order.priority, done.orders[0].order.kind) == (1, 0)


class TestOffersEnd:
    def test_a_decline_passes_the_offer_on_at_once(self) -> None:
        world = World()
        world.press()
        done = world.ack("u-1", DECLINED)
        assert kinds(done) == ["declined", "offer_withdrawn", "offered"]
        assert sent(done) == [("u-1", 1, 2, STATE_CANCELLED), ("u-2", 2, 1, STATE_OFFERED)]

    def test_no_receipt_in_time(self) -> None:
        world = World()
        world.press()
        assert next_deadline_ms(world.state, world.now_ms) == START_MS + 5000
        assert kinds(world.tick(4.999)) == []
        done = world.tick(0.001)
        assert kinds(done) == ["offer_timed_out", "offer_withdrawn", "offered"]
        assert getattr(done.events[0], "deadline", None) == events.Deadline.RECEIPT
        assert sent(done) == [("u-1", 1, 2, STATE_CANCELLED), ("u-2", 2, 1, STATE_OFFERED)]

    def test_received_but_not_accepted_in_time(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", RECEIVED)
        assert next_deadline_ms(world.state, world.now_ms) == START_MS + 30_000
        assert kinds(world.tick(29.999)) == []
        done = world.tick(0.001)
        assert getattr(done.events[0], "deadline", None) == events.Deadline.ACCEPT
        assert world.incident().unit_id == "u-2"

    def test_the_unit_itself_says_that_it_is_too_late(self) -> None:
        world = World()
        world.press()
        done = world.ack("u-1", EXPIRED)
        assert kinds(done) == ["offer_timed_out", "offer_withdrawn", "offered"]
        assert (getattr(done.events[0], "deadline", None), done.events[0].actor) == ("expiry", "unit:u-1")

    def test_a_unit_lost_while_only_asked_passes_the_offer_on(self) -> None:
        world = World()
        world.press()
        done = world.disconnect("u-1")
        assert kinds(done) == ["unit_lost", "offer_withdrawn", "offered"]
        assert sent(done) == [("u-1", 1, 2, STATE_CANCELLED), ("u-2", 2, 1, STATE_OFFERED)]

    def test_a_tick_finds_a_lost_unit_too(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", RECEIVED)
        world.disconnect("u-2")
        world.fleet.age(world.now_ms + 400_000)
        assert kinds(world.give(inputs.Tick()))[:2] == ["unit_lost", "offer_withdrawn"]

    def test_a_unit_not_heard_of_since_the_servers_start_is_not_taken_for_lost(self) -> None:
        world = World(units=1)
        world.press()
        world.fleet.register("u-1", "U-1")
        assert kinds(world.give(inputs.Tick())) == []

    def test_an_operator_who_closes_the_incident_ends_the_offer(self) -> None:
        world = World(units=1)
        world.press()
        done = world.give(inputs.CloseIncident(1, "operator:sari", "false alarm"))
        assert kinds(done) == ["offer_withdrawn", "closed"]
        assert sent(done) == [("u-1", 1, 2, STATE_CANCELLED)]
        told = done.orders[0].order
        assert (told.reason, told.text) == (REASON_WITHDRAWN, "incident closed")
        assert {event.actor for event in done.events} == {"operator:sari"}

    def test_an_operator_who_finds_a_duplicate_says_so(self) -> None:
        world = World(units=1)
        world.press()
        done = world.give(inputs.CloseIncident(1, "operator:sari", inputs.DUPLICATE))
        assert (done.orders[0].order.reason, done.orders[0].order.text) == (REASON_DUPLICATE, "known already")

    @pytest.mark.parametrize(
        ("end", "reason", "text"),
        [
            (lambda world: world.tick(5), REASON_UNANSWERED, "no answer in time"),
            (lambda world: world.ack("u-1", EXPIRED), REASON_UNANSWERED, "no answer in time"),
            (lambda world: world.ack("u-1", DECLINED), REASON_NONE, "declined"),
            (lambda world: world.disconnect("u-1"), REASON_UNIT_LOST, "connection was lost"),
        ],
    )
    def test_a_unit_is_told_why_its_offer_ended(self, end: Callable[[World], Step], reason: int, text: str) -> None:
        world = World(units=1)
        world.press(text="help")
        (told,) = [to_send.order for to_send in end(world).orders]
        assert (told.state, told.reason, told.text) == (STATE_CANCELLED, reason, text)

    def test_an_open_order_has_the_callers_words_and_no_reason(self) -> None:
        world = World(units=1)
        offered = world.press(text="help").orders[0].order
        assigned = world.ack("u-1", ACCEPTED).orders[0].order
        assert [(told.reason, told.text, told.street) for told in (offered, assigned)] == [
            (REASON_NONE, "help", "")
        ] * 2

    def test_several_deadlines_end_in_one_tick(self) -> None:
        world = World(units=2)
        world.press()
        world.press()
        done = world.tick(60)
        ended = [event.order_id for event in done.events if isinstance(event, events.OfferTimedOut)]
        assert ended == [1, 2]
        assert {incident.unit_id for incident in world.state.incidents.values()} == {"u-1", "u-2"}


class TestAssignment:
    def test_acceptance_is_confirmed_with_a_higher_revision(self) -> None:
        world = World()
        world.press()
        done = world.ack("u-1", ACCEPTED)
        assert kinds(done) == ["accepted", "assigned"]
        assert sent(done) == [("u-1", 1, 2, STATE_ASSIGNED)]

    def test_acceptance_says_that_the_order_was_received(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", ACCEPTED)
        assert kinds(world.tick(3600)) == ["came_nearer"]
        assert world.incident().phase is Phase.ASSIGNED

    def test_acceptance_counts_until_the_offer_is_taken_back(self) -> None:
        """After a pause of the server the officer's answer comes first, then the tick."""
        world = World()
        world.press()
        world.ack("u-1", RECEIVED)
        world.now_ms += 45_000
        assert kinds(world.ack("u-1", ACCEPTED)) == ["accepted", "assigned"]

    def test_a_lost_unit_keeps_its_assignment(self) -> None:
        world = assigned_world()
        assert kinds(world.disconnect("u-1")) == ["unit_lost"]
        assert kinds(world.disconnect("u-1")) == []
        assert kinds(world.tick(600)) == ["warned", "better_unit"]
        assert (world.incident().phase, world.incident().unit_id) == (Phase.ASSIGNED, "u-1")
        done = world.connect("u-1")
        assert kinds(done) == ["unit_back"]
        assert sent(done) == [("u-1", 1, 2, STATE_ASSIGNED)]
        assert kinds(world.connect("u-1")) == []

    def test_a_lost_unit_that_is_heard_again_is_back(self) -> None:
        world = assigned_world(units=1)
        world.now_ms += 400_000
        world.fleet.age(world.now_ms)
        assert kinds(world.give(inputs.Tick())) == ["unit_lost", "warned"]
        world.place("u-1", 500)
        assert kinds(world.give(inputs.FleetChanged(("u-1",)))) == ["unit_back"]

    def test_on_scene_without_en_route(self) -> None:
        world = assigned_world()
        assert kinds(world.ack("u-1", ON_SCENE, revision=2)) == ["on_scene"]
        assert kinds(world.ack("u-1", EN_ROUTE, revision=2)) == []  # late, and no step back
        assert world.incident().phase is Phase.ON_SCENE

    def test_clear_without_anything_before_is_the_end_of_a_drill_alone(self) -> None:
        world = World(units=1)
        world.press("drill")
        world.ack("u-1", ACCEPTED)
        assert kinds(world.ack("u-1", CLEAR, revision=2)) == ["clear", "closed"]
        world = assigned_world()
        assert kinds(world.ack("u-1", CLEAR, revision=2)) == ["clear", "unit_done", "held"]

    def test_a_unit_that_is_clear_takes_the_next_incident(self) -> None:
        world = assigned_world(units=1)
        world.press()
        world.ack("u-1", ON_SCENE, revision=2)
        done = world.ack("u-1", CLEAR, revision=2)
        assert kinds(done) == ["clear", "closed", "offered"]
        assert sent(done) == [("u-1", 1, 3, STATE_CLOSED), ("u-1", 2, 1, STATE_OFFERED)]

    def test_an_operator_closes_it(self) -> None:
        world = assigned_world()
        done = world.give(inputs.CloseIncident(1, "operator:sari", "handled by phone"))
        assert kinds(done) == ["closed"]
        assert sent(done) == [("u-1", 1, 3, STATE_CLOSED)]
        assert done.orders[0].order.text == "handled by phone"


class TestNobody:
    def test_no_unit_is_said_once(self) -> None:
        world = World(units=0)
        assert kinds(world.press()) == ["alert_received", "no_unit"]
        assert kinds(world.tick(1)) == []
        assert world.incident().phase is Phase.WAITING

    def test_and_once_more_after_there_was_an_offer(self) -> None:
        world = World(units=1)
        world.press()
        assert kinds(world.ack("u-1", DECLINED)) == ["declined", "offer_withdrawn", "no_unit"]
        assert kinds(world.tick(30)) == ["broadcast", "offered", "alarm_raised"]
        assert kinds(world.ack("u-1", DECLINED, order_id=2)) == ["declined", "offer_withdrawn", "no_unit"]

    def test_a_unit_that_appears_is_asked(self) -> None:
        world = World(units=0)
        world.press()
        world.add_unit("u-1", 1000)
        assert kinds(world.give(inputs.FleetChanged(("u-1",)))) == ["offered"]

    def test_a_unit_that_cannot_be_asked_changes_nothing(self) -> None:
        world = World(units=0)
        world.press()
        world.add_unit("u-1", 1000)
        world.fleet.set_duty("u-1", Duty.OFF_DUTY)
        assert kinds(world.give(inputs.FleetChanged(("u-1",)))) == []
        assert kinds(world.give(inputs.FleetChanged(("u-77",)))) == []
        world.fleet.set_duty("u-1", Duty.AVAILABLE)
        assert kinds(world.give(inputs.FleetChanged())) == ["offered"]

    def test_who_declined_is_asked_again_only_after_a_while_and_when_nobody_else_is_left(self) -> None:
        world = World(units=2)
        world.press()
        world.ack("u-1", DECLINED)
        world.ack("u-2", RECEIVED, order_id=2)
        world.tick(29)
        assert kinds(world.ack("u-2", DECLINED, order_id=2)) == ["declined", "offer_withdrawn", "no_unit"]
        assert next_deadline_ms(world.state, world.now_ms) == START_MS + 30_000
        assert kinds(world.tick(0.999)) == []
        done = world.tick(0.001)
        assert [(event.unit_id, event.order_id) for event in done.events if isinstance(event, events.Offered)] == [
            ("u-1", 3)
        ]
        assert "asked again as nobody else is left" in getattr(done.events[1], "why", "")

    def test_somebody_new_is_asked_before_who_declined(self) -> None:
        world = World(units=1)
        world.press()
        world.ack("u-1", DECLINED)
        world.add_unit("u-9", 9000)
        world.tick(60)
        assert world.incident().unit_id == "u-9"

    def test_a_decline_is_about_one_incident(self) -> None:
        world = World(units=1)
        world.press()
        world.ack("u-1", DECLINED)
        assert sent(world.press()) == [("u-1", 2, 1, STATE_OFFERED)]

    def test_a_unit_that_was_lost_may_be_asked_again_when_it_is_back(self) -> None:
        world = World(units=1)
        world.press()
        world.disconnect("u-1")
        assert world.incident().phase is Phase.WAITING
        done = world.connect("u-1")
        assert kinds(done) == ["offered"]
        assert sent(done) == [("u-1", 1, 2, STATE_CANCELLED), ("u-1", 2, 1, STATE_OFFERED)]

    def test_a_passed_retry_is_no_deadline(self) -> None:
        world = World(units=1)
        world.press()
        world.ack("u-1", DECLINED)
        world.fleet.set_duty("u-1", Duty.OFF_DUTY)
        world.tick(31)
        assert next_deadline_ms(world.state, world.now_ms) is None


class TestAcks:
    @pytest.mark.parametrize("kind", [RECEIVED, ACCEPTED, EN_ROUTE, ON_SCENE])
    def test_a_repeated_ack_is_no_event(self, kind: int) -> None:
        world = assigned_world()
        if kind in BUTTONS_OF_OWNER:
            assert kinds(world.ack("u-1", kind, revision=2)) != []
        again = world.ack("u-1", kind)
        assert (kinds(again), sent(again), again.refused) == ([], [], None)

    def test_a_repeated_clear_is_no_event(self) -> None:
        world = assigned_world()
        world.ack("u-1", CLEAR, revision=2)
        again = world.ack("u-1", CLEAR, revision=2)
        assert (kinds(again), again.refused) == ([], None)

    def test_a_repeated_decline_is_no_event(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", DECLINED)
        assert kinds(world.ack("u-1", DECLINED)) == []

    def test_a_late_acceptance_is_refused_and_the_officer_told_again(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", RECEIVED)
        world.tick(30)
        world.ack("u-2", ACCEPTED, order_id=2)
        late = world.ack("u-1", ACCEPTED)
        assert kinds(late) == ["late_ack_refused"]
        assert sent(late) == [("u-1", 1, 3, STATE_CANCELLED)]
        told = late.orders[0].order
        assert (told.reason, told.text) == (REASON_SUPERSEDED, "another unit goes")
        assert (world.incident().unit_id, world.incident().phase) == ("u-2", Phase.ASSIGNED)

    def test_a_late_acceptance_alone_makes_the_order_due_again(self) -> None:
        world = World()
        world.press()
        world.tick(5)
        late = world.ack("u-1", ACCEPTED)
        (to_send,) = orders_for(late.events[0], late.state)
        assert (to_send.order.order_id, to_send.order.revision, to_send.order.state) == (1, 3, STATE_CANCELLED)

    def test_a_late_acceptance_again_is_no_event_but_an_answer(self) -> None:
        world = World()
        world.press()
        world.tick(5)
        world.ack("u-1", ACCEPTED)
        again = world.ack("u-1", ACCEPTED)
        assert kinds(again) == []
        assert sent(again) == [("u-1", 1, 3, STATE_CANCELLED)]
        world.ack("u-1", RECEIVED, revision=3)
        assert sent(world.ack("u-1", ACCEPTED)) == []

    def test_a_late_acceptance_from_a_unit_that_knew_of_the_end_is_answered_too(self) -> None:
        """Acknowledgements may overtake one another; the officer sees the end once more rather than never."""
        world = World()
        world.press()
        world.tick(5)
        world.ack("u-1", RECEIVED, revision=2)
        late = world.ack("u-1", ACCEPTED)
        assert kinds(late) == ["late_ack_refused"]
        assert sent(late) == [("u-1", 1, 3, STATE_CANCELLED)]

    def test_a_late_acceptance_after_the_incident_was_closed(self) -> None:
        world = World(units=1)
        world.press()
        world.give(inputs.CloseIncident(1, "operator:sari", "false alarm"))
        late = world.ack("u-1", ACCEPTED)
        assert kinds(late) == ["late_ack_refused"]
        assert sent(late) == [("u-1", 1, 3, STATE_CANCELLED)]

    def test_a_receipt_after_the_offer_was_withdrawn_is_noted(self) -> None:
        world = World()
        world.press()
        world.tick(5)
        assert kinds(world.ack("u-1", RECEIVED)) == ["order_received"]
        assert world.incident().unit_id == "u-2"

    def test_an_owner_who_does_not_know_of_the_end_is_told_again(self) -> None:
        world = assigned_world()
        world.give(inputs.CloseIncident(1, "operator:sari", "false alarm"))
        done = world.ack("u-1", ON_SCENE, revision=2)
        assert kinds(done) == []
        assert sent(done) == [("u-1", 1, 3, STATE_CLOSED)]

    @pytest.mark.parametrize(
        ("unit_id", "order_id", "revision", "kind", "reason"),
        [
            ("u-1", 99, 1, RECEIVED, Refusal.UNKNOWN_ORDER),
            ("u-77", 99, 1, ACCEPTED, Refusal.UNKNOWN_ORDER),
            ("u-2", 1, 1, ACCEPTED, Refusal.WRONG_UNIT),
            ("u-1", 1, 2, RECEIVED, Refusal.UNKNOWN_REVISION),
            ("u-1", 1, 1, EN_ROUTE, Refusal.NOT_ASSIGNED),
            ("u-1", 1, 1, ON_SCENE, Refusal.NOT_ASSIGNED),
            ("u-1", 1, 1, CLEAR, Refusal.NOT_ASSIGNED),
        ],
    )
    def test_what_a_unit_may_not_say_is_refused(
        self, unit_id: str, order_id: int, revision: int, kind: int, reason: Refusal
    ) -> None:
        world = World()
        world.press()
        before = world.state
        done = world.ack(unit_id, kind, order_id, revision)
        assert (done.refused, done.events, done.orders) == (reason, (), ())
        assert world.state == before
        given = inputs.AckArrived(unit_id, Ack(1, 0, order_id, revision, kind, 0))
        assert decide(world.state, given, world.now_ms, world.fleet, world.eta, world.policy) == ()

    @pytest.mark.parametrize("kind", [DECLINED, EXPIRED])
    def test_an_assignment_is_not_declined(self, kind: int) -> None:
        assert assigned_world().ack("u-1", kind).refused is Refusal.ALREADY_ASSIGNED

    def test_closing_what_is_not_open_is_refused(self) -> None:
        world = World()
        assert world.give(inputs.CloseIncident(1, "operator:sari", "x")).refused is Refusal.UNKNOWN_INCIDENT

    def test_the_units_clock_is_kept_beside_ours(self) -> None:
        world = World()
        world.press()
        done = world.give(inputs.AckArrived("u-1", Ack(3, 7, 1, 1, RECEIVED, 1_790_000_001)))
        (event,) = done.events
        assert isinstance(event, events.OrderReceived)
        assert (event.time_ms, event.ack_time_s, event.revision) == (world.now_ms, 1_790_000_001, 1)


class TestOrdersAgain:
    def test_a_unit_that_connects_hears_what_it_must_know(self) -> None:
        world = assigned_world()
        assert sent(world.connect("u-1")) == [("u-1", 1, 2, STATE_ASSIGNED)]
        assert sent(world.connect("u-2")) == []

    def test_an_end_is_repeated_until_the_unit_has_acknowledged_it(self) -> None:
        world = World()
        world.press()
        world.ack("u-1", RECEIVED)
        world.disconnect("u-1")
        assert sent(world.connect("u-1")) == [("u-1", 1, 2, STATE_CANCELLED)]
        world.ack("u-1", RECEIVED, revision=2)
        assert sent(world.connect("u-1")) == []

    def test_after_a_restart_everything_open_is_sent_again(self) -> None:
        world = assigned_world()
        world.press()
        world.press()
        world.ack("u-3", DECLINED, order_id=3)
        world.restart()
        assert [(to.unit_id, to.order.order_id, to.order.state) for to in open_orders(world.state)] == [
            ("u-1", 1, STATE_ASSIGNED),
            ("u-2", 2, STATE_OFFERED),
            ("u-3", 3, STATE_CANCELLED),
        ]

    def test_only_the_last_ends_of_a_unit_are_remembered(self) -> None:
        world = World(units=1)
        for number in range(FINISHED_KEPT + 2):
            world.press()
            world.give(inputs.CloseIncident(number + 1, "operator:sari", "test"))
            if number == 4:
                world.ack("u-1", RECEIVED, order_id=5, revision=2)
        remembered = [order.order_id for order in world.state.orders_of("u-1")]
        assert remembered == [2, 3, 4, *range(6, FINISHED_KEPT + 3)]  # the fifth is known to be over, so it went first
        assert [to.order.order_id for to in unit_orders(world.state, "u-1")] == remembered

    def test_long_text_is_cut_between_characters(self) -> None:
        world = World()
        text = world.press(text="€" * 200).orders[0].order.text
        assert text == "€" * (TEXT_MAX_BYTES // 3)

    def test_every_order_is_fit_for_the_wire(self) -> None:
        world = World(units=0, choice={"eta_max_s": 1e7})
        world.add_unit("u-1", 15_000_000)  # beyond what an ETA of 16 bits can say
        alert = replace(an_alert(1, text="\U0001f600" * 100), accuracy_m=None, pressed_ms=-5)
        done = world.give(inputs.AlertAccepted(alert))
        order = done.orders[0].order
        assert order.decode(order.encode()) == order
        assert (order.eta_s, order.accuracy_m, order.pressed_time_s) == (65534, 65535, 0)
