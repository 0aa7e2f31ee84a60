"""What a recorded drive costs on the air, through parser, gate, default policy, spool and outbox."""

from pathlib import Path

import pytest

from sigap_simulator.nor_flash import NorFlash
from sigap_tracker.network.outbox import Outbox
from sigap_tracker.position.policy import Policy
from sigap_tracker.replay import Replay
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import Spool
from sigap_wire import topics
from sigap_wire.report import Fix, Report

LIVE_MAX_BYTES = 40
BATCHED_MAX_BYTES = 16
BATCH_FIXES = 10
BOOT_ID = 1000  # a unit of some months


@pytest.fixture
def fixes(shared_data: Path) -> list[Fix]:
    """Those that the policy keeps."""
    content = (shared_data / "nmea" / "drive-tahoe-a.log").read_bytes()
    replay, policy = Replay(), Policy()
    kept = []
    for fix in replay.feed(content, len(content)) + replay.finish():
        reason = policy.consider(fix)
        if reason is not None:
            fix.reason = reason
            kept.append(fix)
    assert len(kept) > 50
    return kept


def outbox() -> Outbox:
    flash = NorFlash(8)
    return Outbox(BOOT_ID, Spool(flash, 0, 6), Journal(flash, 6, 2))


def test_live_reports(fixes: list[Fix]) -> None:
    box = outbox()
    sizes = []
    for fix in fixes:
        box.keep(fix)
        message = box.next_message()
        assert message is not None
        kind, payload, token = message
        assert kind == topics.REPORT
        assert Report.decode(payload).fixes == [fix]
        sizes.append(len(payload))
        box.delivered(token)
    assert max(sizes) <= LIVE_MAX_BYTES
    print(f"{len(sizes)} live reports of {min(sizes)} to {max(sizes)} bytes")


def test_batches(fixes: list[Fix]) -> None:
    box = outbox()
    for fix in fixes:
        box.keep(fix)
    sizes, counts = [], []
    while (message := box.next_message()) is not None:
        kind, payload, token = message
        count = len(Report.decode(payload).fixes)
        if kind == topics.BACKLOG and count >= BATCH_FIXES:
            sizes.append(len(payload))
            counts.append(count)
        box.delivered(token)
    assert sum(counts) >= len(fixes) - 1 - BATCH_FIXES
    each = [size / count for size, count in zip(sizes, counts, strict=True)]
    assert sum(sizes) / sum(counts) <= BATCHED_MAX_BYTES
    print(f"{sum(counts)} fixes in {len(counts)} batches: {sum(sizes) / sum(counts):.1f} bytes each, {max(each):.1f}")


def test_a_batch_of_ten(fixes: list[Fix]) -> None:
    tens = [fixes[i : i + BATCH_FIXES] for i in range(0, len(fixes) - BATCH_FIXES + 1, BATCH_FIXES)]
    sizes = [len(Report(BOOT_ID, 1000, ten).encode()) for ten in tens]
    assert sum(sizes) / len(sizes) / BATCH_FIXES <= BATCHED_MAX_BYTES
    print(f"batches of ten: {sum(sizes) / len(sizes) / BATCH_FIXES:.1f} bytes a fix")
