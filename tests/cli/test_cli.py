"""The command's own behaviour: errors are one clear message, the help is quick."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from sigap import cli
from sigap.errors import CommandError

# What a quick command must not load; each takes a tenth of a second or more.
HEAVY = {"fastapi", "httpx", "pydantic", "pydantic_settings", "sqlalchemy", "uvicorn", "aiomqtt"}


@pytest.fixture
def fail_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `sigap OPTIONS fail`, a command that raises the error; gives what stderr has."""

    def run(error: Exception, *options: str) -> str:
        def fail() -> None:
            raise error

        monkeypatch.setattr(cli.app, "registered_commands", list(cli.app.registered_commands))
        cli.app.command()(fail)
        monkeypatch.setattr(sys, "argv", ["sigap", *options, "fail"])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert exit_.value.code == cli.EXIT_ERROR
        return capsys.readouterr().err

    return run


def test_an_expected_error_is_its_message_and_no_traceback(fail_with) -> None:
    assert fail_with(CommandError("the map is not there")) == "sigap: the map is not there\n"


def test_a_file_that_cannot_be_used_is_named(fail_with) -> None:
    assert fail_with(PermissionError(13, "Permission denied", "/var/x")) == "sigap: /var/x: Permission denied\n"


def test_debug_shows_where_an_expected_error_arose(fail_with) -> None:
    with pytest.raises(CommandError):
        fail_with(CommandError("the map is not there"), "--debug")
    cli._Options.debug = False


def test_an_unexpected_error_is_not_dressed_up(fail_with) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_with(ZeroDivisionError())


def test_help_loads_nothing_heavy() -> None:
    source = f"import sys, sigap.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_the_packages() -> None:
    done = subprocess.run([sys.executable, "-m", "sigap", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("sigap 0.")


def test_a_unit_may_be_added_before_the_first_start(tmp_path) -> None:
    def add(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "sigap", "unit", "add", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    first, second = add("unit-01", "--callsign", "Maung 1", "--json"), add("unit-01", "--json")
    assert (first.returncode, second.returncode) == (0, 0)
    told = json.loads(first.stdout)
    assert told == {"unit_id": "unit-01", "user": "unit-01", "password": told["password"]}
    assert json.loads(second.stdout)["password"] != told["password"]
    assert first.stderr.startswith("operator ")
    assert second.stderr == ""
    assert (tmp_path / "var" / "broker").is_dir()


def test_a_unit_id_that_the_wire_does_not_carry_is_refused(tmp_path) -> None:
    command = [sys.executable, "-m", "sigap", "unit", "add", "Unit 1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == cli.EXIT_ERROR
    assert done.stderr.splitlines()[-1].startswith("sigap: unit id 'Unit 1': expected ")
