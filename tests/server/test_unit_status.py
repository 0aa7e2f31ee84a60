"""When a unit is there, as people see it."""

import pytest

from sigap_server.dispatch.incident import IssuedOrder
from sigap_server.dispatch.status import eta_of
from sigap_server.eta import Eta
from sigap_wire.ack import ACCEPTED, ON_SCENE
from tests.server.dispatch_world import World


def the_order(world: World) -> IssuedOrder:
    order = world.incident().order
    assert order is not None
    return order


def test_an_eta_follows_the_unit() -> None:
    world = World(units=1)
    world.press()
    world.ack("u-1", ACCEPTED)
    world.place("u-1", 400)
    eta = eta_of(the_order(world), world.fleet.unit("u-1"), world.eta)
    assert eta is not None
    assert eta.eta_s == pytest.approx(40, abs=0.01)


def test_on_scene_it_is_nothing() -> None:
    world = World(units=1)
    world.press()
    world.ack("u-1", ACCEPTED)
    world.ack("u-1", ON_SCENE, revision=2)
    eta = eta_of(the_order(world), world.fleet.unit("u-1"), world.eta)
    assert eta == Eta(0.0, 0.0, "straight_line")


def test_without_a_position_it_is_not_known() -> None:
    world = World(units=1)
    world.press()
    world.fleet.register("u-1", "new")
    assert eta_of(the_order(world), world.fleet.unit("u-1"), world.eta) is None
