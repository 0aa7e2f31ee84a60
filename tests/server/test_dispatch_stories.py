"""What operators, callers and officers in distress may do, story by story."""

from sigap_server.dispatch import events, inputs
from sigap_server.dispatch.events import Alarm, HoldReason, Verdict, Withdrawal
from sigap_server.dispatch.incident import Phase
from sigap_server.dispatch.policy import Mode, Tier
from sigap_server.dispatch.refusals import Refusal
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, EMERGENCY, EMERGENCY_OVER, ON_SCENE, Ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED
from tests.server.dispatch_world import World, an_alert, kinds, sent

SARI = "operator:sari"


def low_trust(world: World, number: int = 1) -> None:
    caller = inputs.Caller(false=2)
    world.give(inputs.AlertAccepted(an_alert(number, received_ms=world.now_ms), caller))


def test_an_emergency_is_an_alarm_until_a_unit_in_contact_has_it() -> None:
    world = World(units=1)
    world.press()
    assert world.incident().alarms == (Alarm.UNOWNED,)
    world.ack("u-1", ACCEPTED)
    assert world.incident().alarms == ()
    world.disconnect("u-1")
    assert world.incident().alarms == (Alarm.UNOWNED,)


def test_little_trust_waits_for_an_operator_and_goes_by_itself_after_a_while() -> None:
    world = World(units=1)
    low_trust(world)
    incident = world.incident()
    assert (incident.tier, incident.mode, incident.held) == (Tier.LOW, Mode.RECOMMEND, HoldReason.RECOMMEND)
    assert incident.reasons == ("caller had 2 earlier alerts that were false",)
    assert kinds(world.tick(19)) == []
    assert kinds(world.tick(1)) == ["released", "offered", "alarm_raised"]
    assert Alarm.NOT_ACTED in world.incident().alarms


def test_an_operator_sends_what_was_held_back() -> None:
    world = World(units=1)
    low_trust(world)
    assert kinds(world.give(inputs.Dispatch(1, SARI))) == ["released", "offered"]


def test_a_false_alarm_orders_off_who_was_sent() -> None:
    world = World(units=1)
    world.press()
    world.ack("u-1", ACCEPTED)
    done = world.give(inputs.Verify(1, SARI, Verdict.FALSE))
    assert kinds(done) == ["verified", "recalled", "held", "trust_changed"]
    assert sent(done) == [("u-1", 1, 3, STATE_CANCELLED)]
    assert (world.incident().phase, world.incident().held) == (Phase.WAITING, HoldReason.FALSE_ALARM)
    assert kinds(world.give(inputs.Verify(1, SARI, Verdict.REAL)))[-2:] == ["released", "offered"]


def test_alerts_about_one_case_are_linked_and_may_be_taken_apart() -> None:
    world = World(units=2, queue={"duplicate_within_s": 300})
    world.press()
    assert kinds(world.press()) == ["alert_linked", "trust_changed"]
    second = an_alert(2).alert_id
    assert world.state.by_alert[second] == 1
    assert world.incident().tier is Tier.HIGH
    done = world.give(inputs.UnlinkAlert(1, SARI, second))
    assert kinds(done) == ["alert_unlinked", "alert_received", "offered"]
    assert world.state.by_alert[second] == 2


def test_an_incident_that_was_closed_as_a_duplicate_is_not_opened_again() -> None:
    world = World(units=2)
    world.press()
    world.press()
    done = world.give(inputs.LinkIncident(2, SARI, 1))
    assert kinds(done)[:3] == ["offer_withdrawn", "closed", "alert_linked"]
    again = world.give(inputs.UnlinkAlert(1, SARI, an_alert(2).alert_id))
    assert (again.refused, "was incident 2" in again.why_refused) == (Refusal.VALUE_IMPOSSIBLE, True)


def test_a_caller_who_cancels_is_shown_and_not_obeyed() -> None:
    world = World(units=1)
    world.press()
    assert kinds(world.give(inputs.CancelAsked(an_alert(1).alert_id, "a mistake", True))) == ["cancel_requested"]
    assert (world.incident().phase, Alarm.CANCEL_REQUESTED in world.incident().alarms) == (Phase.OFFERED, True)
    world.give(inputs.RefuseCancel(1, SARI))
    assert Alarm.CANCEL_REQUESTED not in world.incident().alarms


def test_two_are_asked_at_once_and_the_first_to_accept_goes() -> None:
    world = World(units=2, offer={"at_once": (2, 1, 1, 1, 1), "at_once_within_s": 100})
    world.press()
    assert set(world.state.by_unit) == {"u-1", "u-2"}
    done = world.ack("u-2", ACCEPTED, order_id=2)
    assert sent(done) == [("u-2", 2, 2, STATE_ASSIGNED), ("u-1", 1, 2, STATE_CANCELLED)]
    assert kinds(world.ack("u-1", ACCEPTED)) == ["late_ack_refused"]


def test_when_nobody_takes_it_all_are_asked() -> None:
    world = World(units=5, offer={"broadcast_after": (2, 0, 0, 0, 0)})
    world.press()
    world.ack("u-1", DECLINED)
    done = world.ack("u-2", DECLINED, order_id=2)
    assert kinds(done) == ["declined", "offer_withdrawn", "broadcast", "offered", "offered", "offered"]
    assert Alarm.NOBODY_ANSWERS in world.incident().alarms
    world.ack("u-4", ACCEPTED, order_id=4)
    assert (set(world.state.by_unit), world.incident().alarms) == ({"u-4"}, ())


