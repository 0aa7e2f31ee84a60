"""The unit's memory through a drive, as fast as the line takes it: orders, outages, all a receiver says, and TLS."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sigap.bench.authority import Authority
from sigap_wire import topics
from sigap_wire.order import STATE_ASSIGNED, STATE_CLOSED, STATE_OFFERED
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import checked, drive
from tests.firmware.tls_broker import TlsNats
from tests.firmware.unit import Unit
from tests.support.processes import Processes
from tests.support.waiting import eventually

LIVE_HEAP_BYTES = 64 * 1024
HOUR_S, QUARTER_S = 3600, 900
PARTS = 12
BROKER_NAME = "broker.test"
# Before what is compared the unit has had an outage, and more orders than it remembers.
OUTAGES = (1, 7)
FIRST_ORDERS = 20

# What else a receiver says each second.
CHATTER = b"".join(
    map(
        checked,
        (
            "GPVTG,90.0,T,,M,24.0,N,44.4,K,A",
            "GPGSA,A,3,04,05,09,12,17,19,24,25,29,,,,1.8,0.9,1.5",
            "GPGSV,3,1,11,04,40,083,44,05,17,308,41,07,07,344,39,09,67,032,46",
            "GPGSV,3,2,11,12,22,291,42,17,53,187,45,19,34,151,43,24,28,241,40",
            "GPGSV,3,3,11,25,09,115,33,29,60,271,47,32,05,041,",
            "GPGLL,0654.88000,S,10736.58000,E,053530.00,A,A",
        ),
    )
)


@pytest.mark.parametrize("real_broker", ["nats"], indirect=True)
def test_an_hours_drive(make_unit: MakeUnit, control: Control, real_broker: RealBroker) -> None:
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1}
    unit = make_unit(real_broker.port, mqtt)
    unit.start()
    unit.await_log("connected")
    heaps = heaps_along_the_way(unit, control, HOUR_S, OUTAGES, real_broker.stop, real_broker.start)
    # No growth: after the first parts have seen everything once, what is always there stays what it is. The rest is
    # messages on their way at the moment of counting.
    assert min(heaps[8:]) - min(heaps[3:7]) < 512, heaps


def test_under_tls(make_unit: MakeUnit, tmp_path: Path, processes: Processes) -> None:
    authority = Authority()
    files = authority.vouch(tmp_path / "tls", BROKER_NAME)
    trusted = tmp_path / "authority.pem"
    trusted.write_text(authority.as_pem())
    broker = TlsNats(tmp_path / "broker", processes)
    broker.start(files)
    control = Control(broker.control_port, broker.control_user, broker.control_password, trusted)
    try:
        tls = {"tls": "ca", "ca": authority.as_setting(), "server_name": BROKER_NAME}
        unit = make_unit(broker.port, {**tls, "password": broker.unit_password, "reconnect_max_s": 1})
        unit.start()
        unit.await_log("connected")
        heaps_along_the_way(unit, control, QUARTER_S, OUTAGES[:1], broker.stop, lambda: broker.start(files))
    finally:
        control.close()


def heaps_along_the_way(
    unit: Unit,
    control: Control,
    drive_s: int,
    outages: tuple[int, ...],
    stop: Callable[[], None],
    start: Callable[[], None],
) -> list[int]:
    """The live heap after each part of the drive, none of them above the goal; in the `outages` the broker is away."""
    heaps = []
    for part in range(PARTS):
        seconds = range(part * drive_s // PARTS, (part + 1) * drive_s // PARTS)
        if part in outages:  # everything of these minutes has to wait
            stop()
            unit.await_log("disconnected")
        for second in seconds:
            unit.feed(drive(second) + CHATTER)
        if part in outages:
            start()
            unit.await_log("connected", outages.index(part) + 2)
        states = ((STATE_OFFERED, 1), (STATE_ASSIGNED, 2), (STATE_CLOSED, 3))
        order_ids = range(1, FIRST_ORDERS + 1) if part == 0 else [FIRST_ORDERS + part]
        for order_id in order_ids:
            for state, revision in states:
                control.order(order(state, revision, order_id=order_id, expires_in_s=10**7, text="x" * 90))
        last_id = order_ids[-1]
        eventually(
            lambda last_id=last_id: (last_id, 3) in {ack[:2] for ack in control.acks()}, 30, "the last order's end"
        )
        heaps.append(asked_for_health(unit, control, fixes=seconds[-1] + 1))
    assert unit.logged("task_failed") == []
    last = control.of(topics.HEALTH)[-1].counters
    assert last["fixes"] == drive_s
    assert last["nmea_bad_checksum"] == last["fixes_rejected"] == last["reports_dropped"] == 0
    assert {seq for _, seq in control.fixes()} == set(range(last["reports_kept"]))
    assert max(heaps) <= LIVE_HEAP_BYTES, repr(heaps)
    print(f"live heap {max(heaps)} of {LIVE_HEAP_BYTES} bytes, {last['reports_kept']} reports")
    return heaps


def asked_for_health(unit: Unit, control: Control, fixes: int) -> int:
    """The live heap once that many fixes are through and nothing waits."""

    def through() -> int:
        before = len(control.of(topics.HEALTH))
        unit.say(b'{"health": 1}\n')
        counters = control.await_message(topics.HEALTH, before + 1, 30).counters
        done = counters["fixes"] == fixes and counters["queue"] == 0
        return int(counters["heap_alloc_bytes"]) if done else 0

    return eventually(through, 60, f"{fixes} fixes through")
