"""The unit with real brokers: reports, orders, outages and its end."""

import signal
from pathlib import Path

import pytest

from sigap_tracker.storage.flash_map import SECTOR_BYTES, SPOOL_FIRST
from sigap_tracker.storage.spool import FIXES_PER_SECTOR, Spool
from sigap_wire import ack, topics
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_CLOSED, STATE_OFFERED
from sigap_wire.report import Fix
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import START_S, drive
from tests.firmware.unit import Unit
from tests.portable.nor_flash import NorFlash
from tests.support.waiting import eventually

# The receiver of these tests lives at a fixed time; the orders' expiry is held against it.
OFFER_ENDS_IN_S = 10**7


@pytest.fixture
def unit(make_unit: MakeUnit, real_broker: RealBroker, control: Control) -> Unit:
    """Connected, with its first fix reported."""
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 2}
    made = make_unit(real_broker.port, mqtt, policy={"max_interval_s": 3600})
    made.start()
    made.await_log("connected")
    made.feed(drive(0, speed_kn=0))
    control.await_message(topics.REPORT)
    return made


def counters_when_all_is_delivered(unit: Unit, control: Control) -> dict[str, int]:
    """A broker may pass a report on before it acknowledges it: ask until nothing waits for that."""

    def asked() -> dict[str, int]:
        before = len(control.of(topics.HEALTH))
        unit.say(b'{"health": 1}\n')
        counters: dict[str, int] = control.await_message(topics.HEALTH, before + 1).counters
        return counters if counters["queue"] == 0 else {}

    return eventually(asked, 20, "an empty queue")


