"""The parser allocates for a feed and for a fix, never for a byte or for a sentence (64-bit figures)."""

import json
from pathlib import Path

import pytest

from tests.firmware.nmea_streams import drive, epoch
from tests.portable.interpreters import run_micropython

SCRIPT = Path(__file__).with_name("nmea_memory.py")
# The list handed out, a view of the chunk, and the beginning of a sentence carried over.
FEED_BYTES = 320
FIX_BYTES = 640


@pytest.fixture
def measured(tmp_path: Path):
    def measure(data: bytes, *chunks: int) -> list[dict[str, int]]:
        file = tmp_path / "recorded.nmea"
        file.write_bytes(data)
        return [json.loads(line) for line in run_micropython([SCRIPT, file, *map(str, chunks)]).splitlines()]

    return measure


def test_sentences_that_are_skipped_cost_nothing(measured) -> None:
    skipped = b"".join(part for part in epoch(0) if b"GSV" in part or b"GSA" in part) * 100
    for row in measured(skipped, 16, 64, 256, 512):
        assert row["fixes"] == 0
        assert 0 < row["spent"] <= row["feeds"] * FEED_BYTES, row
        assert row["kept"] <= FEED_BYTES, row


def test_one_object_a_fix(measured) -> None:
    for row in measured(drive(100), 64, 256, 512):
        assert row["fixes"] >= 99
        assert row["spent"] <= row["feeds"] * FEED_BYTES + row["fixes"] * FIX_BYTES, row
        assert row["kept"] <= FEED_BYTES + FIX_BYTES, row


def test_nothing_is_kept_of_noise(measured) -> None:
    noise = bytes(range(256)) * 40 + b"$" * 5000 + b"$" + b"x" * 5000 + b"$GPRMC,*00" * 500
    for row in measured(noise, 64, 512):
        assert row["spent"] <= row["feeds"] * (FEED_BYTES + 2 * 256), row
        assert row["kept"] <= FEED_BYTES + FIX_BYTES, row
