"""The line between a unit and its broker, which goes away and comes back when told to, under TLS or not."""

import asyncio
import contextlib
import ssl

_PIECE_BYTES = 4096


class Relay:
    """Listens at `port` of this machine, the same one after each outage; `start` opens it.

    secure  what a unit's side of it is under; the broker is spoken to without
    """

    def __init__(self, host: str, broker_port: int, secure: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._host, self._broker_port = host, broker_port
        self._secure = secure
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Connections are taken from now on. Raises OSError."""
        self._server = await asyncio.start_server(self._carry, self._host, self.port, ssl=self._secure)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Every connection is cut, and none is taken any more."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, from_unit: asyncio.StreamReader, to_unit: asyncio.StreamWriter) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection(self._host, self._broker_port)
        except OSError:
            to_unit.transport.abort()
            return
        both = {to_unit, to_broker}
        self._open |= both
        try:
            await asyncio.gather(_copy(from_unit, to_broker), _copy(from_broker, to_unit))
        finally:
            self._open -= both


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Ends with either side's end, and ends the other."""
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE_BYTES):
            sink.write(piece)
            await sink.drain()
    sink.transport.abort()
