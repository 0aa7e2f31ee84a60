"""A unit as the wire knows it, with the test for its driver and officer."""

import queue
import time

import paho.mqtt.client as mqtt

from sigap_wire import ack, topics
from sigap_wire.ack import Ack
from sigap_wire.link import Link
from sigap_wire.order import STATE_NAMES, Order
from sigap_wire.report import COURSE_UNKNOWN, REASON_NO_FIX, Fix, Report
from sigap_wire.result import Result

DEADLINE_S = 15.0
_FIRMWARE = "0.1.0-test"


class Radio:
    """Connects at once; every publish waits until the broker has it."""

    def __init__(self, port: int, unit_id: str, password: str) -> None:
        self.unit_id = unit_id
        # Grows from test to test, as a unit's own does from start to start.
        self._boot_id = time.monotonic_ns() // 1_000_000 % 0xFFFFFFFF
        self._report_seq = 0
        self._ack_seq = 0
        self._result_seq = 0
        self._is_gone = False
        self._orders: queue.Queue[Order] = queue.Queue()
        self._subscribed: queue.Queue[bool] = queue.Queue()
        self._client = client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=unit_id)
        client.username_pw_set(unit_id, password)
        client.will_set(self._topic(topics.LINK), self._link(online=False), qos=1, retain=True)
        client.on_message = lambda _client, _data, message: self._orders.put(Order.decode(message.payload))
        client.on_connect = lambda client, *_: client.subscribe(self._topic(topics.ORDER), qos=1)
        client.on_subscribe = lambda *_: self._subscribed.put(True)
        client.connect("127.0.0.1", port, keepalive=10)
        client.loop_start()
        self._subscribed.get(timeout=DEADLINE_S)
        self._publish(topics.LINK, self._link(online=True), retain=True)

    def fix(self, lat: float, lon: float, speed_mps: float = 0.0, course_deg: float | None = None) -> None:
        """Report one fix of now; degrees."""
        course_cdeg = COURSE_UNKNOWN if course_deg is None else round(course_deg * 100)
        found = Fix(int(time.time()), round(lat * 1e7), round(lon * 1e7), round(speed_mps * 100), course_cdeg, 1, 9, 90)
        self._publish(topics.REPORT, Report(self._boot_id, self._report_seq, [found]).encode())
        self._report_seq += 1

    def no_fix(self, last_s: int, lat: float, lon: float) -> None:
        """Report that there is no fix, and when and where the last one was."""
        found = Fix(last_s, round(lat * 1e7), round(lon * 1e7), quality=0, reason=REASON_NO_FIX)
        self._publish(topics.REPORT, Report(self._boot_id, self._report_seq, [found]).encode())
        self._report_seq += 1

    def distress(self, over: bool = False) -> None:
        """The officer holds a button."""
        kind = ack.EMERGENCY_OVER if over else ack.EMERGENCY
        said = Ack(self._boot_id, self._ack_seq, 0, 0, kind, int(time.time()))
        self._ack_seq += 1
        self._publish(topics.ACK, said.encode())

    def result(self, subject: int, number: int, outcome: int, detail: str = "") -> None:
        """Say what became of a change."""
        said = Result(self._boot_id, self._result_seq, subject, number, outcome, 0, detail)
        self._result_seq += 1
        self._publish(topics.RESULT, said.encode())

    def order(self, state: str) -> Order:
        """The next order in this state; earlier ones in other states are passed over."""
        while True:
            order = self._orders.get(timeout=DEADLINE_S)
            if STATE_NAMES[order.state] == state:
                return order

    def answer(self, order: Order, kind: str) -> None:
        """Acknowledge: received, accepted, declined, en_route, on_scene or clear."""
        answered = Ack(
            self._boot_id,
            self._ack_seq,
            order.order_id,
            order.revision,
            ack.KIND_NAMES.index(kind),
            int(time.time()),
        )
        self._ack_seq += 1
        self._publish(topics.ACK, answered.encode())

    def vanish(self) -> None:
        """The connection breaks without a goodbye, so that the broker publishes the will."""
        sock = self._client.socket()
        assert sock is not None
        self._client.loop_stop()
        sock.close()
        self._is_gone = True

    def close(self) -> None:
        """Leave as a unit that is switched off: said to be offline, and gone."""
        if self._is_gone:
            return
        self._publish(topics.LINK, self._link(online=False), retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, kind: str, payload: bytes, retain: bool = False) -> None:
        self._client.publish(self._topic(kind), payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    def _topic(self, kind: str) -> str:
        return topics.topic(self.unit_id, kind)

    def _link(self, online: bool) -> bytes:
        return Link(self._boot_id, 1, online, _FIRMWARE).encode()
