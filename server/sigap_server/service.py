"""The server put together: what holds its state, and the tasks that keep it going."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from sigap_server import broker, setup
from sigap_server.access import Access
from sigap_server.alerts import AddressRate
from sigap_server.broker import Credentials
from sigap_server.broker_log import BrokerLog
from sigap_server.clock import SteadyClock
from sigap_server.clockwork import Clockwork
from sigap_server.counters import Counters
from sigap_server.dispatch.inputs import FleetChanged
from sigap_server.dispatch.orders import OrderToSend, open_orders
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatcher import Dispatcher
from sigap_server.errors import RequestError
from sigap_server.fleet import Duty, Fleet, LinkState
from sigap_server.ingest import Ingest
from sigap_server.live import LiveFeed
from sigap_server.mqtt import BrokerLink
from sigap_server.outside import REAL, Outside
from sigap_server.policy_file import load_policy
from sigap_server.registry import Registry
from sigap_server.roads import Roads
from sigap_server.settings import Settings
from sigap_server.store import units
from sigap_server.store.incidents import IncidentRecord
from sigap_server.traits import Traits, check_traits
from sigap_server.views import alert_view, incident_view, unit_view
from sigap_wire import topics
from sigap_wire.config import Config
from sigap_wire.errors import WireError

# After the broker's return, what was not acknowledged comes again within its ack_wait; then units had their say.
_GRACE_S = 0.5

log = structlog.get_logger()


class Service:
    """Everything the API needs. `load` first, then `run` for as long as it shall live."""

    def __init__(self, settings: Settings, outside: Outside = REAL) -> None:
        self.settings = settings
        self.clock = SteadyClock(outside.now_ms, outside.monotonic_s)
        self.now_ms = self.clock.now_ms
        self.counters = counters = Counters()
        self.database = outside.database(settings.database_path)
        self.fleet = fleet = Fleet(settings.fleet.stale_after_s, settings.fleet.lost_after_s)
        self.roads = Roads(settings, self.database, self.now_ms)
        self.eta = self.roads.eta
        self.policy = Policy() if settings.dispatch.policy is None else load_policy(settings.dispatch.policy)
        self.registry = Registry(self.database, fleet)
        self.dispatcher = Dispatcher(self.database, fleet, self.eta, self.policy, counters, self.now_ms)
        self.access = Access(self.database, counters, settings.http.session_hours)
        self.address_rate = AddressRate(settings.limits.alerts_per_minute_per_address)
        self.live = LiveFeed(self.snapshot, self.unit_views, self._shown_incident, counters)
        self.link = _link(settings, counters, outside, self.now_ms, self._on_connected)
        self.ingest = Ingest(
            self.link.inbox,
            self.link.acknowledge,
            self.registry,
            fleet,
            self.dispatcher,
            settings.limits,
            counters,
            lambda unit_ids: self.live.change((), unit_ids),
        )
        self.clockwork = Clockwork(
            self.dispatcher,
            self.registry,
            self.live,
            self.roads.pass_time,
            lambda: self.link.connected,
            settings.mqtt.ack_wait_s + _GRACE_S,
        )
        self.dispatcher.place_words = self.roads.place_words
        self.dispatcher.send = self._send
        self.dispatcher.on_change = self.live.change
        counters.gauge("fleet.units", lambda: len(fleet))
        counters.gauge("fleet.units_in_emergency", lambda: sum(unit.in_emergency for unit in fleet.units()))
        counters.gauge("fleet.units_fresh", lambda: sum(unit.link is LinkState.FRESH for unit in fleet.units()))

    async def load(self) -> None:
        """Take fleet and dispatch back from the database. Raises DatabaseError, and then the service is closed."""
        try:
            await self.registry.load()
            await self.roads.load(self.now_ms())
            await self.dispatcher.load()
        except BaseException:
            await self.close()
            raise
        # Set back while the server was down, the clock must not make what was written last lie in the future.
        heard_ms = (unit.heard_ms or 0 for unit in self.fleet.units())
        self.clock.go_on_from(max(self.dispatcher.loaded_until_ms, *heard_ms, 0))
        self.fleet.age(self.now_ms())

    async def run(self) -> None:
        """Run until cancelled; if one task fails, all end."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.ingest.run(), name="ingest")
            tasks.create_task(self.link.run(), name="mqtt")
            tasks.create_task(self.clockwork.run(), name="clockwork")
            tasks.create_task(self.live.run(), name="live")
            if self.roads.learning is not None:
                learning = self.roads.learning.run(lambda: self.dispatcher.tell(FleetChanged()))
                tasks.create_task(learning, name="learning")
            if self.settings.mqtt.url is None:
                broker_log = BrokerLog(broker.log_path(self.settings), self.counters)
                tasks.create_task(broker_log.run(), name="broker log")

    async def close(self) -> None:
        """Close the database."""
        await self.database.close()

    async def add_unit(self, unit_id: str, callsign: str, traits: Traits) -> Credentials:
        """Register a unit while running. Raises RegistrationError, RequestError if there is one of this name."""
        if self.registry.key(unit_id) is not None:
            raise RequestError(409, "unit_exists", f"unit {unit_id} is registered already", "unit_id")
        # In its turn, so that the other connection does not fight the server's own for the database.
        async with self.database.turn:
            credentials = await asyncio.to_thread(setup.add_unit, self.settings, unit_id, callsign, traits)
        self.live.change((), await self.registry.refresh())
        return credentials

    async def change_unit(self, unit_id: str, changes: dict[str, Any], operator: str) -> None:
        """Change a unit that there is: callsign, duty, and the fields of its traits. Raises RegistrationError."""
        key = self.registry.key(unit_id)
        assert key is not None, f"unit {unit_id} was looked up before"
        unit = self.fleet.unit(unit_id)
        callsign = changes.get("callsign", unit.callsign)
        setup.check_names(unit_id, callsign)
        traits = check_traits(*(changes.get(name, getattr(unit.traits, name)) for name in Traits.__slots__))
        duty, since_ms = Duty(changes.get("duty", unit.duty)), self.now_ms()
        async with self.database.write() as connection:
            await units.describe(connection, key, callsign, traits)
            if duty is not unit.duty:
                await units.set_duty(connection, key, duty, since_ms)
        self.fleet.describe(unit_id, callsign, traits)
        self.fleet.set_duty(unit_id, duty, since_ms)
        log.info("unit_changed", unit_id=unit_id, changes=sorted(changes), operator=operator)
        self.live.change((), [unit_id])
        await self.dispatcher.tell(FleetChanged((unit_id,)))

    async def send_config(self, unit_id: str, config: Config, operator: str) -> None:
        """Have the broker keep a change of settings for the unit; what comes of it is among the unit's results.

        Raises RequestError for a unit that there is not, a change that does not fit the wire, or a broker that is away.
        """
        if self.registry.key(unit_id) is None:
            raise RequestError(404, "unit_unknown", f"there is no unit {unit_id}", "unit_id")
        try:
            payload = config.encode()
        except WireError as error:
            raise RequestError(422, "field_invalid", str(error), "changes") from error
        if not await self.link.deliver(topics.topic(unit_id, topics.CONFIG), payload):
            raise RequestError(503, "broker_away", "the broker cannot be reached: try again")
        # Names alone: a value may be a secret.
        names = sorted(config.changes)
        log.info("config_sent", unit_id=unit_id, revision=config.revision, changes=names, operator=operator)

    def snapshot(self) -> dict[str, Any]:
        """What a live feed begins with."""
        return {
            "now_ms": self.now_ms(),
            "units": self.unit_views(unit.unit_id for unit in self.fleet.units()),
            "incidents": [self.incident(record) for record in self.dispatcher.book.records()],
            "counters": self.counters.read(),
        }

    def unit_views(self, unit_ids: Iterable[str]) -> list[dict[str, Any]]:
        """These units as the API shows them."""
        return [unit_view(self.fleet.unit(unit_id), self.dispatcher.state) for unit_id in unit_ids]

    def incident(self, record: IncidentRecord) -> dict[str, Any]:
        """An incident as the API shows it."""
        return incident_view(record, self.dispatcher.state, self.fleet, self.eta)

    def alert(self, record: IncidentRecord, alert_id: str) -> dict[str, Any]:
        """One of the incident's alerts as its sender sees it."""
        return alert_view(record, alert_id, self.dispatcher.state, self.fleet, self.eta)

    def _shown_incident(self, incident_id: int) -> dict[str, Any] | None:
        record = self.dispatcher.book.get(incident_id)
        return None if record is None else self.incident(record)

    async def _on_connected(self) -> None:
        self.clockwork.connection_began()
        # What was sent to a broker that died may not have arrived; units know an order they have by its revision.
        self._send(open_orders(self.dispatcher.state))

    def _send(self, orders: Iterable[OrderToSend]) -> None:
        for to_send in orders:
            order = to_send.order
            is_sent = self.link.publish(topics.topic(to_send.unit_id, topics.ORDER), order.encode())
            self.counters.add("dispatch.orders" if is_sent else "dispatch.orders_unsent")
            log.debug(
                "order", unit_id=to_send.unit_id, incident_id=order.incident_id, order_id=order.order_id, sent=is_sent
            )


def _link(
    settings: Settings, counters: Counters, outside: Outside, now_ms: Callable[[], int], on_connected: Any
) -> BrokerLink:
    identity = setup.read_identity(settings)
    credentials: Credentials | None = Credentials(broker.SERVER_USER, identity.password)
    if settings.mqtt.url is not None:
        user = settings.mqtt.user
        credentials = None if user is None else Credentials(user, settings.mqtt.password or "")
    return BrokerLink(settings.mqtt, credentials, identity.client_id, counters, on_connected, now_ms, outside.client)
