"""When a firmware was made: told by whoever builds it, or by the sources' history, and never by a clock."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigap.boards import build_time
from sigap.boards.build_time import build_time_s
from sigap.cli import app
from sigap.errors import CommandError
from sigap_tracker.build import BUILD_TIME_S

DAY_S = 86400


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the firmware's, with its package."""
    package = tmp_path / "sigap_tracker"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(build_time.sigap_tracker, "__file__", str(package / "__init__.py"))
    return tmp_path


def commit(folder: Path, time_s: int) -> None:
    when = {"GIT_AUTHOR_DATE": f"{time_s} +0700", "GIT_COMMITTER_DATE": f"{time_s} +0700"}
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "A change"]):
        subprocess.run(["git", "-C", folder, *words], env=when, check=True)


def test_what_was_said_counts() -> None:
    assert build_time_s({"SOURCE_DATE_EPOCH": "1800000000"}) == 1_800_000_000


@pytest.mark.parametrize("given", ["yesterday", "-1", "4294967296", "1e9", "١٢"])
def test_what_is_no_time_is_refused(given: str) -> None:
    with pytest.raises(CommandError, match=r"SOURCE_DATE_EPOCH is .*, expected Unix seconds"):
        build_time_s({"SOURCE_DATE_EPOCH": given})


def test_otherwise_the_newest_commit_of_the_firmware(checkout: Path) -> None:
    commit(checkout, BUILD_TIME_S + 100 * DAY_S + 12345)
    (checkout / "else.txt").write_text("no firmware")
    commit(checkout, BUILD_TIME_S + 200 * DAY_S)
    made_s = build_time_s({})
    assert made_s == BUILD_TIME_S + 99 * DAY_S
    assert made_s % DAY_S == 0


def test_without_a_history_what_the_sources_say(checkout: Path) -> None:
    assert build_time_s({}) == BUILD_TIME_S
    commit(checkout, BUILD_TIME_S - 100 * DAY_S)
    assert build_time_s({}) == BUILD_TIME_S, "and never less than that"


def test_a_time_that_is_none_makes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "now")
    result = CliRunner().invoke(app, ["board", "files", "esp32-wroom-4mb", "--to", str(tmp_path)])
    assert "SOURCE_DATE_EPOCH is 'now'" in str(result.exception)
    assert list(tmp_path.iterdir()) == []
