"""The unit's application: puts its parts together, runs their tasks, and speaks for the unit with the server."""

import asyncio
import gc

from sigap_tracker import on_demand
from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import HEALTH, MAINTENANCE, MAINTENANCE_OVER, Machine, WorkMaker
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.desk import Desk
from sigap_tracker.officer.screen import Screen
from sigap_tracker.officer.texts import Texts
from sigap_tracker.reporting import Reporter
from sigap_tracker.storage.flash_map import JOURNAL_FIRST, JOURNAL_SECTORS, SPOOL_FIRST
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.settings import Settings
from sigap_tracker.storage.spool import Spool
from sigap_tracker.supervisor import GPS, MQTT, OUTPUT, SECOND, TASK_NAMES, Supervisor
from sigap_wire import topics
from sigap_wire.errors import WireError
from sigap_wire.link import Link

FIRMWARE = "sigap-tracker 0.1.0"

_SECOND_MS = 1000
_MAINTENANCE_S = 3600


class App:
    """Everything one unit does, on one machine."""

    def __init__(self, machine: Machine, settings: Settings, texts: Texts) -> None:
        self._machine = machine
        self._watchdog_s = settings.watchdog_s
        self._health_interval_s = settings.health_interval_s
        self._boot_id = machine.next_boot_id()
        self._clock = Clock(machine.ticks_ms())
        self._supervisor = Supervisor()
        self._running: "list[asyncio.Task[None]]" = []
        flash = machine.flash
        self._outbox = Outbox(
            self._boot_id,
            Spool(flash, SPOOL_FIRST, flash.sector_count - SPOOL_FIRST),
            Journal(flash, JOURNAL_FIRST, JOURNAL_SECTORS),
        )
        link_topic = topics.topic(settings.unit_id, topics.LINK)
        self._prefix = link_topic[: -len(topics.LINK)]
        session = MqttSession(
            settings.unit_id,
            settings.mqtt_user,
            settings.mqtt_password,
            settings.mqtt_keepalive_s,
            link_topic,
            (self._prefix + topics.ORDER,),
        )
        self._link = MqttLink(machine, session, self._outbox, settings, self, self._supervisor)
        self._supervisor.allow_s(MQTT, settings.mqtt_reconnect_max_s + 300)
        screen = Screen(machine.canvas, texts, settings.callsign, settings.utc_offset_min)
        self._desk = Desk(machine, self._clock, self._outbox, self._link, screen)
        self._reporter = Reporter(machine, self._clock, self._outbox, self._link, self._desk, self._supervisor)
        self._reporter.configure(settings)

    # Tasks.

    async def run(self) -> None:
        """Run until the machine says that the unit is to end."""
        self._machine.log("boot", boot_id=self._boot_id, firmware=FIRMWARE, cause=self._machine.reset_cause())
        self._machine.start_watchdog(self._watchdog_s)
        works = (self._machine.run_output, self._reporter.run, self._link.run, self._every_second)
        for task in (OUTPUT, GPS, MQTT, SECOND):
            self._running.append(asyncio.create_task(self._keep_running(task, works[task])))
        while True:
            event = await self._machine.next_event()
            if event is None:
                return
            if event == HEALTH:
                self._send_health()
            elif event in (MAINTENANCE, MAINTENANCE_OVER):
                self._supervisor.maintenance_s = _MAINTENANCE_S if event == MAINTENANCE else 0
                self._machine.log("maintenance", seconds=self._supervisor.maintenance_s)
            else:
                self._desk.press(event)

    async def _keep_running(self, task: int, work: "WorkMaker") -> None:
        """A fault in one task stops neither it for long nor any other."""
        delay_s = 0
        while True:
            self._supervisor.check_in(task)
            by_program = True
            try:
                await asyncio.sleep_ms(delay_s * _SECOND_MS)
                await work()
                reason = "it ended"
            except asyncio.CancelledError:
                reason = "stuck"  # _every_second() found it so
            except Exception as error:
                by_program = not isinstance(error, OSError)
                reason = repr(error)
            delay_s = self._supervisor.failed(task, by_program)
            self._machine.log("task_failed", task=TASK_NAMES[task], error=reason)

    async def _every_second(self) -> None:
        health_s = 0
        while True:
            self._supervisor.check_in(SECOND)
            self._watch()
            self._reporter.second()
            self._desk.second()
            await asyncio.sleep_ms(_SECOND_MS)
            health_s += 1
            if health_s >= self._health_interval_s:
                health_s = 0
                self._send_health()

    def _watch(self) -> None:
        """Feed the watchdog if every task lives; end a task that is stuck, so that it starts again."""
        stuck = self._supervisor.second()
        if stuck < 0 or self._supervisor.maintenance_s:
            self._machine.feed_watchdog()
        if stuck >= 0:
            self._running[stuck].cancel()
        if self._supervisor.reset_for and not self._supervisor.maintenance_s:
            self._machine.log("reset", reason=self._supervisor.reset_for)
            self._machine.reset()

    # What the MQTT link tells, see Listener in interfaces.pyi.

    def will(self, connection: int) -> bytes:
        """What the server learns when connection number `connection` breaks."""
        return Link(self._boot_id, connection, False, FIRMWARE).encode()

    def reboot(self) -> None:
        """All that was done about the line was in vain."""
        self._supervisor.reset_for = "ladder"

    def link_up(self, connection: int, session_present: bool) -> None:
        """The server took the connection."""
        self._desk.link_up = True
        self._say_online()
        self._machine.log("connected", connection=connection, session_present=int(session_present))
        self._desk.draw()

    def link_down(self, reason: str) -> None:
        """A connection ended, or could not be made."""
        self._desk.link_up = False
        self._machine.log("disconnected", reason=reason)
        self._desk.draw()

    def message(self, topic: str, payload: bytes) -> None:
        """Something came from the server."""
        kind = topic[len(self._prefix) :]
        try:
            if kind == topics.ORDER:
                self._desk.receive(payload)
            else:
                self._machine.log("message_refused", topic=topic)
        except WireError as error:
            self._machine.log("order_refused", error=str(error))

    def _say_online(self) -> None:
        self._outbox.put_link(Link(self._boot_id, self._link.connects, True, FIRMWARE).encode())

    def _send_health(self) -> None:
        gc.collect()
        heap_bytes = gc.mem_alloc(), gc.mem_free()  # before what gathers the counters is loaded
        parts = (self._reporter, self._outbox, self._link, self._desk.book, self._supervisor)
        uptime_s = self._clock.uptime_s(self._machine.ticks_ms())
        message = on_demand.load("sigap_tracker.health").message
        self._outbox.put_health(message(self._boot_id, uptime_s, heap_bytes, *parts))
        # A broker may publish the will of an old connection after the next one's link, and retain it: say again.
        if self._desk.link_up:
            self._say_online()
        self._link.wake()
