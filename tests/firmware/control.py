"""The server's side of a real broker: everything that units say, and orders for them."""

import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix, Report
from sigap_wire.result import Result
from tests.support.waiting import eventually

_DECODERS: dict[str, Any] = {
    topics.REPORT: Report.decode,
    topics.BACKLOG: Report.decode,
    topics.LINK: Link.decode,
    topics.HEALTH: Health.decode,
    topics.ACK: Ack.decode,
    topics.RESULT: Result.decode,
}


class Control:
    """Connected until closed, and again by itself when the broker went away."""

    def __init__(self, port: int, user: str, password: str, authority: Path | None = None) -> None:
        self.messages: list[tuple[str, Any]] = []  # (kind, decoded), as they came
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="control", clean_session=False)
        self._client.username_pw_set(user, password)
        if authority is not None:  # a port under TLS; the certificate's name is the units' concern
            self._client.tls_set(str(authority))
            self._client.tls_insecure_set(True)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(15), "no subscription"

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(topics.topic("+", kind), 1) for kind in topics.FROM_UNIT])

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        _, kind = topics.parse(message.topic)
        self.messages.append((kind, _DECODERS[kind](message.payload)))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # Closes the pair of sockets that wakes its thread, which otherwise waits for the garbage collector.
        self._client.__del__()

    def order(self, order: Order, unit_id: str = "unit-01") -> None:
        """Returns when the broker has it."""
        self.send(topics.ORDER, order.encode(), unit_id)

    def send(self, kind: str, payload: bytes, unit_id: str = "unit-01") -> None:
        """Any bytes on one of the topics to a unit; returns when the broker has them."""
        eventually(self._client.is_connected, 15, "control is connected")
        self._client.publish(topics.topic(unit_id, kind), payload, 1).wait_for_publish(15)

    def results(self) -> list[tuple[int, int, int]]:
        """(subject, number, outcome) of each."""
        return [(one.subject, one.number, one.outcome) for one in self.of(topics.RESULT)]

    def of(self, kind: str) -> list[Any]:
        """The messages of one kind."""
        return [message for found, message in list(self.messages) if found == kind]

    def acks(self) -> list[tuple[int, int, int]]:
        return [(ack.order_id, ack.revision, ack.kind) for ack in self.of(topics.ACK)]

    def fixes(self) -> dict[tuple[int, int], Fix]:
        """By (boot_id, seq)."""
        found = {}
        for kind in (topics.REPORT, topics.BACKLOG):
            for report in self.of(kind):
                found.update({(report.boot_id, report.seq + i): fix for i, fix in enumerate(report.fixes)})
        return found

    def await_message(self, kind: str, number: int = 1, deadline_s: float = 15.0) -> Any:
        eventually(lambda: len(self.of(kind)) >= number, deadline_s, f"{number} × {kind}")
        return self.of(kind)[number - 1]


def order(state: int, revision: int = 1, order_id: int = 7, expires_in_s: int = 60, text: str = "") -> Order:
    """An order for a place near the start of sentences.drive()."""
    now_s = int(time.time())
    return Order(
        order_id, revision, state, 5, 0, 1, -69160000, 1076120000, 20, now_s - 30, now_s + expires_in_s, 240, 0, text
    )
