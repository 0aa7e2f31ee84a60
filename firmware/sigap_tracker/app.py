"""The unit's application: NMEA → fix gate → policy → outbox → MQTT, and orders → screen, buzzer, acknowledgements."""

import asyncio
import gc

from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import HEALTH, Machine, WorkMaker
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer import orders
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.screen import Screen
from sigap_tracker.officer.texts import Texts
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_tracker.storage.settings import Settings
from sigap_wire import topics
from sigap_wire.ack import KIND_NAMES
from sigap_wire.errors import WireError
from sigap_wire.fields import UINT32_MAX
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix

FIRMWARE = "sigap-tracker 0.1.0"

_SECOND_MS = 1000
_RESTART_MS = 1000
_FIX_FRESH_S = 10  # an older position is no place to measure a distance from

# [frequency_hz, on_ms, off_ms] for orders.ALARM_…
_PATTERNS = (
    (),
    ((2400, 150, 80), (3000, 150, 80)) * 4,
    ((3000, 120, 60), (3000, 400, 0)),
    ((1200, 600, 100), (800, 800, 0)),
)


class App:
    """Everything one unit does, on one machine."""

    def __init__(self, machine: Machine, settings: Settings, texts: Texts) -> None:
        self._machine = machine
        self._order_topic = topics.topic(settings.unit_id, topics.ORDER)
        self._boot_id = machine.next_boot_id()
        self._clock = Clock(machine.ticks_ms())
        self._parser = NmeaParser()
        self._gate = FixGate()
        self._policy = Policy(
            settings.policy_min_interval_s,
            settings.policy_max_interval_s,
            settings.policy_distance_m,
            settings.policy_angle_deg,
        )
        self._outbox = Outbox(self._boot_id, settings.queue_fixes)
        self._book = OrderBook()
        session = MqttSession(
            settings.unit_id,
            settings.mqtt_user,
            settings.mqtt_password,
            settings.mqtt_keepalive_s,
            topics.topic(settings.unit_id, topics.LINK),
            (self._order_topic,),
        )
        self._link = MqttLink(machine, session, self._outbox, settings, self)
        self._screen = Screen(machine.canvas, texts, settings.callsign, settings.utc_offset_min)
        self._health_interval_s = settings.health_interval_s
        self._link_up = False
        self._fix: "Fix | None" = None  # the latest that the gate let pass
        self._fix_uptime_s = 0
        self._refused_for: "str | None" = ""  # what the gate said last
        self._logged = (orders.IDLE, 0)  # view and order of the log's latest `screen`
        self._task_failures = 0

    async def run(self) -> None:
        """Run until the machine says that the unit is to end."""
        self._machine.log("boot", boot_id=self._boot_id, firmware=FIRMWARE)
        asyncio.create_task(self._keep_running("output", self._machine.run_output))
        asyncio.create_task(self._keep_running("gps", self._read_gps))
        asyncio.create_task(self._keep_running("mqtt", self._link.run))
        asyncio.create_task(self._keep_running("screen", self._every_second))
        while True:
            event = await self._machine.next_event()
            if event is None:
                return
            if event == HEALTH:
                self._send_health()
            else:
                now = self._now()
                self._acknowledge(self._book.press(event, *now))
                self._draw()

    async def _keep_running(self, task: str, work: "WorkMaker") -> None:
        """A fault in one task stops neither it for long nor any other."""
        while True:
            try:
                await work()
            except Exception as error:
                self._task_failures += 1
                self._machine.log("task_failed", task=task, error=repr(error))
            await asyncio.sleep_ms(_RESTART_MS)

    async def _read_gps(self) -> None:
        gps = self._machine.open_gps()
        buffer = bytearray(256)
        while True:
            count = await gps.readinto(buffer)
            if not count:
                raise OSError("receiver is gone")
            for fix in self._parser.feed(buffer, count):
                self._take_fix(fix)

    def _take_fix(self, fix: Fix) -> None:
        reason = self._gate.check(fix)
        if reason != self._refused_for:
            self._refused_for = reason
            self._machine.log("fix_gate", reason=reason or "accepted")
        if reason is not None:
            return
        ticks_ms = self._machine.ticks_ms()
        self._clock.set_unix_s(ticks_ms, fix.fix_time_s)
        self._fix = fix
        self._fix_uptime_s = self._clock.uptime_s(ticks_ms)
        kept = self._policy.consider(fix, self._book.urgent())
        if kept is not None:
            fix.reason = kept
            self._outbox.keep(fix)
            self._link.wake()
        self._acknowledge(self._book.moved(fix.speed_cmps))

    async def _every_second(self) -> None:
        health_s = 0
        while True:
            self._acknowledge(self._book.tick(*self._now()))
            self._draw()
            await asyncio.sleep_ms(_SECOND_MS)
            health_s += 1
            if health_s >= self._health_interval_s:
                health_s = 0
                self._send_health()

    def will(self, connection: int) -> bytes:
        """What the server learns when connection number `connection` breaks."""
        return Link(self._boot_id, connection, False, FIRMWARE).encode()

    def link_up(self, connection: int, session_present: bool) -> None:
        """The server took the connection."""
        self._link_up = True
        self._say_online()
        self._machine.log("connected", connection=connection, session_present=int(session_present))
        self._draw()

    def link_down(self, reason: str) -> None:
        """A connection ended, or could not be made."""
        self._link_up = False
        self._machine.log("disconnected", reason=reason)
        self._draw()

    def message(self, topic: str, payload: bytes) -> None:
        """Something came from the server."""
        if topic != self._order_topic:
            self._machine.log("message_refused", topic=topic)
            return
        try:
            order = Order.decode(payload)
        except WireError as error:
            self._machine.log("order_refused", error=str(error))
            return
        self._machine.log("order", order_id=order.order_id, revision=order.revision, state=order.state)
        self._acknowledge(self._book.receive(order, *self._now()))
        self._draw()

    def _now(self) -> "tuple[int, int]":
        """(Unix seconds or 0, seconds since the start)."""
        ticks_ms = self._machine.ticks_ms()
        return self._clock.unix_s(ticks_ms), self._clock.uptime_s(ticks_ms)

    def _acknowledge(self, due: "tuple[int, int, int] | None") -> None:
        alarm = self._book.take_alarm()
        if alarm:
            self._machine.buzz(_PATTERNS[alarm])
        if due is None:
            return
        order_id, revision, kind = due
        self._outbox.put_ack(order_id, revision, kind, self._now()[0])
        self._link.wake()
        self._machine.log("ack", order_id=order_id, revision=revision, kind=KIND_NAMES[kind])

    def _draw(self) -> None:
        time_s, uptime_s = self._now()
        fix = self._fix if uptime_s - self._fix_uptime_s <= _FIX_FRESH_S else None
        self._screen.draw(self._book, fix, self._link_up, time_s, uptime_s)
        self._machine.show()
        self._log_screen()

    def _log_screen(self) -> None:
        """Tell what the screen says about the order whenever that changes: only a person can read the pixels."""
        order = self._book.order
        shown = (self._book.view, order.order_id if order is not None else 0)
        if shown != self._logged:
            self._logged = shown
            values = {"view": orders.VIEW_NAMES[shown[0]], "order_id": shown[1]}
            if order is not None:
                values["lat_e7"] = order.lat_e7
                values["lon_e7"] = order.lon_e7
            self._machine.log("screen", **values)

    def _say_online(self) -> None:
        self._outbox.put_link(Link(self._boot_id, self._link.connects, True, FIRMWARE).encode())

    def _send_health(self) -> None:
        gc.collect()
        counters = {
            "nmea_sentences": self._parser.sentences,
            "nmea_bad_checksum": self._parser.bad_checksum,
            "nmea_unparsable": self._parser.unparsable,
            "fixes": self._parser.fixes,
            "fixes_rejected": sum(self._gate.rejected.values()),
            "reports_kept": self._outbox.kept,
            "reports_dropped": self._outbox.dropped,
            "queue": self._outbox.queued,
            "mqtt_connects": self._link.connects,
            "mqtt_bytes_in": self._link.bytes_in & UINT32_MAX,
            "mqtt_bytes_out": self._link.bytes_out & UINT32_MAX,
            "orders": self._book.received,
            "orders_stale": self._book.stale,
            "task_failures": self._task_failures,
            "heap_alloc_bytes": gc.mem_alloc(),
            "heap_free_bytes": gc.mem_free(),
        }
        self._outbox.put_health(Health(self._boot_id, self._now()[1], counters).encode())
        # A broker may publish the will of an old connection after the next one's link, and retain it: say again.
        if self._link_up:
            self._say_online()
        self._link.wake()