def test_an_operator_replaces_a_unit_and_no_place_has_two() -> None:
    world = World(units=2)
    world.press()
    world.ack("u-1", ACCEPTED)
    refused = world.give(inputs.Dispatch(1, SARI, "u-2", "knows the house"))
    assert (refused.refused, "say instead of whom" in refused.why_refused) == (Refusal.NO_PLACE_LEFT, True)
    world.give(inputs.Dispatch(1, SARI, "u-2", "knows the house", instead_of="u-1"))
    assert [order.unit_id for order in world.incident().owners] == ["u-1"]
    done = world.ack("u-2", ACCEPTED, order_id=2)
    assert kinds(done) == ["accepted", "recalled", "assigned"]
    assert [order.unit_id for order in world.incident().owners] == ["u-2"]


def test_backup_is_more_units_at_once() -> None:
    world = World(units=3)
    world.press()
    world.ack("u-1", ACCEPTED)
    assert kinds(world.give(inputs.RequestBackup(1, SARI, 2))) == ["backup_requested", "offered", "offered"]
    world.ack("u-1", ON_SCENE, revision=2)
    world.ack("u-2", ACCEPTED, order_id=2)
    done = world.ack("u-1", CLEAR, revision=2)
    assert kinds(done) == ["clear", "unit_done"]
    assert sent(done) == [("u-1", 1, 3, STATE_CLOSED)]
    assert world.incident().wanted == 2


def test_what_outranks_takes_a_unit_that_is_only_on_its_way() -> None:
    world = World(units=1)
    world.press("drill")
    world.ack("u-1", ACCEPTED)
    done = world.press()
    assert kinds(done)[:3] == ["alert_received", "recalled", "offered"]
    assert next(e for e in done.events if isinstance(e, events.Recalled)).reason is Withdrawal.PREEMPTED
    assert (world.incident(1).phase, world.incident(2).unit_id) == (Phase.WAITING, "u-1")


def test_an_officer_in_distress_outranks_all_and_is_never_their_own_help() -> None:
    world = World(units=2)
    world.press()
    world.fleet.apply_distress("u-1", Ack(1, 90, 0, 0, EMERGENCY, 0), world.now_ms)
    done = world.give(inputs.FleetChanged(("u-1",)))
    assert kinds(done)[:2] == ["offer_withdrawn", "alert_received"]
    officer = world.incident(2)
    assert (officer.officer, officer.priority, officer.unit_id) == ("u-1", 1, "u-2")
    world.place("u-1", 1500)
    assert "place_moved" in kinds(world.give(inputs.FleetChanged(("u-1",))))
    world.fleet.apply_distress("u-1", Ack(1, 91, 0, 0, EMERGENCY_OVER, 0), world.now_ms)
    assert kinds(world.give(inputs.FleetChanged(("u-1",))))[0] == "officer_safe"


def test_who_waits_too_long_is_an_alarm() -> None:
    world = World(units=0)
    world.press("drill")
    assert kinds(world.tick(899)) == []
    assert kinds(world.tick(1)) == ["alarm_raised"]
    assert Alarm.HELD_TOO_LONG in world.incident().alarms


def test_a_recalled_unit_is_not_asked_again_by_itself() -> None:
    world = World(units=1)
    world.press()
    world.ack("u-1", ACCEPTED)
    assert kinds(world.give(inputs.Recall(1, SARI, "u-1"))) == ["recalled", "no_unit"]
    assert "offered" not in kinds(world.tick(60))
    assert kinds(world.give(inputs.Dispatch(1, SARI, "u-1", "it goes after all")))[-1] == "offered"


def test_bad_input_is_refused_in_words_and_changes_nothing() -> None:
    world = World(units=1)
    world.press()
    before = world.state
    for given, reason in (
        (inputs.Present(9, SARI), Refusal.UNKNOWN_INCIDENT),
        (inputs.SetPriority(1, SARI, 6), Refusal.VALUE_IMPOSSIBLE),
        (inputs.SetNeed(1, SARI, 0), Refusal.VALUE_IMPOSSIBLE),
        (inputs.RequestBackup(1, SARI, 0), Refusal.VALUE_IMPOSSIBLE),
        (inputs.Recall(1, SARI, "u-9"), Refusal.UNIT_NOT_ON_INCIDENT),
        (inputs.Dispatch(1, SARI), Refusal.NOTHING_TO_DECIDE),
        (inputs.Dispatch(1, SARI, "u-9", "why not"), Refusal.UNKNOWN_UNIT),
        (inputs.LinkIncident(1, SARI, 1), Refusal.VALUE_IMPOSSIBLE),
        (inputs.UnlinkAlert(1, SARI, "none"), Refusal.UNKNOWN_ALERT),
        (inputs.CancelAsked("none", "", True), Refusal.UNKNOWN_ALERT),
        (inputs.RefuseCancel(1, SARI), Refusal.NOTHING_TO_DECIDE),
    ):
        done = world.give(given)
        assert (done.refused, bool(done.why_refused), done.events) == (reason, True, ())
        assert world.state == before
