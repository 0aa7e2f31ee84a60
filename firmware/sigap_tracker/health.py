"""A health message, gathered from the parts that count. Loaded on demand."""

from sigap_boot.start import crashes
from sigap_tracker.interfaces import RESET_CAUSES, Machine
from sigap_tracker.network.ladder import REBOOT
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.desk import Desk
from sigap_tracker.position import sky
from sigap_tracker.power import Power
from sigap_tracker.reporting import Reporter
from sigap_tracker.supervisor import Supervisor
from sigap_wire.fields import UINT32_MAX
from sigap_wire.health import Health

# In the order of the values below. One text, because names that stand in code stay in memory for good.
NAMES = """
nmea_sentences nmea_bad_checksum nmea_unparsable receiver_setups fixes fixes_rejected dates_corrected
gps_dimension gps_in_view gps_signals gps_strongest_dbhz gps_mean_dbhz gps_used
reports_kept reports_dropped reports_corrupt queue flash_erases flash_failures
mqtt_connects reconnects line_restarts modem_resets modem_power_cycles ladder_reboots
mqtt_bytes_in mqtt_bytes_out orders orders_stale
task_failures failures_output failures_gps failures_mqtt failures_second
boot_cause crashes safe_mode heap_alloc_bytes heap_free_bytes heap_lowest_free_bytes
test_buttons test_buzzer test_display test_gps test_modem test_flash
power_low maintenance_s signal_below_0_dbm ignition supply_mv
"""


def message(
    machine: Machine,
    boot_id: int,
    uptime_s: int,
    heap_bytes: "tuple[int, int, int]",
    reporter: Reporter,
    outbox: Outbox,
    link: MqttLink,
    desk: Desk,
    supervisor: Supervisor,
    power: Power,
    tests: bytearray,
) -> bytes:
    """A health message as it stands now. What it counts is told in docs/unit.md; what nobody knows is left out.

    heap_bytes   in use after a collection, left, and least ever left
    tests        as self_test.run() found them
    """
    parser, spool, ladder = reporter.parser, outbox.spool, link.ladder
    fix = desk.fresh_fix()
    cause = machine.reset_cause()
    causes = RESET_CAUSES.split()
    signal_dbm, ignition = machine.line.signal_dbm, machine.ignition()
    values: "list[int | None]" = [
        parser.sentences,
        parser.bad_checksum,
        parser.unparsable,
        parser.setups,
        parser.fixes,
        sum(reporter.gate.rejected.values()),
        reporter.gate.dates_corrected,
    ]
    values.extend(parser.sky[: sky.MEAN_DBHZ + 1])
    values.append(fix.satellites if fix is not None else 0)
    values.extend([outbox.kept, spool.dropped, spool.corrupt, spool.queued, spool.erases, outbox.flash_failures])
    values.append(link.connects)
    values.extend(ladder.counts[:REBOOT])
    values.extend([ladder.reboots, link.bytes_in & UINT32_MAX, link.bytes_out & UINT32_MAX])
    values.extend([desk.book.received, desk.book.stale, sum(supervisor.failures)])
    values.extend(supervisor.failures)
    values.append(causes.index(cause) if cause in causes else 0)
    values.extend([int(number) for number in crashes(machine.flash)])
    values.extend(heap_bytes)
    values.extend(tests)
    values.extend([int(power.low), supervisor.maintenance_s])
    values.append(None if signal_dbm is None else max(0, -signal_dbm))
    values.append(None if ignition is None else int(ignition))
    values.append(machine.supply_mv())
    counters = {name: value for name, value in zip(NAMES.split(), values) if value is not None}
    return Health(boot_id, uptime_s, counters).encode()
