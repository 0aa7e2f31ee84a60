"""The unit tests its parts: by itself after its start and daily, and when somebody asks. Loaded on demand."""

import asyncio

from sigap_tracker.interfaces import Machine
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.officer.desk import Desk
from sigap_tracker.reporting import Reporter
from sigap_tracker.storage.flash_test import keeps

# In this order in what run() fills, and in a health message.
NAMES = "buttons buzzer display gps modem flash"
UNTESTED, PASSED, FAILED, ABSENT = range(4)

_WAIT_MS = 5000  # a receiver says something every second; nobody holds a button so long
_TICK = ((4000, 5, 0),)  # Hz, ms: hardly heard


async def run(machine: Machine, desk: Desk, reporter: Reporter, outbox: Outbox, found: bytearray) -> None:
    """Takes five seconds, in which everything goes on. `found` is then one of UNTESTED … ABSENT for each of NAMES.

    What nothing in the unit can tell stays untested: whether a button works before it was pressed, what a buzzer that
    was driven sounds like.
    """
    sentences = reporter.parser.sentences
    held, _, has_buzzer = machine.parts()
    machine.buzz(_TICK)
    await asyncio.sleep_ms(_WAIT_MS)
    still_held, display_answers, _ = machine.parts()
    line = machine.line
    found[0] = FAILED if held & still_held else PASSED if desk.presses else UNTESTED
    found[1] = PASSED if has_buzzer else ABSENT
    found[2] = PASSED if display_answers else FAILED
    found[3] = PASSED if reporter.parser.sentences != sentences else FAILED
    found[4] = ABSENT if not line.has_modem else PASSED if line.is_up() or line.signal_dbm is not None else FAILED
    found[5] = PASSED if keeps(outbox.journal) else FAILED
    machine.log("self_test", **dict(zip(NAMES.split(), found)))
