"""A unit as people see it: its duty, what dispatch has it do, and when it is there."""

from dataclasses import replace

from sigap_server.dispatch.incident import IssuedOrder, Phase
from sigap_server.dispatch.state import DispatchState
from sigap_server.eta import Eta, EtaMethod
from sigap_server.fleet import Unit


def unit_status(unit: Unit, state: DispatchState) -> str:
    """available, offered, assigned, en_route, on_scene, off_duty or out_of_service; an order outranks the duty."""
    order = state.open_order(unit.unit_id)
    return order.phase.value if order else unit.duty.value


def eta_of(order: IssuedOrder, unit: Unit, eta: EtaMethod) -> Eta | None:
    """How long the order's unit needs from its latest position: 0 s on scene, None without a position."""
    if unit.position is None:
        return None
    found = eta.eta(order.facts.lat_e7, order.facts.lon_e7, [unit.position])[0]
    return replace(found, eta_s=0.0, distance_m=0.0) if order.phase is Phase.ON_SCENE else found
