"""One decision in the making: what happened so far, and what it can look at."""

from dataclasses import dataclass, field

from sigap_server.dispatch.events import Event
from sigap_server.dispatch.evolve import evolve
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.state import DispatchState
from sigap_server.dispatch.weighing import Weighing
from sigap_server.eta import EtaMethod
from sigap_server.fleet import Fleet


@dataclass(slots=True)
class Turn:
    """`state` is the one after `happened`, which has every event with the state right after it; `weighings` has what
    was known to those that are choices, by their place in it.
    """

    state: DispatchState
    now_ms: int
    fleet: Fleet
    eta: EtaMethod
    policy: Policy
    happened: list[tuple[Event, DispatchState]] = field(default_factory=list)
    weighings: dict[int, tuple[Need, Weighing]] = field(default_factory=dict)

    def add(self, *happened: Event) -> None:
        """These events happened."""
        for event in happened:
            self.state = evolve(self.state, event)
            self.happened.append((event, self.state))

    def chose(self, need: Need, weighing: Weighing, event: Event) -> None:
        """This event happened, a choice made on what was known."""
        self.weighings[len(self.happened)] = need, weighing
        self.add(event)

    def incident(self, incident_id: int) -> Incident:
        """An open incident as it is now."""
        return self.state.incidents[incident_id]

    def touched(self) -> set[int]:
        """The incidents that something happened to."""
        return {event.incident_id for event, _ in self.happened}

    def after_ms(self, seconds: float) -> int:
        """So many seconds from now."""
        return self.now_ms + round(seconds * 1000)
