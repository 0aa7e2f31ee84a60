"""A night without a broker: eight hours of driving in the flash, then all over a slow line, live reports first."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network import mqtt_packets as packets
from sigap_tracker.network import mqtt_protocol as protocol
from sigap_tracker.network.mqtt_protocol import MqttSession
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_tracker.storage.flash_map import JOURNAL_FIRST, JOURNAL_SECTORS, SPOOL_FIRST
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import Spool
from sigap_wire import topics
from sigap_wire.report import Fix, Report
from tests.firmware.sentences import START_S, drive
from tests.portable.interpreters import run_micropython
from tests.portable.nor_flash import NorFlash

NIGHT_S = 8 * 3600
SECTORS = 256
LIVE_AGE_MAX_MS = 2000
ERASES_PER_FIX = 0.05
START_MAX_MS = 300
PUBLISH = 3


@dataclass
class Unit:
    """A unit's fix path from the NMEA text to the MQTT session; every fix is kept, as on an assignment."""

    flash: NorFlash
    boot_id: int
    kept: int = 0
    fixes: list[Fix] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parser, self.gate, self.policy = NmeaParser(), FixGate(), Policy()
        self.spool = Spool(self.flash, SPOOL_FIRST, SECTORS - SPOOL_FIRST)
        self.outbox = Outbox(self.boot_id, self.spool, Journal(self.flash, JOURNAL_FIRST, JOURNAL_SECTORS))
        self.session = MqttSession("u", "u", "p", 60, "t/link", ("t/order",))

    def hear(self, second: int) -> bool:
        """A second of the receiver; whether its fix was kept."""
        said = bytearray(drive(second))
        before = self.outbox.kept
        for fix in self.parser.feed(said, len(said)):
            assert self.gate.check(fix) is None
            reason = self.policy.consider(fix, urgent=True)
            if reason is not None:
                fix.reason = reason
                self.outbox.keep(fix)
        return self.outbox.kept > before

    def pump(self, now_ms: int) -> bytes:
        """What it writes to its line now."""
        while self.session.has_room():
            message = self.outbox.next_message()
            if message is None:
                break
            kind, payload, token = message
            topic = topics.topic("unit-01", kind)
            self.session.publish(topic, payload, kind == topics.LINK, token, now_ms % TICKS_PERIOD_MS)
        return bytes(self.session.take_output())


@dataclass
class SlowLine:
    """Bytes leave one after the other, a broker acknowledges what has arrived. 2G on a bad day."""

    bytes_per_s: int = 1000
    latency_ms: int = 500

    def __post_init__(self) -> None:
        self.free_ms = 0
        self.reader = packets.PacketReader(8192)
        self.pubacks: list[tuple[int, bytes]] = []  # (when they are back, the packet)
        self.arrived: dict[tuple[int, int], int] = {}  # (boot_id, seq) → fix_time_s
        self.live: list[tuple[tuple[int, int], int]] = []  # ((boot_id, seq), when)
        self.batch_fixes: list[int] = []

    def carry(self, output: bytes, now_ms: int) -> None:
        at = 0
        while at < len(output):
            begin = at
            at = self.reader.feed(output, at, len(output))
            self.free_ms = max(self.free_ms, now_ms) + (at - begin) * 1000 // self.bytes_per_s
            if self.reader.whole and self.reader.type == PUBLISH:
                self._published(bytes(self.reader.body[: self.reader.length]), self.free_ms + self.latency_ms)

    def _published(self, body: bytes, at_ms: int) -> None:
        length = int.from_bytes(body[:2], "big")
        kind = body[2 : 2 + length].rsplit(b"/", 1)[1].decode()
        report = Report.decode(body[4 + length :])
        for seq, fix in enumerate(report.fixes, report.seq):
            assert self.arrived.setdefault((report.boot_id, seq), fix.fix_time_s) == fix.fix_time_s
        if kind == topics.REPORT:
            self.live.append(((report.boot_id, report.seq), at_ms))
        else:
            self.batch_fixes.append(len(report.fixes))
        self.pubacks.append((at_ms + self.latency_ms, b"\x40\x02" + body[2 + length : 4 + length]))


