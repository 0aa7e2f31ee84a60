"""TCP as every MicroPython with sockets has it: shared by the platforms' HALs."""

import asyncio
import errno
import select
import socket

from sigap_tracker.interfaces import Securing

_POLL_MS = 20
_IPPROTO_TCP, _TCP_NODELAY = 6, 1  # lwIP's and Linux' numbers; not every port names them


def look_up(host: str) -> str:
    """See Machine in interfaces.pyi."""
    address: object = socket.getaddrinfo(host, 0, 0, socket.SOCK_STREAM)[0][4]
    if isinstance(address, tuple):
        return str(address[0])
    family, packed = socket.sockaddr(address)[:2]  # type: ignore[attr-defined]  # the unix port's own form
    return str(socket.inet_ntop(family, packed))  # type: ignore[attr-defined]


async def open_connection(
    host: str, port: int, secure: "Securing | None"
) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
    """See Machine in interfaces.pyi."""
    # Looking up a name blocks, as in every MicroPython; an address does not. asyncio.open_connection() would leave the
    # socket open when it is cancelled before the server answered.
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        try:
            # A report must not wait for the acknowledgement of the one before it.
            connection.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        except OSError:
            pass  # goes without
        try:
            connection.connect(address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        poll = select.poll()
        poll.register(connection, select.POLLOUT)
        while not poll.poll(0):
            await asyncio.sleep_ms(_POLL_MS)
        if secure is not None:
            connection = secure(connection)
    except:  # noqa: E722 - cancelled, too
        connection.close()
        raise
    return asyncio.StreamReader(connection), asyncio.StreamWriter(connection)
