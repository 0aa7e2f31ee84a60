"""The unit takes a broker only that can prove who it is, and says why when it does not."""

from pathlib import Path
from typing import Any

import pytest

from sigap.bench.authority import DAY, Authority
from sigap_wire import ack, topics
from sigap_wire.order import STATE_OFFERED
from sigap_wire.result import REFUSED, SUBJECT_CONNECTION
from tests.firmware.conftest import MakeUnit
from tests.firmware.control import Control, order
from tests.firmware.scripted_broker import ScriptedBroker
from tests.firmware.sentences import drive
from tests.firmware.tls_broker import PSK, PSK_IDENTITY, TLS_BROKERS, TlsBroker, TlsMosquitto
from tests.support.processes import Processes
from tests.support.waiting import eventually

NAME = "broker.test"


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(params=sorted(TLS_BROKERS))
def broker(request: pytest.FixtureRequest, tmp_path: Path, processes: Processes) -> TlsBroker:
    """Not started yet."""
    made: TlsBroker = TLS_BROKERS[request.param](tmp_path / "broker", processes)
    return made


@pytest.fixture
def mosquitto(tmp_path: Path, processes: Processes) -> TlsMosquitto:
    return TlsMosquitto(tmp_path / "broker", processes)


def tls(authority: Authority, broker: TlsBroker, **more: Any) -> dict[str, Any]:
    """The unit's settings in `mqtt`; it connects by address and asks for the name."""
    given = {"tls": "ca", "ca": authority.as_setting(), "server_name": NAME, "password": broker.unit_password}
    return {"reconnect_max_s": 1, **given, **more}


def test_reports_and_orders_go_over_tls(
    make_unit: MakeUnit, authority: Authority, broker: TlsBroker, tmp_path: Path
) -> None:
    broker.start(authority.vouch(tmp_path / "tls", NAME))
    trusted = tmp_path / "authority.pem"
    trusted.write_text(authority.as_pem())
    control = Control(
        broker.control_port,
        broker.control_user,
        broker.control_password,
        trusted if broker.control_needs_tls else None,
    )
    try:
        unit = make_unit(broker.port, tls(authority, broker))
        unit.start()
        unit.await_log("connected")
        for second in range(30):
            unit.feed(drive(second))
        control.await_message(topics.REPORT)
        control.order(order(STATE_OFFERED, expires_in_s=10**7))
        eventually(lambda: control.acks() == [(7, 1, ack.RECEIVED)])
        assert unit.views() == ["offered"]
    finally:
        control.close()


@pytest.mark.parametrize(
    ("begins", "ends", "host", "expected"),
    [
        (-9 * DAY, -1 * DAY, NAME, "validity has expired"),
        (9 * DAY, 19 * DAY, NAME, "validity starts in the future"),
        (-1 * DAY, 90 * DAY, "another.test", "does not match"),
    ],
    ids=["expired", "not yet valid", "another's"],
)
def test_a_certificate_that_is_not_right_is_refused(
    make_unit: MakeUnit,
    authority: Authority,
    mosquitto: TlsMosquitto,
    tmp_path: Path,
    begins: Any,
    ends: Any,
    host: str,
    expected: str,
) -> None:
    mosquitto.start(authority.vouch(tmp_path / "tls", host, begins, ends))
    unit = make_unit(mosquitto.port, tls(authority, mosquitto))
    unit.start()
    unit.await_log("disconnected", 2)  # and again: it goes on trying
    assert expected in unit.logged("disconnected")[0]["reason"]
    assert not unit.logged("connected")
    assert not unit.logged("task_failed")


def test_a_certificate_of_another_authority_is_refused_and_the_server_told_of_it(
    make_unit: MakeUnit, authority: Authority, mosquitto: TlsMosquitto, tmp_path: Path
) -> None:
    mosquitto.start(Authority().vouch(tmp_path / "tls", NAME))
    control = Control(mosquitto.control_port, mosquitto.control_user, mosquitto.control_password)
    try:
        unit = make_unit(mosquitto.port, tls(authority, mosquitto))
        unit.start()
        assert "not correctly signed by the trusted CA" in unit.await_log("disconnected")["reason"]
        authority.vouch(tmp_path / "tls", NAME)
        mosquitto.reload()
        told = control.await_message(topics.RESULT)
        assert (told.subject, told.outcome) == (SUBJECT_CONNECTION, REFUSED)
        assert "not correctly signed by the trusted CA" in told.detail
    finally:
        control.close()


