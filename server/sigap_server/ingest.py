"""From the broker into the database, then to fleet and dispatch: stored first, acknowledged after.

Whatever waits is stored in one transaction, so that a busy server stores many messages with each and an idle one
stores a single message at once. No timer decides.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import structlog
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_server.counters import Counters
from sigap_server.dispatch.inputs import AckArrived, FleetChanged, Input, UnitBack, UnitLost
from sigap_server.dispatcher import Dispatcher, Turn
from sigap_server.fleet import Fleet, LinkEffect
from sigap_server.inbox import Inbox, Incoming
from sigap_server.incoming import Batch, Refused, Said, sort, unknown_units
from sigap_server.registry import Registry
from sigap_server.settings import LimitsSettings
from sigap_server.store import history
from sigap_wire.ack import EMERGENCY
from sigap_wire.result import OUTCOME_NAMES, REFUSED, ROLLED_BACK, SUBJECT_NAMES, WANTED

_BACKOFF_FIRST_S = 0.05
_BACKOFF_LONGEST_S = 5.0
# What the database may get over by itself: locked, disk full, out of reach. Anything else is a message's own fault.
_WAIT_FOR = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)

T = TypeVar("T")
log = structlog.get_logger()


class Ingest:
    """Runs as one task.

    acknowledge   tells the broker that these messages are stored
    on_units      told the unit_ids that look different now
    """

    def __init__(
        self,
        inbox: Inbox,
        acknowledge: Callable[[Iterable[Incoming]], None],
        registry: Registry,
        fleet: Fleet,
        dispatcher: Dispatcher,
        limits: LimitsSettings,
        counters: Counters,
        on_units: Callable[[Iterable[str]], None],
    ) -> None:
        self._inbox = inbox
        self._acknowledge = acknowledge
        self._registry = registry
        self._fleet = fleet
        self._dispatcher = dispatcher
        self._limits = limits
        self._counters = counters
        self._on_units = on_units

    async def run(self) -> None:
        """Store what comes, until cancelled."""
        while True:
            messages = await self._inbox.take()
            await self._take_in(messages)

    async def _take_in(self, messages: Sequence[Incoming]) -> None:
        batch = await self._patiently(lambda: self._store(messages))
        self._acknowledge(messages)
        self._counters.add("ingest.messages", len(messages))
        given = self._bring_up_to_date(batch)
        if given:
            await self._patiently(lambda: self._dispatcher.tell(*given))

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, as often as the database needs. Meanwhile nothing is acknowledged and nothing is taken, so it is the
        broker that keeps what arrives."""
        delay_s = _BACKOFF_FIRST_S
        while True:
            try:
                return await work()
            except _WAIT_FOR as error:
                self._counters.add("ingest.database_retries")
                log.error("database_unavailable", error=str(getattr(error, "orig", error)), retry_s=delay_s)
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _BACKOFF_LONGEST_S)

    async def _store(self, messages: Sequence[Incoming]) -> Batch:
        strangers = unknown_units(messages, self._registry)
        if strangers:
            await self._registry.look_up(strangers)
        batch = sort(messages, self._registry)
        try:
            await self._commit(batch)
        except _WAIT_FOR:
            raise
        except Exception as error:
            log.exception("batch_not_stored", messages=len(messages))
            return await self._store_one_by_one(messages, error)
        return batch

    async def _store_one_by_one(self, messages: Sequence[Incoming], error: Exception) -> Batch:
        """Find the message that the database or dispatch cannot take, so that it holds up no other."""
        if len(messages) == 1:
            batch = Batch(refused=[Refused(messages[0], "internal", f"{type(error).__name__}: {error}")])
            await self._commit(batch)
            return batch
        whole = Batch()
        for message in messages:
            part = await self._store([message])
            for name in Batch.__dataclass_fields__:
                getattr(whole, name).extend(getattr(part, name))
        return whole

    async def _commit(self, batch: Batch) -> None:
        rows = [
            row
            for said in batch.reports
            for row in history.fix_rows(said.unit_key, said.what, said.live, said.received_ms)
        ]
        stored = acks = refused_acks = 0
        async with self._dispatcher.turn() as (turn, connection):
            if rows:
                stored = await history.add_fixes(connection, rows)
            acks, refused_acks = await self._store_acks(batch, turn, connection)
            for said in batch.links:
                await history.put_link(connection, said.unit_key, said.what, said.received_ms)
            for said in batch.health:
                await history.put_health(connection, said.unit_key, said.what, said.received_ms)
            results = await self._store_results(batch, connection)
            if batch.refused:
                await self._store_refused(batch.refused, connection)
        add = self._counters.add
        add("ingest.batches")
        add("ingest.fixes", stored)
        add("ingest.fixes_repeated", len(rows) - stored)
        add("ingest.acks", acks)
        add("ingest.acks_repeated", len(batch.acks) - acks)
        add("dispatch.acks_refused", refused_acks)
        add("ingest.links", len(batch.links))
        add("ingest.health", len(batch.health))
        add("ingest.results", len(results))
        wanted = sum(said.what.outcome == WANTED for said in batch.results)
        add("ingest.results_wanted", wanted)
        add("ingest.results_repeated", len(batch.results) - wanted - len(results))
        for said in results:
            self._say_result(said)
        for refused in batch.refused:
            add("ingest.quarantined")
            add("ingest.quarantined_" + refused.code)
            log.warning("message_refused", topic=refused.message.topic, code=refused.code, reason=refused.reason)

    async def _store_acks(self, batch: Batch, turn: Turn, connection: AsyncConnection) -> tuple[int, int]:
        new = refused = 0
        for said in batch.acks:
            if not await history.add_ack(connection, said.unit_key, said.what, said.received_ms):
                continue
            new += 1
            if said.what.kind >= EMERGENCY:
                continue  # about no order; the fleet is told
            why = turn.tell(AckArrived(said.unit_id, said.what)).refused
            if why is not None:
                refused += 1
                await history.note_refusal(connection, said.unit_key, said.what, why)
                log.warning("ack_refused", unit_id=said.unit_id, order_id=said.what.order_id, why=why)
        return new, refused

    async def _store_results(self, batch: Batch, connection: AsyncConnection) -> list[Said]:
        """Those that were not there before."""
        return [
            said
            for said in batch.results
            if said.what.outcome != WANTED
            and await history.add_result(connection, said.unit_key, said.what, said.received_ms)
        ]

    def _say_distress(self, said: Said) -> None:
        unit = self._fleet.unit(said.unit_id)
        at = unit.position
        if unit.in_emergency:
            self._counters.add("fleet.emergencies")
        log.warning(
            "unit_emergency" if unit.in_emergency else "unit_emergency_over",
            unit_id=said.unit_id,
            pressed_s=said.what.ack_time_s,
            lat_e7=at and at.lat_e7,
            lon_e7=at and at.lon_e7,
            fix_time_s=at and at.fix_time_s,
        )

    def _say_result(self, said: Said) -> None:
        result = said.what
        bad = result.outcome in (REFUSED, ROLLED_BACK)
        if bad:
            self._counters.add("ingest.results_refused")
        (log.warning if bad else log.info)(
            "unit_result",
            unit_id=said.unit_id,
            subject=SUBJECT_NAMES[result.subject],
            number=result.number,
            outcome=OUTCOME_NAMES[result.outcome],
            value=result.value,
            detail=result.detail,
        )

    async def _store_refused(self, refused: Sequence[Refused], connection: AsyncConnection) -> None:
        rows = [
            {
                "received_ms": one.message.received_ms,
                "topic": one.message.topic[: self._limits.quarantine_bytes],
                "payload": one.message.payload[: self._limits.quarantine_bytes],
                "payload_bytes": one.message.payload_bytes,
                "code": one.code,
                "reason": one.reason[: self._limits.quarantine_bytes],
            }
            for one in refused
        ]
        await history.add_quarantined(connection, rows, self._limits.quarantine_rows)

    def _bring_up_to_date(self, batch: Batch) -> list[Input]:
        """Let the fleet know; what dispatch must be told. If the server ends before it is, dispatch finds the same
        again in what is stored."""
        given: list[Input] = []
        for said in batch.links:
            effect = self._fleet.apply_link(said.unit_id, said.what, said.received_ms)
            if effect is not LinkEffect.IGNORED:
                given.append((UnitBack if effect is LinkEffect.ONLINE else UnitLost)(said.unit_id))
                log.info("unit_link", unit_id=said.unit_id, online=said.what.online, firmware=said.what.firmware)
        for report in batch.reports:
            self._fleet.apply_report(report.unit_id, report.what, report.received_ms, report.live)
        for said in batch.acks:
            if said.what.kind >= EMERGENCY and self._fleet.apply_distress(said.unit_id, said.what, said.received_ms):
                self._say_distress(said)
        for said in batch.results:
            if said.what.outcome != WANTED:
                self._fleet.apply_result(said.unit_id, said.what, said.received_ms)
        distressed = [said for said in batch.acks if said.what.kind >= EMERGENCY]
        changed = {said.unit_id for said in (*batch.links, *batch.reports, *distressed, *batch.results)}
        if changed:
            self._on_units(changed)
            given.append(FleetChanged(tuple(sorted(changed))))
        return given
