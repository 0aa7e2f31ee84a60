"""Processes are killed while real units report and an alert is open: nothing is lost, and nobody is sent twice."""

import os
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from tests.support.tools import require_tool
from tests.support.waiting import eventually_async
from tests.system.city import ANSWER_AT_ONCE, NEVER_ANSWER, City, city, city_settings

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(autouse=True)
def _micropython() -> None:
    require_tool("micropython")


async def press(running: City) -> int:
    """Presses just before the first car; the incident's number."""
    answer = await running.world.press_ahead()
    assert answer is not None, running.world.citizens().last_refusal
    return int(str(answer["incident_id"]))


def stored_seqs(folder: Path, unit_id: str) -> list[tuple[int, int]]:
    """(boot_id, seq) of every stored fix of a unit, in order."""
    with closing(sqlite3.connect(folder / "city" / "sigap.db", timeout=10)) as database:
        return database.execute(
            "SELECT boot_id, seq FROM fix JOIN unit USING (unit_key) WHERE unit_id = ? ORDER BY boot_id, seq",
            (unit_id,),
        ).fetchall()


async def test_a_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    async with city(city_settings(tmp_path), 3, ANSWER_AT_ONCE) as running:
        incident_id = await press(running)
        await running.until_kind(incident_id, "assigned")
        os.kill(running.play.server.supervisor.pid("server"), signal.SIGKILL)
        await running.until_kind(incident_id, "closed", 90)
        kinds = await running.kinds(incident_id)
        assert kinds.count("offered") == kinds.count("assigned") == 1, "a second car was sent"
        assert [event.kind for event in running.events if event.child == "server"].count("started") == 2
        # Every report that a unit made until now is there, without a gap.
        for account in running.play.accounts:
            seqs = stored_seqs(tmp_path, account.unit_id)
            assert seqs == [(seqs[0][0], number) for number in range(len(seqs))], account.unit_id


async def test_a_killed_broker_is_found_again_by_all(tmp_path: Path) -> None:
    async with city(city_settings(tmp_path), 3, ANSWER_AT_ONCE) as running:
        before = {account.unit_id: len(stored_seqs(tmp_path, account.unit_id)) for account in running.play.accounts}
        os.kill(running.play.server.supervisor.pid("broker"), signal.SIGKILL)
        await eventually_async(
            lambda: all(status.outages == 1 and status.connected for status in running.world.status()),
            60,
            "every unit connected again",
        )
        incident_id = await press(running)
        await running.until_kind(incident_id, "closed", 90)
        for account in running.play.accounts:
            unit_id = account.unit_id
            await eventually_async(
                lambda unit_id=unit_id: len(stored_seqs(tmp_path, unit_id)) > before[unit_id], 90, f"news of {unit_id}"
            )
            seqs = stored_seqs(tmp_path, unit_id)
            assert seqs == [(seqs[0][0], number) for number in range(len(seqs))], unit_id


def process_of(unit_id: str) -> psutil.Process:
    """The unit's MicroPython process, a child of this one."""
    for child in psutil.Process().children():
        if any(f"/{unit_id}/" in part for part in child.cmdline()):
            return child
    raise AssertionError(f"no process of {unit_id}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_a_dead_units_offer_passes_on(tmp_path: Path, number: signal.Signals) -> None:
    settings = city_settings(tmp_path, accept_deadline_s=3600)
    async with city(settings, 2, NEVER_ANSWER) as running:
        incident_id = await press(running)
        await running.until_kind(incident_id, "order_received")
        first = (await running.incident(incident_id))["unit_id"]
        process = process_of(first)
        process.send_signal(number)
        try:
            # A broken connection tells at once, a silent one after one and a half keepalives.
            deadline_s = 1.5 * running.play.accounts[0].keepalive_s + 5
            await running.until_kind(incident_id, "unit_lost", deadline_s)
            if number == signal.SIGSTOP:
                assert (await running.unit(first))["link"] == "lost"

            async def second_has_it() -> bool:
                received = [
                    entry["unit_id"]
                    for entry in (await running.incident(incident_id)).get("timeline", ())
                    if entry["kind"] == "order_received"
                ]
                return len(received) == 2 and received[1] != first

            await eventually_async(second_has_it, 10, "the other unit has the order")
        finally:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
        kinds = await running.kinds(incident_id)
        assert kinds.count("offered") == 2
        assert "assigned" not in kinds
