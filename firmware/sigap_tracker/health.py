"""A health message, gathered from the parts that count. Loaded on demand."""

from sigap_tracker.network.ladder import LINE_RESTART, MODEM_POWER, MODEM_RESET, RECONNECT
from sigap_tracker.network.mqtt import MqttLink
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.position import sky
from sigap_tracker.reporting import Reporter
from sigap_tracker.supervisor import Supervisor
from sigap_wire.fields import UINT32_MAX
from sigap_wire.health import Health


def message(
    boot_id: int,
    uptime_s: int,
    heap_bytes: "tuple[int, int]",
    reporter: Reporter,
    outbox: Outbox,
    link: MqttLink,
    book: OrderBook,
    supervisor: Supervisor,
) -> bytes:
    """A health message as it stands now. What it counts is told in docs/unit.md.

    heap_bytes   in use after a collection, and left
    """
    counters = {
        "nmea_sentences": reporter.parser.sentences,
        "nmea_bad_checksum": reporter.parser.bad_checksum,
        "nmea_unparsable": reporter.parser.unparsable,
        "receiver_setups": reporter.parser.setups,
        "fixes": reporter.parser.fixes,
        "fixes_rejected": sum(reporter.gate.rejected.values()),
        "dates_corrected": reporter.gate.dates_corrected,
        "gps_dimension": reporter.parser.sky[sky.DIMENSION],
        "gps_in_view": reporter.parser.sky[sky.IN_VIEW],
        "gps_signals": reporter.parser.sky[sky.SIGNALS],
        "gps_strongest_dbhz": reporter.parser.sky[sky.STRONGEST_DBHZ],
        "gps_mean_dbhz": reporter.parser.sky[sky.MEAN_DBHZ],
        "reports_kept": outbox.kept,
        "reports_dropped": outbox.spool.dropped,
        "reports_corrupt": outbox.spool.corrupt,
        "queue": outbox.spool.queued,
        "flash_erases": outbox.spool.erases,
        "flash_failures": outbox.flash_failures,
        "mqtt_connects": link.connects,
        "reconnects": link.ladder.counts[RECONNECT],
        "line_restarts": link.ladder.counts[LINE_RESTART],
        "modem_resets": link.ladder.counts[MODEM_RESET],
        "modem_power_cycles": link.ladder.counts[MODEM_POWER],
        "ladder_reboots": link.ladder.reboots,
        "mqtt_bytes_in": link.bytes_in & UINT32_MAX,
        "mqtt_bytes_out": link.bytes_out & UINT32_MAX,
        "orders": book.received,
        "orders_stale": book.stale,
        "task_failures": sum(supervisor.failures),
        "heap_alloc_bytes": heap_bytes[0],
        "heap_free_bytes": heap_bytes[1],
    }
    return Health(boot_id, uptime_s, counters).encode()
