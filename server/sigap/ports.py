"""Whether the settings' ports can be listened on, asked before anything is started."""

import contextlib
import errno
import socket
from collections.abc import Iterable
from typing import NamedTuple

from sigap.errors import PortError


class Listener(NamedTuple):
    """An address somebody is going to listen on, and the settings it comes from, such as "http.port"."""

    host: str
    port: int
    port_setting: str
    host_setting: str | None = None


def check(listeners: Iterable[Listener]) -> None:
    """Raises PortError, naming address and setting, for the first that cannot be listened on."""
    taken: dict[int, str] = {}
    for listener in listeners:
        if other := taken.get(listener.port):
            raise PortError(
                f"port {listener.port} is asked for twice, by the settings {other} and {listener.port_setting}"
            )
        taken[listener.port] = listener.port_setting
        _check(listener)


def _check(listener: Listener) -> None:
    try:
        addresses = socket.getaddrinfo(
            listener.host or None, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in addresses:
            with socket.socket(family, kind, protocol) as probe:
                # As the servers do, so that connections of the last run that are still closing are no obstacle.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise PortError(_explain(listener, error)) from error


def _explain(listener: Listener, error: OSError) -> str:
    where = f"port {listener.port} on {listener.host or 'all addresses'}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is already in use; stop the program that listens there, "
            f"or choose another port with the setting {listener.port_setting}"
        )
    if error.errno == errno.EACCES:
        return f"{where} is not open to this user; choose one above 1023 with the setting {listener.port_setting}"
    settings = " and ".join(filter(None, (listener.host_setting, listener.port_setting)))
    return f"{where} cannot be listened on ({error.strerror}); see the setting {settings}"


def free_ports(count: int) -> list[int]:
    """Ports on the loopback address that nobody listens on at this moment, all different."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
