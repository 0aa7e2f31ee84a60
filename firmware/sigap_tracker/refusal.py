"""A unit that cannot start says why where a technician looks: at its display and its console. Loaded on demand."""

import asyncio

from sigap_tracker.interfaces import MachineMaker
from sigap_tracker.officer import layout
from sigap_tracker.storage import settings as schema

_FOR_S = 60  # then it starts anew: somebody may have put other settings in
_LINES, _ROW = 8, 8

# Enough for a machine to be made, which reaches nobody by them.
_NO_SETTINGS = {"unit_id": "unit", "gps": "-", "state_dir": "-", "mqtt": {"host": "-", "user": "-", "password": "-"}}


def show(make_machine: "MachineMaker", reason: str) -> None:
    """Returns after a minute, or at once where a machine cannot be made without settings. Raises SettingsError."""
    if make_machine.open_flash(None) is not None:
        asyncio.run(_show(make_machine, reason))


async def _show(make_machine: "MachineMaker", reason: str) -> None:
    machine = make_machine(schema.check(_NO_SETTINGS))
    machine.canvas.fill(0)
    for number, line in enumerate(layout.lines(reason)[:_LINES]):
        machine.canvas.text(line, 0, _ROW * number, 1)
    machine.show()
    machine.log("settings_refused", reason=reason)
    asyncio.create_task(machine.run_output())
    await asyncio.sleep_ms(_FOR_S * 1000)
