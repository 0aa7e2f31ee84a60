"""`sigap board` writes what a unit is flashed with."""

import json
from pathlib import Path

from typer.testing import CliRunner

from sigap.boards import definition, partitions
from sigap.cli import app


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["board", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_board_is_listed() -> None:
    assert [line.split()[0] for line in said("list").splitlines()] == definition.names()


def test_a_board_is_shown_with_its_pins() -> None:
    assert "| GPS receiver | TX | 16 |" in said("show", "esp32-wroom-4mb")


def test_its_files_are_written(tmp_path: Path) -> None:
    said("files", "lilygo-t-a7608-s3", "--to", str(tmp_path / "new" / "folder"))
    folder = tmp_path / "new" / "folder"
    assert json.loads((folder / "board.json").read_text())["modem"]["power_key"] == 15
    assert (folder / "partitions.bin").read_bytes() == partitions.binary(16)
    assert (folder / "partitions.csv").read_text() == partitions.csv(8)


def test_a_board_that_is_not_there() -> None:
    result = CliRunner().invoke(app, ["board", "show", "esp8266"])
    assert "no board 'esp8266'" in str(result.exception)
