"""A unit gets a new version of itself, through a real broker, and keeps it only if it is any good."""

import hashlib
import random
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sigap.update_package import create, sign, version_number
from sigap_wire import result, topics
from sigap_wire.order import STATE_ASSIGNED, STATE_CLOSED
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.real_broker import RealBroker
from tests.firmware.sentences import drive
from tests.firmware.unit import Unit
from tests.firmware.update_server import KEY, PUBLIC_KEY, UpdateServer, compiled, package
from tests.support.waiting import eventually

pytestmark = pytest.mark.parametrize("real_broker", ["nats"], indirect=True)


def broken() -> dict[str, bytes]:
    """Files of an application that ends at once."""
    return {"sigap_unit.mpy": compiled("raise RuntimeError('a fault that nobody noticed')\n")}


@pytest.fixture
def unit(make_unit: MakeUnit, real_broker: RealBroker, control: Control) -> Unit:
    """Connected, with the agency's key."""
    mqtt = {"password": real_broker.unit_password, "reconnect_max_s": 1}
    made = make_unit(real_broker.port, mqtt, update={"key": PUBLIC_KEY})
    made.start()
    control.await_message(topics.LINK)  # by then it is subscribed
    return made


def firmwares(unit: Unit) -> list[str]:
    return [event["firmware"].split(" ")[1] for event in unit.logged("boot")]


def test_from_the_offer_to_the_confirmation(unit: Unit, control: Control, tmp_path: Path) -> None:
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    server = UpdateServer(control, package("0.2.0"), "0.2.0")
    server.offer()
    assert server.serve_until(result.VERIFIED).value == 2000
    unit.await_log("boot", 2)
    assert firmwares(unit) == ["0.1.0", "0.2.0"]
    unit.feed(drive(100))
    server.serve_until(result.CONFIRMED)
    eventually(lambda: control.of(topics.LINK)[-1].firmware == "sigap-tracker 0.2.0")
    assert not (tmp_path / "unit" / "state" / "update.part").exists()
    # It stays, over every start.
    assert unit.process is not None
    unit.process.kill()
    unit.wait()
    unit.start(booted=False)
    unit.await_log("boot", 3)
    assert firmwares(unit)[-1] == "0.2.0"
    assert unit.logged("task_failed") == []


def refused(server: UpdateServer) -> str:
    """The reason, once the server has it."""
    return server.serve_until(result.REFUSED).detail


def test_a_bad_update_is_refused_with_a_reason_that_reaches_the_server(unit: Unit, control: Control) -> None:
    good = package("0.2.0", broken())
    damaged = bytearray(good)
    damaged[-1] ^= 1
    other_key = create(broken(), "x", version_number("0.2.0"), ec.generate_private_key(ec.SECP256R1()))
    forged = bytearray(good)
    forged[15] ^= 1  # of the version, which is signed
    escaping = header_with_name(b"../main.py")
    for update_id, (content, version, words) in enumerate(
        [
            (good, "0.0.9", "version 9, expected 1000 or higher"),
            (bytes(200_000), "0.2.0", "package of 200000 bytes, at most"),
            (bytes(damaged), "0.2.0", "is not what was signed"),
            (other_key, "0.2.0", "which this unit does not take"),
            (bytes(forged), "0.2.0", "package's signature is wrong"),
            (good[:-10], "0.2.0", "its header says"),
            (b"something else entirely", "0.2.0", "no package"),
            (escaping, "0.2.0", "file name '../main.py'"),
        ],
        100,
    ):
        server = UpdateServer(control, content, version, update_id)
        server.offer()
        assert words in refused(server)
    control.send(topics.OTA, b"\xff\x00")
    eventually(lambda: any(found.number == 0 and found.detail for found in control.of(topics.RESULT)))
    # Nothing came of all that, and one that is in order is still taken.
    assert firmwares(unit) == ["0.1.0"]
    assert unit.logged("task_failed") == []
    server = UpdateServer(control, good, "0.2.0", 200)
    server.offer()
    server.serve_until(result.VERIFIED)


def header_with_name(name: bytes) -> bytes:
    """A package, duly signed, with such a file: what the builder would not make."""
    head = (
        hashlib.sha256(bytes.fromhex(PUBLIC_KEY)).digest()[:8]
        + version_number("0.2.0").to_bytes(4, "big")
        + b"\x01\x01\x01x"
        + bytes([len(name)])
        + name
        + bytes(4)
        + hashlib.sha256().digest()
    )
    head = b"SGU1" + (6 + len(head)).to_bytes(2, "big") + head
    return head + sign(head, KEY)


def test_without_a_key_no_update_is_taken(make_unit: MakeUnit, control: Control, real_broker: RealBroker) -> None:
    unit = make_unit(real_broker.port, {"password": real_broker.unit_password})
    unit.start()
    control.await_message(topics.LINK)
    server = UpdateServer(control, b"x" * 1000, "0.2.0")
    server.offer()
    assert refused(server) == "unit has no key to check an update by"


def test_one_that_does_not_run_is_rolled_back(unit: Unit, control: Control) -> None:
    """It is signed and whole, and its program ends at once: three starts, and the version before is there again."""
    server = UpdateServer(control, package("0.2.0", broken()), "0.2.0")
    server.offer()
    server.serve_until(result.VERIFIED)
    for _ in range(3):
        assert unit.wait(20) == 1
        unit.start(booted=False)
    unit.await_log("boot", 2)
    assert firmwares(unit) == ["0.1.0", "0.1.0"]
    said = server.serve_until(result.ROLLED_BACK)
    assert "not confirmed within 3 starts" in said.detail
    # The same update again is answered at once: it was tried.
    server.offer()
    eventually(lambda: server.outcomes().count(result.ROLLED_BACK) >= 2)


def test_it_waits_for_the_end_of_an_assignment(unit: Unit, control: Control) -> None:
    unit.feed(drive(0))
    control.order(order(STATE_ASSIGNED))
    unit.await_log("order")
    server = UpdateServer(control, package("0.2.0", broken()), "0.2.0")
    server.offer()
    server.serve_until(result.PENDING)
    assert unit.process is not None
    assert unit.process.poll() is None
    control.order(order(STATE_CLOSED, 2))
    assert unit.wait(30) == 1, "the new program, which ends at once"
    assert server.outcomes()[:2] == [result.VERIFIED, result.PENDING]


def test_the_power_may_go_at_any_moment(unit: Unit, control: Control) -> None:
    """Killed again and again on the way, it fetches what is missing, and in the end runs the new version."""
    server = UpdateServer(control, package("0.2.0"), "0.2.0")
    server.offer()
    generator = random.Random(1)
    for _ in range(6):
        wanted = server.chunks + generator.randrange(4, 40)
        begun = time.monotonic()
        eventually(lambda: server.answer() or server.chunks >= wanted or time.monotonic() > begun + 2)  # noqa: B023
        assert unit.process is not None
        unit.process.kill()
        unit.wait()
        boots = len(unit.logged("boot"))
        unit.start(booted=False)
        unit.await_log("boot", boots + 1)
    feeding = iter(range(0, 100_000, 10))

    def confirmed() -> bool:
        server.answer()
        unit.feed(drive(next(feeding)))
        return result.CONFIRMED in server.outcomes()

    eventually(confirmed, 60, "confirmed")
    assert firmwares(unit)[-1] == "0.2.0"
    assert set(firmwares(unit)) == {"0.1.0", "0.2.0"}
    print(f"{server.chunks} chunks sent, {len(server._content) // 512 + 1} needed")
