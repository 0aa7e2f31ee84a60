"""The unit's application: puts its parts together, runs their tasks, and speaks for the unit with the server."""

import asyncio
import gc
from binascii import unhexlify

from sigap_tracker import FIRMWARE, on_demand, power
from sigap_tracker.changes import ANEW, APPLY, SETTLED, TELL, TRIAL
from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import HEALTH, MAINTENANCE, MAINTENANCE_OVER, SELF_TEST, Machine, Updating, WorkMaker
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.network.secure import context
from sigap_tracker.officer import texts
from sigap_tracker.officer.desk import Desk
from sigap_tracker.officer.screen import Screen
from sigap_tracker.officer.texts import Texts
from sigap_tracker.power import Power
from sigap_tracker.reporting import Reporter
from sigap_tracker.storage.flash_map import JOURNAL_FIRST, JOURNAL_SECTORS, SPOOL_FIRST
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.settings import Settings
from sigap_tracker.storage.spool import Spool
from sigap_tracker.supervisor import GPS, MQTT, OUTPUT, SECOND, TASK_NAMES, Supervisor
from sigap_wire import result, topics
from sigap_wire.errors import WireError
from sigap_wire.link import Link
from sigap_wire.result import REFUSED, SUBJECT_CONNECTION

_SECOND_MS = 1000
_STAY, _START_ANEW, _GO_OFF, _LINE_OFF = range(4)
_SETTLE_S = 1  # so that the server hears why, before
_FLUSH_S = 10
_MAINTENANCE_S = 3600
_DAY_S = 86400
_SAFE_MODE_MAX_S = 3600
_FIRST_TEST_S = 60


