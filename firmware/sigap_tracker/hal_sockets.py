"""TCP as every MicroPython with sockets has it: shared by the platforms' HALs."""

import asyncio
import errno
import select
import socket

from sigap_tracker.interfaces import Securing

_POLL_MS = 20


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
