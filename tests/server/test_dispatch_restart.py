"""A server that stops anywhere goes on as if it had not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sigap_server.dispatch import inputs
from sigap_server.dispatch.core import Step
from sigap_server.dispatch.evolve import fold
from sigap_server.dispatch.orders import open_orders
from sigap_server.dispatch.state import DispatchState
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED, EN_ROUTE, ON_SCENE, RECEIVED
from tests.server.dispatch_world import World, through_json

SCRIPT: list[Callable[[World], Step]] = [
    lambda w: w.press(text="tolong"),
    lambda w: w.ack("u-1", RECEIVED),
    lambda w: w.press("drill"),
    lambda w: w.ack("u-1", DECLINED),
    lambda w: w.ack("u-3", RECEIVED, order_id=3),
    lambda w: w.tick(5),
    lambda w: w.ack("u-2", ACCEPTED, order_id=2),  # too late
    lambda w: w.ack("u-3", ACCEPTED, order_id=3),
    lambda w: w.ack("u-3", RECEIVED, order_id=3, revision=2),
    lambda w: w.disconnect("u-3"),
    lambda w: w.press(),
    lambda w: w.connect("u-3"),
    lambda w: w.ack("u-3", EN_ROUTE, order_id=3, revision=2),
    lambda w: w.tick(31),
    lambda w: w.ack("u-3", ON_SCENE, order_id=3, revision=2),
    lambda w: w.give(inputs.CloseIncident(2, "operator:sari", "drill over")),
    lambda w: w.ack("u-3", CLEAR, order_id=3, revision=2),
    lambda w: w.tick(31),
    lambda w: w.disconnect("u-1"),
    lambda w: w.disconnect("u-2"),
    lambda w: w.disconnect("u-3"),
]


def played(stop_before: int | None = None) -> World:
    world = World(units=3)
    for number, act in enumerate(SCRIPT):
        if number == stop_before:
            world.restart()
        act(world)
    return world


def test_the_script_goes_through_most_that_can_happen() -> None:
    assert {event.KIND for event in played().log} >= {
        "alert_received",
        "offered",
        "order_received",
        "update_received",
        "accepted",
        "declined",
        "offer_timed_out",
        "offer_withdrawn",
        "late_ack_refused",
        "assigned",
        "unit_lost",
        "unit_back",
        "en_route",
        "on_scene",
        "clear",
        "closed",
        "no_unit",
    }


@pytest.mark.parametrize("stop_before", range(len(SCRIPT)))
def test_a_restart_anywhere_changes_nothing(stop_before: int) -> None:
    assert played(stop_before).log == played().log
    assert played(stop_before).state == played().state


@pytest.mark.parametrize("stop_before", range(len(SCRIPT)))
def test_what_is_sent_again_after_a_restart_is_what_was_sent_last(stop_before: int) -> None:
    world = World(units=3)
    last = {}
    for act in SCRIPT[:stop_before]:
        for sent in act(world).orders:
            last[sent.order.order_id] = sent
    world.restart()
    for again in open_orders(world.state):
        assert last[again.order.order_id] == again


def test_a_log_cut_between_decision_and_commit_asks_nobody_twice() -> None:
    """The server died after deciding, before its events were stored: it decides again, and the first was never sent."""
    world = World(units=3)
    world.press()
    stored = list(world.log)
    world.ack("u-1", DECLINED)
    lost = world.log[len(stored) :]
    world.log = stored
    world.restart()
    again = world.ack("u-1", DECLINED)
    assert [(event.KIND, event.incident_id) for event in again.events] == [
        (event.KIND, event.incident_id) for event in lost
    ]


def test_a_fold_may_begin_with_the_oldest_open_incident() -> None:
    """Incidents that were open then and are closed now are only passed through."""
    world = World(units=3)
    world.press()
    world.ack("u-1", ACCEPTED)
    cut, start = len(world.log), DispatchState(next_incident_id=2, next_order_id=2)
    world.press()
    world.ack("u-2", ACCEPTED, order_id=2)
    world.ack("u-1", ON_SCENE, revision=2)
    world.ack("u-1", CLEAR, revision=2)
    world.press()
    world.give(inputs.CloseIncident(3, "operator:sari", "false alarm"))
    short = fold(through_json(world.log[cut:]), start)
    assert replace(short, finished={}, work={}) == replace(world.state, finished={}, work={})
    assert short.next_order_id == 4
