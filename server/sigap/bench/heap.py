"""`sigap bench heap`: the memory a unit needs, on a drive that it hears as fast as it can take it."""

import asyncio
import json
import sqlite3
import ssl
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sigap.bench.authority import Authority
from sigap.bench.drive import HOUR_S, Drive
from sigap.bench.relay import Relay
from sigap.bench.trend import slope
from sigap.demo.stage import stage
from sigap.errors import CommandError
from sigap_server.settings import Settings
from sigap_simulator.launch import launch_command
from sigap_simulator.pty import SerialLine
from sigap_simulator.unit import Event, UnitAccount
from sigap_simulator.unit_process import UnitProcess

GOAL_BYTES = 64 * 1024
GOAL_BYTES_A_DAY = 1024
_DAY_S = 24 * HOUR_S
_DEADLINE_S = 60.0
_ASK_AGAIN_S = 0.2
_BROKER_NAME = "broker.bench"


async def measure(settings: Settings, drive: Drive, tls: bool, progress: Callable[[int], None]) -> dict[str, Any]:
    """The live heap at the drive's moments; `progress` hears the seconds driven.

    Raises CommandError if the unit falls silent, SimulatorError if it does not start.
    """
    async with stage(settings, 1, lambda event: None) as play:
        folder = settings.data_dir / "units"
        (account,) = play.accounts
        secure, unit_tls = _secured() if tls else (None, {})
        relay = Relay(account.host, account.port, secure)
        await relay.start()
        line = SerialLine()
        unit = UnitProcess(
            account,
            launch_command(folder),
            line.path,
            folder / account.unit_id,
            _through(relay, account, unit_tls),
            restarts=False,
        )
        said = _Said()
        unit.listen(said.hear)
        samples: list[dict[str, int]] = []
        try:
            await unit.start()
            await said.reach("connected", 1)
            away = False
            for second, sentences in enumerate(drive.heard()):
                if drive.is_away(second) != away:
                    away = not away
                    await _turn(relay, said, away)
                await line.send(sentences)
                progress(second + 1)
                if second + 1 in drive.sample_s:
                    samples.append(await _health(settings, unit, second + 1))
        finally:
            await unit.stop()
            relay.stop()
            line.close()
    return _result(drive, tls, samples, said)


class _Said:
    """What the unit's log has told."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.failures: list[str] = []
        self.memory_errors = 0
        self._news = asyncio.Event()

    def hear(self, event: Event) -> None:
        name = str(event.get("log"))
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == "task_failed":
            self.failures.append(str(event))
        self.memory_errors += "MemoryError" in str(event)
        self._news.set()

    async def reach(self, name: str, count: int) -> None:
        """Until the event came for the `count`th time. Raises CommandError."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                while self.counts.get(name, 0) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise CommandError(f"the unit did not say {name!r} within {_DEADLINE_S:g} s") from None


async def _turn(relay: Relay, said: _Said, away: bool) -> None:
    """The line goes away or comes back, and the unit has noticed."""
    name = "disconnected" if away else "connected"
    before = said.counts.get(name, 0)
    if away:
        relay.stop()
    else:
        await relay.start()
    await said.reach(name, before + 1)


def _secured() -> tuple[ssl.SSLContext, dict[str, str]]:
    """A broker's side of TLS, and the settings of a unit that trusts it."""
    authority = Authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="sigap-bench-tls-") as folder:
        files = authority.vouch(Path(folder), _BROKER_NAME)
        context.load_cert_chain(files.certificate, files.key)
    return context, {"tls": "ca", "ca": authority.as_setting(), "server_name": _BROKER_NAME}


def _through(relay: Relay, account: UnitAccount, tls: dict[str, str]) -> dict[str, object]:
    """The unit's settings for a broker behind the relay."""
    return {
        "mqtt": {
            "host": account.host,
            "port": relay.port,
            "user": account.user,
            "password": account.password,
            "keepalive_s": account.keepalive_s,
            "reconnect_max_s": 1,
            **tls,
        }
    }


def _result(drive: Drive, tls: bool, samples: list[dict[str, int]], said: _Said) -> dict[str, Any]:
    heap_bytes = [sample["heap_alloc_bytes"] for sample in samples]
    document: dict[str, Any] = {
        "benchmark": "heap",
        "drive_s": drive.drive_s,
        "tls": tls,
        "heap_bytes": heap_bytes,
        "max_bytes": max(heap_bytes),
        "goal_bytes": GOAL_BYTES,
        "disconnections": said.counts.get("disconnected", 0),
        "task_failures": said.failures,
        "memory_errors": said.memory_errors,
        "counters": samples[-1],
        "reached": max(heap_bytes) <= GOAL_BYTES and not said.failures and not said.memory_errors,
    }
    if drive.outages:
        growth = _bytes_a_day(drive.sample_s, heap_bytes)
        settled = [(at, value) for at, value in zip(drive.sample_s, heap_bytes, strict=True) if at > HOUR_S]
        document["growth"] = {
            "bytes_a_day": growth,
            "bytes_a_day_after_first_hour": _bytes_a_day(*zip(*settled, strict=True)) if len(settled) > 1 else None,
            "goal_bytes_a_day": GOAL_BYTES_A_DAY,
            "reached": growth < GOAL_BYTES_A_DAY and not said.failures and not said.memory_errors,
        }
    return document


def _bytes_a_day(at_s: Sequence[int], heap_bytes: Sequence[int]) -> float:
    return round(slope(at_s, heap_bytes) * _DAY_S, 1)


async def _health(settings: Settings, unit: UnitProcess, driven_s: int) -> dict[str, int]:
    """The unit's counters once nothing of what it heard waits any more."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            before = -1
            while True:
                unit.ask_health()
                await asyncio.sleep(_ASK_AGAIN_S)
                with closing(sqlite3.connect(settings.database_path, timeout=10)) as database:
                    row = database.execute("SELECT counters FROM unit_health").fetchone()
                found: dict[str, int] = json.loads(row[0]) if row else {}
                # The line is empty when no further sentence arrives between two questions.
                if found and found["nmea_sentences"] == before and found["queue"] == 0:
                    return found
                before = found.get("nmea_sentences", -1)
    except TimeoutError:
        raise CommandError(f"the unit did not answer after {driven_s} s of the drive") from None
