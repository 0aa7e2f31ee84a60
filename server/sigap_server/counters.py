"""What the server counts: every name once, with what it means. Numbers start at 0 with the process."""

from collections.abc import Callable

COUNTERS = {
    "ingest.messages": "messages taken from the broker",
    "ingest.batches": "transactions that stored them",
    "ingest.fixes": "fixes stored",
    "ingest.fixes_repeated": "fixes that were stored before",
    "ingest.acks": "acknowledgements of orders stored",
    "ingest.acks_repeated": "acknowledgements that were stored before",
    "ingest.links": "link messages",
    "ingest.health": "health messages",
    "ingest.results": "results stored: what became of changes, updates and orders",
    "ingest.results_refused": "of these: the unit refused, or went back to what was before",
    "ingest.results_repeated": "results that were stored before",
    "ingest.results_wanted": "requests for an update's bytes; not stored, as a unit asks again",
    "ingest.quarantined": "messages refused and kept in quarantine",
    "ingest.quarantined_topic": "of these: topic that no unit sends on",
    "ingest.quarantined_unit": "of these: unit that is not registered",
    "ingest.quarantined_size": "of these: larger than any message of the wire",
    "ingest.quarantined_wire": "of these: not what the wire's contract says",
    "ingest.quarantined_internal": "of these: could not be stored, a defect of the server",
    "ingest.database_retries": "times a batch had to wait for the database",
    "fleet.emergencies": "times an officer said to be in distress",
    "alerts.accepted": "presses that became incidents",
    "alerts.repeated": "presses that were received before",
    "alerts.refused": "presses that cannot be acted on",
    "alerts.rate_limited": "presses told to wait",
    "dispatch.events": "events committed",
    "dispatch.orders": "orders handed to the broker",
    "dispatch.orders_unsent": "orders that wait for the broker to come back",
    "dispatch.acks_refused": "acknowledgements that dispatch did not accept",
    "dispatch.offers": "offers made",
    "dispatch.offers_accepted": "offers accepted",
    "dispatch.offers_declined": "offers declined",
    "dispatch.offers_timed_out": "offers not answered in time",
    "dispatch.closed": "incidents closed",
    "mqtt.connects": "connections made to the broker",
    "mqtt.disconnects": "connections lost",
    "mqtt.connect_failures": "attempts that failed",
    "mqtt.redeliveries_pending": "messages delivered again while the first delivery was still being stored",
    "mqtt.pauses": "times the queue was full and reading paused",
    "mqtt.publish_failures": "orders and configs the broker did not confirm",
    "broker.permission_violations": "messages or subscriptions outside a client's topics, refused by the own broker",
    "broker.authentication_failures": "connections with a wrong user or password, refused by the own broker",
    "broker.oversized": "messages larger than limits.payload_bytes, refused by the own broker",
    "api.requests": "HTTP requests",
    "api.refused": "HTTP requests answered with 4xx",
    "api.errors": "HTTP requests answered with 5xx",
    "access.logins": "operators logged in",
    "access.login_failures": "wrong names or passwords",
    "access.logins_delayed": "login attempts refused because of failures before",
    "live.clients": "live feeds opened",
    "live.resyncs": "live feeds that fell behind and got a fresh snapshot",
}

GAUGES = {
    "ingest.queue": "messages waiting to be stored",
    "mqtt.connected": "1 while connected to the broker",
    "fleet.units": "registered units",
    "fleet.units_fresh": "units heard of lately",
    "fleet.units_in_emergency": "units whose officer is in distress now",
    "dispatch.incidents_open": "open incidents",
    "live.clients_connected": "live feeds open now",
}


class Counters:
    """Counts by name. A name that is not in COUNTERS or GAUGES is a KeyError, so none goes undocumented."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._gauges: dict[str, Callable[[], int]] = {}

    def add(self, name: str, count: int = 1) -> None:
        """Count `count` more of `name`."""
        self._counts[name] += count

    def gauge(self, name: str, read: Callable[[], int]) -> None:
        """Let `read` say the present number of `name`."""
        if name not in GAUGES:
            raise KeyError(name)
        self._gauges[name] = read

    def __getitem__(self, name: str) -> int:
        return self._counts[name] if name in self._counts else self._gauges[name]()

    def read(self) -> dict[str, int]:
        """All numbers now, sorted by name."""
        numbers = self._counts | {name: read() for name, read in self._gauges.items()}
        return dict(sorted(numbers.items()))