class App:
    """Everything one unit does, on one machine."""

    def __init__(self, machine: Machine, settings: Settings, path: str, state: int) -> None:
        """`path` and `state` are the settings', see configuration.py."""
        self._machine = machine
        self._path = path
        self._settings_state = state
        self._trial_s = settings.mqtt_trial_s
        self._watchdog_s = settings.watchdog_s
        self._boot_id = on_demand.load("sigap_boot.start").boot_id(machine.flash)
        self._clock = Clock(machine.ticks_ms())
        self._supervisor = Supervisor()
        self._running: "list[asyncio.Task[None]]" = []
        flash = machine.flash
        journal = Journal(flash, JOURNAL_FIRST, JOURNAL_SECTORS)
        spool = Spool(flash, SPOOL_FIRST, flash.sector_count - SPOOL_FIRST)
        self._outbox = Outbox(self._boot_id, spool, journal)
        session = MqttSession(
            settings.unit_id,
            settings.mqtt_user,
            settings.mqtt_password,
            settings.mqtt_keepalive_s,
            topics.LINK,
            topics.TO_UNIT,
            prefix=topics.prefix(settings.unit_id),
        )
        self._link = MqttLink(machine, session, self._outbox, settings, self, self._supervisor)
        self._supervisor.allow_s(MQTT, settings.mqtt_reconnect_max_s + 300)
        screen = Screen(machine.canvas, Texts(settings.language), settings.callsign, settings.utc_offset_min)
        self._desk = Desk(machine, self._clock, self._outbox, self._link, screen, journal)
        self._reporter = Reporter(machine, self._clock, self._outbox, self._link, self._desk, self._supervisor)
        self._power = Power()
        self._desk.safe_mode = on_demand.load("sigap_boot.start").crashes(flash)[1]
        self._safe_mode_s = settings.safe_mode_s
        self._tests = bytearray(6)  # see self_test.py
        self._lowest_free_bytes = 0  # 0: not looked yet
        self._end = _STAY
        self._end_s = 0  # until then
        self._updating: "Updating | None" = None
        self._slot = on_demand.load("sigap_boot.start").running_slot(flash)
        self._configure(settings)

    def _configure(self, settings: Settings) -> None:
        """What can be changed while the unit runs."""
        self._health_interval_s = settings.health_interval_s
        self._reporter.configure(settings, self._power.low)
        self._desk.screen.configure(Texts(settings.language), settings.callsign, settings.utc_offset_min)
        self._power.configure(
            settings.power_off_delay_s, settings.power_low_mv, settings.power_low_s, settings.power_cutoff_mv
        )
        self._update_keys = unhexlify(settings.update_key + settings.update_next_key)

    # Tasks.

    async def run(self) -> None:
        """Run until the machine says that the unit is to end."""
        safe_mode = self._desk.safe_mode
        self._machine.log(
            "boot",
            boot_id=self._boot_id,
            firmware=FIRMWARE,
            cause=self._machine.reset_cause(),
            safe_mode=int(safe_mode),
        )
        if on_demand.load("sigap_boot.start").in_maintenance(self._machine.flash):
            self._supervisor.maintenance_s = _MAINTENANCE_S
            self._machine.log("maintenance", seconds=_MAINTENANCE_S)
        self._machine.start_watchdog(self._watchdog_s)
        # In safe mode only what a technician and the server need to repair the unit.
        gps = self._rest if safe_mode else self._reporter.run
        works = (self._machine.run_output, gps, self._link.run, self._every_second)
        for task in (OUTPUT, GPS, MQTT, SECOND):
            self._running.append(asyncio.create_task(self._keep_running(task, works[task])))
        self._update(b"")
        while True:
            event = await self._machine.next_event()
            if event is None:
                return
            if event == HEALTH:
                self._send_health()
            elif event == SELF_TEST:
                asyncio.create_task(self._test())
            elif event in (MAINTENANCE, MAINTENANCE_OVER):
                self._maintain(_MAINTENANCE_S if event == MAINTENANCE else 0)
            elif safe_mode:
                pass
            elif event[:1] in "+-":
                self._desk.edge(event)
            else:
                self._desk.press(event)

    def _maintain(self, seconds: int) -> None:
        """A technician has the unit for so long, or not any more."""
        self._supervisor.maintenance_s = seconds
        on_demand.load("sigap_boot.start").maintain(self._machine.flash, seconds > 0)
        self._machine.log("maintenance", seconds=seconds)

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
                if self._end == _LINE_OFF:
                    return
                reason = "stuck"  # _watch() found it so
                by_program = task != GPS  # a receiver may say nothing for ever
            except Exception as error:
                by_program = not isinstance(error, OSError)
                reason = repr(error)
            delay_s = self._supervisor.failed(task, by_program)
            self._machine.log("task_failed", task=TASK_NAMES[task], error=reason)

    def _update(self, payload: bytes) -> None:
        """Something on the topic ota; or the start, after which there may be an update to go on with.

        What cannot be dealt with now is asked for again; a failure would bring it back with each connection.
        """
        try:
            if self._updating is None:
                updater = on_demand.load("sigap_tracker.update.updater").Updater
                self._updating = updater(
                    self._machine, self._desk, self._outbox, self._link, self._update_keys, self._slot, self._start_anew
                )
                asyncio.create_task(self._run_update(self._updating))
            if payload:
                self._updating.message(payload)
        except Exception as error:
            self._machine.log("task_failed", task="update", error=repr(error))

    async def _run_update(self, updating: "Updating") -> None:
        try:
            await updating.run()
        except Exception as error:
            self._machine.log("task_failed", task="update", error=repr(error))
        self._updating = None

    async def _test(self) -> None:
        try:
            run = on_demand.load("sigap_tracker.self_test").run
            await run(self._machine, self._desk, self._reporter, self._outbox, self._tests)
            self._send_health()
        except Exception as error:
            self._machine.log("task_failed", task="self_test", error=repr(error))

    async def _every_second(self) -> None:
        health_s = 0
        test_s = _DAY_S - _FIRST_TEST_S
        while True:
            self._supervisor.check_in(SECOND)
            self._watch()
            self._watch_power()
            if self._desk.safe_mode:
                self._watch_safe_mode()
            else:
                self._reporter.second()
                self._desk.second()
            if self._end != _STAY:
                await self._leave()
            await asyncio.sleep_ms(_SECOND_MS)
            health_s += 1
            test_s += 1
            if health_s >= self._health_interval_s:
                health_s = 0
                self._send_health()
            if test_s >= _DAY_S and not self._desk.safe_mode:
                test_s = 0
                asyncio.create_task(self._test())

    def _watch(self) -> None:
        """Feed the watchdog if every task lives; end a task that is stuck, so that it starts again."""
        if self._supervisor.maintenance_s == 1:
            self._maintain(0)
        stuck = self._supervisor.second()
        if stuck < 0 or self._supervisor.maintenance_s:
            self._machine.feed_watchdog()
        if stuck >= 0:
            self._running[stuck].cancel()
        if self._supervisor.reset_for and not self._supervisor.maintenance_s:
            self._machine.log("reset", reason=self._supervisor.reset_for)
            self._machine.reset()
        if self._settings_state == TRIAL and self._clock.uptime_s(self._machine.ticks_ms()) >= self._trial_s:
            on_demand.load("sigap_tracker.configuration").revert(self._machine.flash)
            self._settings_state = SETTLED
            self._start_anew("no connection with the new settings")

    async def _rest(self) -> None:
        """In place of a task that safe mode goes without."""
        while True:
            self._supervisor.check_in(GPS)
            await asyncio.sleep_ms(_SECOND_MS)

    def _watch_safe_mode(self) -> None:
        """After a time in which nothing went wrong either, the unit tries again; without the server it waits longer."""
        self._desk.draw()
        self._safe_mode_s -= 1 if self._desk.link_up else 0
        uptime_s = self._clock.uptime_s(self._machine.ticks_ms())
        if (self._safe_mode_s <= 0 or uptime_s >= _SAFE_MODE_MAX_S) and self._end == _STAY:
            on_demand.load("sigap_boot.start").forget_crashes(self._machine.flash)
            self._start_anew("safe mode is over")

    def _watch_power(self) -> None:
        """The car was switched off or on, or its battery is low."""
        happened = self._power.second(self._machine.ignition(), self._machine.supply_mv(), self._desk.book.busy())
        if happened == power.NOTHING:
            return
        self._machine.log("power", what=power.NAMES.split()[happened])
        if happened == power.SHUT_DOWN:
            self._end, self._end_s = _GO_OFF, 0
        elif happened in (power.IGNITION_OFF, power.IGNITION_ON):
            self._reporter.event_due = True
        self._desk.screen.notice = texts.IGNITION_OFF if self._power.off else texts.LOW if self._power.low else 0
        self._desk.dark = self._power.low
        if happened in (power.LOW, power.LOW_OVER):
            present = on_demand.load("sigap_tracker.configuration").present
            self._configure(present(self._machine.flash, self._path))

    def _start_anew(self, reason: str) -> None:
        """In order, as soon as nobody is disturbed by it."""
        self._machine.log("reset", reason=reason)
        if self._end < _GO_OFF:
            self._end, self._end_s = _START_ANEW, _SETTLE_S

    async def _leave(self) -> None:
        """Say what is left to say, take leave of the server, and end."""
        if self._end == _START_ANEW and self._desk.book.busy():
            return
        if self._end_s:
            self._end_s -= 1
            return
        if self._desk.link_up:
            self._outbox.put_link(self.will(self._link.connects))
            self._link.wake()
            for _ in range(_FLUSH_S):
                self._supervisor.check_in(SECOND)
                self._machine.feed_watchdog()
                await asyncio.sleep_ms(_SECOND_MS)
                if self._link.settled():
                    break
            await self._link.leave()
        if self._end >= _GO_OFF and not self._machine.ignition():
            # The connection's task would bring the line up again while it goes down.
            self._end = _LINE_OFF
            self._running[MQTT].cancel()
            await asyncio.sleep_ms(0)
            self._machine.feed_watchdog()
            await self._machine.line.off()
            if not self._machine.ignition():
                self._machine.shut_down()
        self._expect_restart()
        self._machine.reset()  # also when the ignition came on meanwhile, as nothing would wake the unit

    def _expect_restart(self) -> None:
        """The start that follows is no sign of a crash."""
        on_demand.load("sigap_boot.start").expect_restart(self._machine.flash)

    # What the MQTT link tells, see Listener in interfaces.pyi.

    def will(self, connection: int) -> bytes:
        """What the server learns when connection number `connection` breaks."""
        return Link(self._boot_id, connection, False, FIRMWARE).encode()

    def may_reboot(self) -> bool:
        """Not while a technician works, nor while the unit is on its way to somebody."""
        return not self._supervisor.maintenance_s and not self._desk.book.urgent()

    def reboot(self) -> None:
        """All that was done about the line was in vain. At once, or another attempt would begin that this cuts off."""
        self._machine.log("reset", reason="ladder")
        self._expect_restart()
        self._machine.reset()

    def link_up(self, connection: int, session_present: bool) -> None:
        """The server took the connection."""
        self._desk.link_up = True
        self._say_online()
        if self._link.trouble:
            self._outbox.put_result(SUBJECT_CONNECTION, 0, REFUSED, 0, self._link.trouble)
            self._link.trouble = ""
        self._machine.log("connected", connection=connection, session_present=int(session_present))
        if self._settings_state != SETTLED:
            told = on_demand.load("sigap_tracker.configuration").connected(self._machine.flash)
            self._settings_state = SETTLED
            if told is not None:
                self._outbox.put_result(result.SUBJECT_CONFIG, told[0], told[1], 0, "")
        self._desk.draw()

    def link_down(self, reason: str) -> None:
        """A connection ended, or could not be made."""
        self._desk.link_up = False
        self._machine.log("disconnected", reason=reason)
        self._desk.draw()

    def message(self, kind: str, payload: bytes) -> None:
        """Something came from the server."""
        try:
            if kind == topics.ORDER:
                if self._desk.safe_mode:
                    raise WireError("unit is in safe mode")
                self._desk.receive(payload)
            elif kind == topics.CONFIG:
                self._change_settings(payload)
            elif kind == topics.OTA:
                self._update(payload)
            else:
                self._machine.log("message_refused", kind=kind)
        except Exception as error:
            # Refused and acknowledged, whatever it is: an error here would end the connection, and the server would
            # send the same message on the next one, and so for ever.
            reason = str(error) if isinstance(error, WireError) else repr(error)
            self._machine.log("order_refused" if kind == topics.ORDER else "message_refused", error=reason)
            subject = result.SUBJECT_CONFIG if kind == topics.CONFIG else result.SUBJECT_UPDATE
            if kind == topics.ORDER:
                subject = result.SUBJECT_ORDER
            self._outbox.put_result(subject, 0, result.REFUSED, 0, reason)
            self._link.wake()

    def _change_settings(self, payload: bytes) -> None:
        change = on_demand.load("sigap_tracker.configuration").change
        revision, outcome, detail, effect, settings = change(self._machine.flash, self._path, payload, context)
        self._machine.log("config", revision=revision, outcome=result.OUTCOME_NAMES[outcome], detail=detail)
        if effect == APPLY:
            self._configure(settings)
            self._desk.draw()
        elif effect == ANEW:
            self._start_anew("new settings")
        elif effect == TELL:
            self._send_health()
        self._outbox.put_result(result.SUBJECT_CONFIG, revision, outcome, 0, detail)
        self._link.wake()

    def _say_online(self) -> None:
        self._outbox.put_link(Link(self._boot_id, self._link.connects, True, FIRMWARE).encode())

    def _send_health(self) -> None:
        gc.collect()  # before what gathers the counters is loaded
        heap_bytes = gc.mem_alloc(), gc.mem_free()
        self._lowest_free_bytes = min(self._lowest_free_bytes or heap_bytes[1], heap_bytes[1])
        message = on_demand.load("sigap_tracker.health").message(
            self._machine,
            self._boot_id,
            self._clock.uptime_s(self._machine.ticks_ms()),
            heap_bytes + (self._lowest_free_bytes,),
            self._reporter,
            self._outbox,
            self._link,
            self._desk,
            self._supervisor,
            self._power,
            self._tests,
        )
        self._outbox.put_health(message)
        # A broker may publish the will of an old connection after the next one's link, and retain it: say again.
        if self._desk.link_up:
            self._say_online()
        self._link.wake()
