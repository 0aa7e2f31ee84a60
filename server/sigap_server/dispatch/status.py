"""A unit's status as people see it: its duty, and what dispatch has it do."""

from sigap_server.dispatch.state import DispatchState
from sigap_server.fleet import Unit


def unit_status(unit: Unit, state: DispatchState) -> str:
    """available, offered, assigned, en_route, on_scene, off_duty or out_of_service; an order outranks the duty."""
    order = state.open_order(unit.unit_id)
    return order.phase.value if order else unit.duty.value
