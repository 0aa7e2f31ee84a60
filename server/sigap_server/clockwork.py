"""What happens because time passes: units grow silent, offers end, registrations by other programs are noticed."""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sigap_server.dispatch.inputs import FleetChanged, Input, Tick
from sigap_server.dispatch.state import next_deadline_ms
from sigap_server.dispatcher import Dispatcher
from sigap_server.live import LiveFeed
from sigap_server.registry import Registry
from sigap_server.views import unit_eta

_BEAT_S = 1.0
_ETA_STEP_S = 10

log = structlog.get_logger()


class Clockwork:
    """Beats once a second and at every deadline of dispatch.

    Deadlines are held while no unit can answer: without the broker, and after its return for `grace_s`, in which the
    messages that waited arrive. An officer who accepted while the server was down has accepted in time.

    roads_changed   told the time; whether travel times are different since
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        registry: Registry,
        live: LiveFeed,
        roads_changed: Callable[[int], bool],
        is_connected: Callable[[], bool],
        grace_s: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._registry = registry
        self._live = live
        self._roads_changed = roads_changed
        self._is_connected = is_connected
        self._grace_s = grace_s
        self._connected_since_s: float | None = None
        self._shown_etas: dict[int, int] = {}

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                await self._beat()
            except (DBAPIError, PoolTimeoutError) as error:
                log.error("database_unavailable", error=str(error))
            await self._until_next()

    def connection_began(self) -> None:
        """The broker is back: units have `grace_s` to be heard."""
        self._connected_since_s = asyncio.get_running_loop().time()

    async def _beat(self) -> None:
        dispatcher = self._dispatcher
        new = await self._registry.refresh()
        aged = dispatcher.fleet.age(dispatcher.now_ms())
        changed = {*new, *aged}
        if changed:
            self._live.change((), changed)
        given: list[Input] = [FleetChanged(tuple(sorted(changed)))] if changed and self.may_judge else []
        if self._roads_changed(dispatcher.now_ms()):
            given = [FleetChanged()]
        if self.may_judge:
            given.append(Tick())
        if given:
            await dispatcher.tell(*given)
        self._show_etas()

    @property
    def may_judge(self) -> bool:
        """Whether a unit's silence means something."""
        if not self._is_connected() or self._connected_since_s is None:
            return False
        return asyncio.get_running_loop().time() - self._connected_since_s >= self._grace_s

    async def _until_next(self) -> None:
        dispatcher = self._dispatcher
        dispatcher.deadline_changed.clear()
        now_ms = dispatcher.now_ms()
        deadline_ms = next_deadline_ms(dispatcher.state, now_ms)
        wait_s = _BEAT_S
        if deadline_ms is not None and self.may_judge:
            wait_s = min(wait_s, max(0.001, (deadline_ms - now_ms) / 1000))
        try:
            async with asyncio.timeout(wait_s):
                await dispatcher.deadline_changed.wait()
        except TimeoutError:
            pass

    def _show_etas(self) -> None:
        """Send an incident again when its unit's ETA has changed visibly."""
        dispatcher = self._dispatcher
        etas = {}
        for incident_id in dispatcher.state.incidents:
            eta = unit_eta(incident_id, dispatcher.state, dispatcher.fleet, dispatcher.eta)
            if eta is not None and eta.eta_s is not None:
                etas[incident_id] = int(eta.eta_s // _ETA_STEP_S)
        moved = [incident_id for incident_id, eta in etas.items() if self._shown_etas.get(incident_id) != eta]
        self._shown_etas = etas
        self._live.change(moved, ())