def test_an_order_from_offer_to_close(unit: Unit, control: Control) -> None:
    assert control.await_message(topics.LINK).online
    control.order(order(STATE_OFFERED, 1, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: control.acks() == [(7, 1, ack.RECEIVED)])
    unit.press("accept")
    eventually(lambda: control.acks()[1:] == [(7, 1, ack.ACCEPTED)])
    eventually(lambda: unit.views() == ["offered", "waiting"])
    control.order(order(STATE_ASSIGNED, 2))
    eventually(lambda: control.acks()[2:] == [(7, 2, ack.RECEIVED)])
    unit.feed(drive(30))
    eventually(lambda: control.acks()[3:] == [(7, 2, ack.EN_ROUTE)])
    unit.press("on_scene")
    unit.press("clear")
    eventually(lambda: control.acks()[4:] == [(7, 2, ack.ON_SCENE), (7, 2, ack.CLEAR)])
    control.order(order(STATE_CLOSED, 3))
    eventually(lambda: control.acks()[6:] == [(7, 3, ack.RECEIVED)])
    views = ["offered", "waiting", "assigned", "on_scene", "cleared", "idle"]
    eventually(lambda: unit.views() == views, 10, "the log, which comes by another way than the acknowledgement")
    messages = control.of(topics.ACK)
    assert [message.seq for message in messages] == list(range(7))
    assert {message.boot_id for message in messages} == {1}
    assert all(START_S <= message.ack_time_s <= START_S + 60 for message in messages)


def test_while_assigned_every_second_is_reported(unit: Unit, control: Control) -> None:
    control.order(order(STATE_ASSIGNED, 1))
    eventually(lambda: control.acks())
    for second in range(1, 6):
        unit.feed(drive(second, speed_kn=0))
    eventually(lambda: len(control.fixes()) == 6)


def test_a_cancelled_order_is_told_and_cannot_be_accepted(unit: Unit, control: Control) -> None:
    control.order(order(STATE_OFFERED, 1, expires_in_s=OFFER_ENDS_IN_S))
    control.order(order(STATE_CANCELLED, 2, text="Salah tekan"))
    eventually(lambda: unit.views() == ["offered", "cancelled"])
    unit.press("accept")
    control.order(order(STATE_OFFERED, 1, order_id=8, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: control.acks()[-1] == (8, 1, ack.RECEIVED))
    assert [kind for _, _, kind in control.acks()] == [ack.RECEIVED] * 3


def test_an_expired_order_is_not_shown(unit: Unit, control: Control) -> None:
    control.order(order(STATE_OFFERED, 1, expires_in_s=-OFFER_ENDS_IN_S))
    eventually(lambda: control.acks() == [(7, 1, ack.EXPIRED)])
    assert unit.views() == []


def test_counters_on_request(unit: Unit, control: Control) -> None:
    unit.feed(drive(60) + b"$GPRMC,083000.00,A*00\r\n" + drive(120))
    eventually(lambda: len(control.fixes()) == 3)
    counters = counters_when_all_is_delivered(unit, control)
    assert control.of(topics.HEALTH)[-1].boot_id == 1
    expected = {
        "nmea_sentences": 7,
        "nmea_bad_checksum": 1,
        "nmea_unparsable": 0,
        "fixes": 3,
        "fixes_rejected": 0,
        "reports_kept": 3,
        "reports_dropped": 0,
        "mqtt_connects": 1,
        "orders": 0,
        "orders_stale": 0,
        "task_failures": 0,
    }
    assert {name: counters[name] for name in expected} == expected
    for name in ("mqtt_bytes_in", "mqtt_bytes_out", "heap_alloc_bytes", "heap_free_bytes"):
        assert counters[name] > 0


def test_nothing_is_lost_while_the_broker_is_gone(unit: Unit, control: Control, real_broker: RealBroker) -> None:
    real_broker.stop()
    unit.await_log("disconnected")
    for number in range(1, 90):
        unit.feed(drive(60 * number))
    unit.await_heard()
    real_broker.start()
    eventually(lambda: {seq for _, seq in control.fixes()} == set(range(90)), 30, "every fix")
    # The newest as a live report, everything else behind it in batches. The first may come here twice, though the unit
    # sends it once: the broker's end can take this side's acknowledgement away, and it is delivered again.
    assert sorted({report.seq for report in control.of(topics.REPORT)}) == [0, 89]
    batches = control.of(topics.BACKLOG)
    assert [batch.seq for batch in batches] == [1, *(batch.seq + len(batch.fixes) for batch in batches[:-1])]
    assert all(len(batch.fixes) > 15 for batch in batches[:-1])
    counters = counters_when_all_is_delivered(unit, control)
    assert (counters["reports_kept"], counters["reports_dropped"], counters["queue"]) == (90, 0, 0)


def test_a_full_flash_loses_the_oldest_and_says_how_many(
    make_unit: MakeUnit, control: Control, real_broker: RealBroker, tmp_path: Path
) -> None:
    real_broker.stop()
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password, "reconnect_max_s": 2})
    state = tmp_path / "unit" / "state"
    state.mkdir(parents=True)
    (state / "flash.bin").write_bytes(b"\xff" * (SPOOL_FIRST + 2) * SECTOR_BYTES)
    unit.start()
    kept = 2 * FIXES_PER_SECTOR + 10
    for number in range(kept):
        unit.feed(drive(60 * number))
    unit.await_heard()
    real_broker.start()
    left = set(range(FIXES_PER_SECTOR, kept))
    eventually(lambda: {seq for _, seq in control.fixes()} == left, 30, "what two sectors hold")
    counters = counters_when_all_is_delivered(unit, control)
    assert (counters["reports_kept"], counters["reports_dropped"]) == (kept, FIXES_PER_SECTOR)
    assert (counters["queue"], counters["reports_corrupt"]) == (0, 0)
    assert (counters["flash_erases"], counters["flash_failures"]) == (3, 0)


def in_spool(path: Path) -> int:
    """How many fixes wait in a unit's flash."""
    content = path.read_bytes() if path.exists() else b""
    sectors = len(content) // SECTOR_BYTES
    flash = NorFlash(sectors)
    flash.content[:] = content
    return Spool(flash, SPOOL_FIRST, sectors - SPOOL_FIRST).queued if sectors else 0


