"""Which unit is the first there, and why."""

from sigap_server.dispatch.events import Candidate
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.state import DispatchState, Incident
from sigap_server.eta import Eta
from sigap_server.fleet import Fleet, Unit

RECORDED_MAX = 16


def candidates(incident: Incident, state: DispatchState, fleet: Fleet, now_ms: int, policy: Policy) -> list[Candidate]:
    """All units: the eligible ones by ETA and unit_id, then the others by the same order with `excluded` set."""
    raise NotImplementedError


def eta_now(incident: Incident, unit: Unit, now_ms: int, policy: Policy) -> Eta | None:
    """The unit's ETA from where it is now; None if it has no position, or 0 s once it is on scene."""
    raise NotImplementedError
