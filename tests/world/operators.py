"""Operators at their consoles: everything that they may say, sensible or not."""

import asyncio
from collections.abc import Callable
from random import Random

from sigap_server.dispatch import inputs
from sigap_server.dispatch.events import Verdict
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatch.inputs import OfOperator
from sigap_server.dispatch.state import DispatchState
from sigap_server.errors import RequestError
from tests.world.server import NoAnswerError, Server
from tests.world.trace import Trace

_SARI = "operator:sari"


class Operators:
    """They see what the server shows, and say it of an incident that may be over by the time it is heard."""

    def __init__(self, rng: Random, trace: Trace, server: Server, unit_ids: list[str]) -> None:
        self._rng = rng
        self._trace = trace
        self._server = server
        self._unit_ids = unit_ids
        self._acting: set[asyncio.Task[None]] = set()
        self._words: list[Callable[[int, DispatchState], OfOperator]] = [
            lambda number, _: inputs.Present(number, _SARI),
            lambda number, _: inputs.Answer(number, _SARI),
            lambda number, _: inputs.Verify(number, _SARI, rng.choice(list(Verdict))),
            lambda number, _: inputs.Verify(number, _SARI, Verdict.FALSE),
            lambda number, _: inputs.Dispatch(number, _SARI),
            self._dispatch,
            self._dispatch,
            lambda number, _: inputs.SetPriority(number, _SARI, rng.randint(1, 5)),
            lambda number, _: inputs.SetNeed(number, _SARI, rng.randint(1, 3)),
            lambda number, _: inputs.RequestBackup(number, _SARI),
            self._recall,
            self._recall,
            lambda number, state: inputs.LinkIncident(number, _SARI, self._some_incident(state)),
            self._unlink,
            lambda number, _: inputs.RefuseCancel(number, _SARI),
            lambda number, _: inputs.CloseIncident(number, _SARI, rng.choice(["handled", inputs.DUPLICATE])),
        ]

    def say_something(self) -> None:
        """Of any incident, mostly an open one."""
        service = self._server.service
        if service is not None:
            state = service.dispatcher.state
            self._say(self._rng.choice(self._words)(self._some_incident(state), state))

    def do_their_duty(self) -> None:
        """What only an operator can decide is decided."""
        service = self._server.service
        for incident in service.dispatcher.state.incidents.values() if service is not None else ():
            wanted = self._duty(incident)
            if wanted is not None:
                self._say(wanted)

    def _duty(self, incident: Incident) -> OfOperator | None:
        number = incident.incident_id
        if incident.officer:
            return inputs.CloseIncident(number, _SARI, "officer safe") if incident.officer_safe else None
        if incident.held:
            return inputs.Dispatch(number, _SARI)
        if incident.wanted > 1 and len(incident.owners) < incident.wanted:
            # More than there are may have been wanted, and nobody is clear before they have come.
            return inputs.SetNeed(number, _SARI, max(1, len(incident.owners)))
        if not incident.orders and incident.barred >= set(self._unit_ids):
            return inputs.CloseIncident(number, _SARI, "everybody was called back")
        return None

    def _some_incident(self, state: DispatchState) -> int:
        if state.incidents and self._rng.random() < 0.9:
            return self._rng.choice(sorted(state.incidents))
        return self._rng.randint(1, state.next_incident_id)

    def _some_unit(self, number: int, state: DispatchState) -> str:
        incident = state.incidents.get(number)
        on_it = [order.unit_id for order in incident.orders.values()] if incident is not None else []
        return self._rng.choice(on_it if on_it and self._rng.random() < 0.7 else self._unit_ids)

    def _dispatch(self, number: int, state: DispatchState) -> OfOperator:
        instead_of = self._some_unit(number, state) if self._rng.random() < 0.5 else ""
        return inputs.Dispatch(number, _SARI, self._rng.choice(self._unit_ids), "knows the place", instead_of)

    def _recall(self, number: int, state: DispatchState) -> OfOperator:
        return inputs.Recall(number, _SARI, self._some_unit(number, state))

    def _unlink(self, number: int, state: DispatchState) -> OfOperator:
        for incident_id, incident in sorted(state.incidents.items()):
            if incident.linked:
                return inputs.UnlinkAlert(incident_id, _SARI, self._rng.choice(sorted(incident.linked)))
        return inputs.Answer(number, _SARI)

    def _say(self, given: OfOperator) -> None:
        self._trace("operator", given)
        task = asyncio.get_running_loop().create_task(self._tell(given))
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    async def _tell(self, given: OfOperator) -> None:
        try:
            (done,) = await self._server.ask(lambda service: service.dispatcher.tell(given))
        except (NoAnswerError, RequestError):
            self._trace("operator", "gets no answer")
        else:
            if done.refused:
                self._trace("operator", "is refused:", done.why_refused)