def test_a_unit_that_is_switched_off_at_any_moment_delivers_every_fix(
    make_unit: MakeUnit, control: Control, real_broker: RealBroker, tmp_path: Path
) -> None:
    """Killed with its broker down, and again while it delivers: each fix arrives, the same under its number."""
    real_broker.stop()
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password, "reconnect_max_s": 1})
    fed = 0

    def drive_on(fixes: int) -> None:
        nonlocal fed
        for number in range(fed, fed + fixes):
            unit.feed(drive(60 * number))
        fed += fixes
        eventually(lambda: in_spool(tmp_path / "unit" / "state" / "flash.bin") == fed, 20, "in the flash")

    def kill() -> None:
        assert unit.process is not None
        unit.process.kill()
        unit.wait()

    for boot in (1, 2, 3):
        unit.start(booted=False)
        unit.await_log("boot", boot)
        drive_on(100)
        kill()
    unit.start(booted=False)
    unit.await_log("boot", 4)
    real_broker.start()
    control.await_message(topics.BACKLOG)
    kill()
    unit.start(booted=False)
    unit.await_log("boot", 5)
    unit.feed(drive(60 * fed))
    expected = {(boot, seq): 100 * (boot - 1) + seq for boot in (1, 2, 3) for seq in range(100)}
    expected[5, 0] = 300
    eventually(lambda: len(control.fixes()) == len(expected), 30, "every fix")
    assert control.fixes().keys() == expected.keys()
    for key, number in expected.items():
        assert control.fixes()[key].fix_time_s == START_S + 60 * number
    # What came twice is the same: the server knows it by its number.
    seen: dict[tuple[int, int], Fix] = {}
    for kind in (topics.REPORT, topics.BACKLOG):
        for report in control.of(kind):
            for seq, fix in enumerate(report.fixes, report.seq):
                assert seen.setdefault((report.boot_id, seq), fix) == fix
    counters = counters_when_all_is_delivered(unit, control)
    assert (counters["queue"], counters["reports_dropped"], counters["reports_corrupt"]) == (0, 0, 0)


def test_an_acknowledgement_outlives_a_power_cut(unit: Unit, control: Control, real_broker: RealBroker) -> None:
    control.order(order(STATE_OFFERED, 1, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: control.acks() == [(7, 1, ack.RECEIVED)])
    real_broker.stop()
    unit.await_log("disconnected")
    unit.press("accept")
    unit.await_log("ack", 2)
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    real_broker.start()
    unit.start(booted=False)
    eventually(lambda: control.acks()[-1] == (7, 1, ack.ACCEPTED), 20)
    assert control.of(topics.ACK)[-1].boot_id == 1


def test_an_order_given_while_the_unit_was_away_is_on_the_screen_at_once(
    unit: Unit, control: Control, real_broker: RealBroker
) -> None:
    assert unit.process is not None
    unit.process.send_signal(signal.SIGSTOP)
    eventually(lambda: not control.of(topics.LINK)[-1].online, 20, "the last will")
    control.order(order(STATE_OFFERED, 1, expires_in_s=OFFER_ENDS_IN_S))
    unit.process.send_signal(signal.SIGCONT)
    eventually(lambda: control.acks() == [(7, 1, ack.RECEIVED)], 20)
    assert unit.views() == ["offered"]
    assert control.of(topics.LINK)[-1].online
    assert control.of(topics.LINK)[-1].connection == 2


def test_the_will_of_a_killed_unit(unit: Unit, control: Control) -> None:
    control.await_message(topics.LINK)
    assert unit.process is not None
    unit.process.kill()
    link = control.await_message(topics.LINK, 2)
    assert (link.boot_id, link.connection, link.online) == (1, 1, False)
    unit.start(booted=False)
    link = control.await_message(topics.LINK, 3)
    assert (link.boot_id, link.connection, link.online) == (2, 1, True)


def test_a_second_unit_of_the_same_name_does_not_break_either_for_good(
    unit: Unit, control: Control, make_unit: MakeUnit, real_broker: RealBroker
) -> None:
    """Each connection ends the other's (§3.1.4); the waits grow and both go on reporting."""
    other = make_unit(real_broker.port, {"password": real_broker.unit_password, "reconnect_max_s": 2})
    other.start(booted=False)
    unit.await_log("disconnected", 2, 30)
    other.hang_up()
    eventually(lambda: unit.logged("connected")[-1]["connection"] >= 2, 20)
    unit.feed(drive(60))
    eventually(lambda: (1, 1) in control.fixes(), 20)