def test_a_night_without_a_broker() -> None:
    flash = NorFlash(SECTORS)
    starts = sorted(random.Random(3).sample(range(NIGHT_S), 4))  # the ignition, off and on
    unit = Unit(flash, 1)
    expected: dict[tuple[int, int], int] = {}
    for second in range(NIGHT_S):
        if second in starts:
            unit = Unit(flash, unit.boot_id + 1)
        if unit.hear(second):
            expected[unit.boot_id, unit.outbox.kept - 1] = START_S + second
    assert len(expected) >= NIGHT_S - len(starts) - 1
    unit = Unit(flash, unit.boot_id + 1)
    assert unit.spool.queued == len(expected)

    line = SlowLine()
    kept_ms: dict[tuple[int, int], int] = {}
    unit.session.open(b"", 0)
    unit.session.take_output()
    assert list(unit.session.receive(b"\x20\x02\x00\x00", 4, 0)) == [(protocol.CONNECTED, False)]
    unit.session.take_output()
    now_ms, second = 0, NIGHT_S
    while unit.spool.queued > 10:
        # The next thing that happens: a PUBACK is back, or the receiver speaks.
        line.pubacks.sort()
        if line.pubacks and line.pubacks[0][0] <= (second - NIGHT_S) * 1000:
            now_ms, packet = line.pubacks.pop(0)
            for event in unit.session.receive(packet, 4, now_ms % TICKS_PERIOD_MS):
                unit.outbox.delivered(event[1])
        else:
            now_ms = (second - NIGHT_S) * 1000
            if unit.hear(second):
                key = unit.boot_id, unit.outbox.kept - 1
                expected[key] = START_S + second
                kept_ms[key] = now_ms
            second += 1
        unit.session.tick(now_ms % TICKS_PERIOD_MS)
        line.carry(unit.pump(now_ms), now_ms)

    ages_ms = [at_ms - kept_ms[key] for key, at_ms in line.live]
    assert max(ages_ms) <= LIVE_AGE_MAX_MS
    assert len(line.live) == len(kept_ms)
    late = expected.keys() - line.arrived.keys()
    assert len(late) <= 10
    assert late <= kept_ms.keys()
    assert all(line.arrived[key] == time_s for key, time_s in expected.items() if key not in late)
    assert (unit.spool.dropped, unit.spool.corrupt, unit.outbox.flash_failures) == (0, 0, 0)
    erases_per_fix = sum(flash.erases) / len(expected)
    assert erases_per_fix <= ERASES_PER_FIX
    print(
        f"{len(expected)} fixes kept, 0 lost; {sum(line.batch_fixes) / len(line.batch_fixes):.1f} fixes a batch,"
        f" drained in {now_ms // 1000} s at {line.bytes_per_s} bytes/s; live reports at most {max(ages_ms)} ms old;"
        f" {erases_per_fix:.4f} erases a fix"
    )


STARTING = """
import gc, time
from sigap_tracker.hal_unix import FileFlash
from sigap_tracker.storage.flash_map import SPOOL_FIRST
from sigap_tracker.storage.spool import Spool
flash = FileFlash({path!r})
gc.collect()
before = gc.mem_alloc()
start = time.ticks_us()
spool = Spool(flash, SPOOL_FIRST, flash.sector_count - SPOOL_FIRST)
first = spool.batch([], 1)[1:3]
took = time.ticks_diff(time.ticks_us(), start)
del first
gc.collect()
print(spool.queued, took, gc.mem_alloc() - before)
"""


def test_a_full_spool_is_looked_through_at_a_start(tmp_path: Path) -> None:
    flash = NorFlash(SECTORS)
    spool = Spool(flash, SPOOL_FIRST, SECTORS - SPOOL_FIRST)
    for second in range(240 * 127):
        spool.keep(1, second, Fix(START_S + second, -69147440, 1076098110))
    path, script = tmp_path / "flash.bin", tmp_path / "start.py"
    path.write_bytes(flash.content)
    script.write_text(STARTING.format(path=str(path)))
    queued, took_us, heap_bytes = map(int, run_micropython([script]).split())
    assert queued == 240 * 127
    assert took_us <= START_MAX_MS * 1000
    assert heap_bytes <= 1024
    print(f"{queued} fixes found in {took_us / 1000:.1f} ms, {heap_bytes} bytes of heap")
