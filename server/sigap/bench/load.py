"""The load of a benchmark: protocol-level units in a process of their own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sigap.errors import CommandError
from sigap_simulator.unit import UnitAccount

_READY_DEADLINE_S = 120.0
_COUNTERS_DEADLINE_S = 10.0


class FleetProcess:
    """A running `sigap_simulator.protocol_fleet`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def read(self, key: str, deadline_s: float) -> object:
        """The value of the next message, which must have this key. Raises CommandError."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(deadline_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise CommandError(f"the simulated fleet said no {key!r} within {deadline_s:g} s") from None
        message = json.loads(line) if line else {"error": "it ended"}
        if key not in message:
            raise CommandError(f"the simulated fleet failed: {message.get('error', message)}")
        return message[key]

    async def counters(self) -> dict[str, object]:
        """What the fleet counted, its lateness among it. Raises CommandError."""
        assert self._process.stdin is not None
        self._process.stdin.write(b'{"counters": 1}\n')
        counters = await self.read("counters", _COUNTERS_DEADLINE_S)
        assert isinstance(counters, dict)
        return counters


@asynccontextmanager
async def protocol_fleet(
    accounts: Sequence[UnitAccount], folder: Path, officers: dict[str, object], radius_m: float
) -> AsyncIterator[FleetProcess | None]:
    """Units that report once a second and whose officers have the habits `officers`; None for no accounts at all.

    Raises CommandError if they do not all connect.
    """
    if not accounts:
        yield None
        return
    config = folder / "fleet.json"
    config.write_text(
        json.dumps(
            {
                "broker": {"host": accounts[0].host, "port": accounts[0].port},
                "units": [{"unit_id": a.unit_id, "user": a.user, "password": a.password} for a in accounts],
                "report_interval_s": 1.0,
                "radius_m": radius_m,
                "travel_s": 0.1,
                "officers": officers,
            }
        )
    )
    config.chmod(0o600)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sigap_simulator.protocol_fleet",
        config,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        fleet = FleetProcess(process)
        await fleet.read("ready", _READY_DEADLINE_S)
        yield fleet
    finally:
        assert process.stdin is not None
        process.stdin.close()  # the end of its input ends it
        try:
            await asyncio.wait_for(process.wait(), 10.0)
        except TimeoutError:
            process.kill()
            await process.wait()
