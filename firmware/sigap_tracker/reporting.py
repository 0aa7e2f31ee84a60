"""What becomes of the receiver's bytes: NMEA → fix gate → policy → outbox."""

from sigap_tracker.build import BUILD_TIME_S
from sigap_tracker.clock import Clock
from sigap_tracker.interfaces import Machine, Stream
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.desk import Desk
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_tracker.position.receiver_watch import requests
from sigap_tracker.storage.settings import Settings
from sigap_tracker.supervisor import GPS, Supervisor
from sigap_wire.report import REASON_EVENT, Fix

_SLOWER = 4


class Reporter:
    """`desk` hears of every fix that was believed, `link` of every one that was kept."""

    def __init__(
        self, machine: Machine, clock: Clock, outbox: Outbox, link: MqttLink, desk: Desk, supervisor: Supervisor
    ) -> None:
        self.parser = NmeaParser()
        self.gate = FixGate()
        self.event_due = False  # the next fix is to be reported
        self._policy = Policy()
        self._gps: "Stream | None" = None
        self._requests = requests(self.parser)
        self._machine = machine
        self._clock = clock
        self._outbox = outbox
        self._link = link
        self._desk = desk
        self._supervisor = supervisor
        self._refused_for: "str | None" = ""  # what the gate said last

    def configure(self, settings: Settings, slow: bool) -> None:
        """Called before the first fix, and again when settings have changed. `slow`: to save the car's battery."""
        factor = _SLOWER if slow else 1
        self._policy.configure(
            settings.policy_min_interval_s * factor,
            settings.policy_max_interval_s * factor,
            settings.policy_distance_m,
            settings.policy_angle_deg,
            settings.policy_no_fix_s,
        )
        self.gate.configure(
            settings.gate_min_satellites,
            settings.gate_max_hdop_centi,
            settings.gate_max_speed_cmps,
            BUILD_TIME_S if settings.gate_build_floor else 0,
        )

    async def run(self) -> None:
        """Read the receiver; ends by OSError when it is gone."""
        gps = self._gps = self._machine.open_gps()
        buffer = bytearray(256)
        while True:
            count = await gps.readinto(buffer)
            if not count:
                raise OSError("receiver is gone")
            self._supervisor.check_in(GPS)
            self._hear(buffer, count)

    def _hear(self, buffer: bytearray, count: int) -> None:
        """Apart from run(), whose frame would keep the last fix."""
        for fix in self.parser.feed(buffer, count):
            self._take(fix)

    def _take(self, fix: Fix) -> None:
        reason = self.gate.check(fix)
        if reason != self._refused_for:
            self._refused_for = reason
            self._machine.log("fix_gate", reason=reason or "accepted")
        if reason is not None:
            return
        ticks_ms = self._machine.ticks_ms()
        if not self._clock.unix_s(ticks_ms):
            self._machine.set_time_s(fix.fix_time_s)  # a broker's certificate is held against it
        self._clock.set_unix_s(ticks_ms, fix.fix_time_s)
        kept = self._policy.consider(fix, self._desk.book.urgent())
        if kept is None and self.event_due:
            kept = REASON_EVENT
        self.event_due = False
        if kept is not None:
            fix.reason = kept
            self._keep(fix)
        self._desk.moved(fix)

    def _keep(self, fix: Fix) -> None:
        self._outbox.keep(fix)
        self._link.wake()

    def second(self) -> None:
        """A second went by: say so if there is no fix, and ask the receiver for the sentences that are wanted."""
        lost = self._policy.miss(self._clock.uptime_s(self._machine.ticks_ms()) - self._desk.fix_uptime_s)
        if lost is not None:
            self._keep(lost)
        request = next(self._requests)
        if request and self._gps is not None:
            try:
                self._gps.write(request)
            except OSError:
                pass  # it cannot be told anything; if it is gone, reading says so