def test_a_key_that_both_know_will_do(
    make_unit: MakeUnit, authority: Authority, mosquitto: TlsMosquitto, tmp_path: Path
) -> None:
    mosquitto.start(authority.vouch(tmp_path / "tls", NAME))
    psk = {"tls": "psk", "psk_identity": PSK_IDENTITY, "psk": PSK}
    unit = make_unit(mosquitto.psk_port, psk)
    unit.start()
    unit.await_log("connected")


def test_another_key_will_not(
    make_unit: MakeUnit, authority: Authority, mosquitto: TlsMosquitto, tmp_path: Path
) -> None:
    mosquitto.start(authority.vouch(tmp_path / "tls", NAME))
    unit = make_unit(mosquitto.psk_port, {"tls": "psk", "psk_identity": PSK_IDENTITY, "psk": PSK[::-1]})
    unit.start()
    unit.await_log("disconnected", 2)
    assert not unit.logged("connected")


def test_with_a_key_a_certificate_is_not_taken_instead(
    make_unit: MakeUnit, authority: Authority, mosquitto: TlsMosquitto, tmp_path: Path
) -> None:
    """The port has certificates only: nobody in between can offer one and be believed."""
    mosquitto.start(authority.vouch(tmp_path / "tls", NAME))
    unit = make_unit(mosquitto.port, {"tls": "psk", "psk_identity": PSK_IDENTITY, "psk": PSK})
    unit.start()
    unit.await_log("disconnected", 2)
    assert not unit.logged("connected")


def test_a_broker_without_tls_is_told_nothing(
    make_unit: MakeUnit, authority: Authority, scripted_broker: ScriptedBroker
) -> None:
    unit = make_unit(scripted_broker.port, {"tls": "ca", "ca": authority.as_setting(), "server_name": NAME})
    unit.start()
    connection = scripted_broker.accept()
    heard = connection.socket.recv(4096)
    assert heard[:1] == b"\x16"  # a TLS handshake record
    assert b"secret" not in heard
    assert b"MQTT" not in heard


def test_a_silent_handshake_is_given_up(
    make_unit: MakeUnit, authority: Authority, scripted_broker: ScriptedBroker
) -> None:
    given = {"tls": "ca", "ca": authority.as_setting(), "reconnect_max_s": 1, "keepalive_s": 4}
    unit = make_unit(scripted_broker.port, given)
    unit.start()
    scripted_broker.accept()
    assert unit.await_log("disconnected")["reason"] == "nothing heard for 4 s"
    scripted_broker.accept()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"tls": "yes"}, "mqtt.tls is 'yes', expected one of: off, ca, psk"),
        ({"tls": "ca"}, "mqtt.ca is missing, expected the base64 of a DER certificate"),
        ({"tls": "ca", "ca": "-----BEGIN CERTIFICATE-----\n"}, "mqtt.ca is PEM, expected the base64 of a DER"),
        ({"tls": "ca", "ca": "AAAA"}, "mqtt.ca is 'AAAA', expected the base64 of a DER certificate"),
        ({"tls": "ca", "ca": "MAMCAQU="}, "mqtt.ca is DER, but no certificate that can be read"),
        ({"tls": "psk", "psk": PSK}, "mqtt.psk_identity is missing"),
        ({"tls": "psk", "psk": "0011", "psk_identity": "x"}, "mqtt.psk is no key, expected 32 hexadecimal digits"),
        ({"tls": "psk", "psk": "key", "psk_identity": "x"}, "mqtt.psk is no key, expected 32 hexadecimal digits"),
    ],
)
def test_wrong_settings_are_named(make_unit: MakeUnit, settings: dict[str, Any], expected: str) -> None:
    unit = make_unit(9, settings)
    unit.start(booted=False)
    assert unit.wait() == 2
    assert expected in unit.errors.decode()
