"""A port that is taken is an error that names the port and the setting."""

import os
import socket

import pytest

from sigap.errors import PortError
from sigap.ports import Listener, check, free_ports
from tests.support.ports import free_port
from tests.support.tools import require_platform


def test_free_ports_are_no_error() -> None:
    check([Listener("127.0.0.1", free_port(), "http.port"), Listener("", free_port(), "mqtt.port")])


def test_free_ports_are_different_and_free() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    check([Listener("127.0.0.1", port, "http.port") for port in found])


def test_a_taken_port_names_port_and_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortError) as caught:
            check([Listener("127.0.0.1", port, "mqtt.port")])
    assert str(caught.value) == (
        f"port {port} on 127.0.0.1 is already in use; stop the program that listens there, "
        "or choose another port with the setting mqtt.port"
    )


def test_a_port_that_one_address_of_the_machine_has_is_taken_for_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortError, match=r"http\.port"):
        check([Listener("0.0.0.0", other.getsockname()[1], "http.port")])


def test_a_port_whose_connections_are_still_closing_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            served, _ = ours.accept()
            served.close()  # closing first leaves this side waiting
    check([Listener("127.0.0.1", port, "http.port")])


def test_two_settings_cannot_ask_for_the_same_port() -> None:
    port = free_port()
    with pytest.raises(PortError, match=rf"port {port} is asked for twice, by the settings mqtt\.port and http\.port"):
        check([Listener("127.0.0.1", port, "mqtt.port"), Listener("127.0.0.1", port, "http.port")])


def test_an_address_of_another_machine_names_both_settings() -> None:
    with pytest.raises(PortError, match=r"192\.0\.2\.1 cannot be listened on .*http\.host and http\.port"):
        check([Listener("192.0.2.1", free_port(), "http.port", "http.host")])


def test_a_port_for_root_alone() -> None:
    require_platform(os.geteuid() != 0, "root may listen on every port")
    with pytest.raises(PortError, match="not open to this user"):
        check([Listener("127.0.0.1", 1, "http.port")])
