"""Restarts for a dead line: counted through themselves, and told to the server once there is one. Loaded on demand."""

from sigap_tracker.network.ladder import Ladder
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.storage.flash_map import REBOOTS_KEY
from sigap_wire.result import REFUSED, SUBJECT_CONNECTION


def reboots(outbox: Outbox) -> int:
    """How often in a row the unit was started anew for its dead line."""
    noted = outbox.journal.get(REBOOTS_KEY)
    return noted[0] if noted else 0


def connected(outbox: Outbox) -> None:
    """The server took a connection: the next time is the first again."""
    try:
        outbox.journal.remove(REBOOTS_KEY)
    except OSError:
        outbox.flash_failures += 1


def rebooting(outbox: Outbox, ladder: Ladder, reason: str) -> None:
    """The unit is about to start anew for its dead line, after a last attempt that failed for `reason`."""
    outbox.put_result(SUBJECT_CONNECTION, 0, REFUSED, ladder.reboots, "started anew: " + reason)
    try:
        outbox.journal.put(REBOOTS_KEY, bytes((min(ladder.reboots, 255),)))
    except OSError:
        outbox.flash_failures += 1
