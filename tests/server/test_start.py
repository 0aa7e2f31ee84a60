"""Starting and stopping: every refusal says what is wrong, names the setting and exits with 2."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sigap_server import access, broker, setup
from sigap_server.errors import BrokerError, RegistrationError, SigapError
from sigap_server.settings import Settings
from tests.server.conftest import Install
from tests.support.installation import OPERATOR_PASSWORD, Installation
from tests.support.waiting import eventually


def start(installation: Installation, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*installation.server_argv(), *arguments],
        env={**os.environ, **installation.settings.environment(), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_port_in_use_is_named_with_its_setting(install: Install) -> None:
    installation = install()
    with socket.create_server(("127.0.0.1", installation.settings.http.port)):
        done = start(installation)
    assert done.returncode == 2
    assert f"port {installation.settings.http.port} on 127.0.0.1 is already in use" in done.stderr
    assert "http.port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SIGAP_HTTP__PROT": "1"}, ["unknown setting SIGAP_HTTP__PROT", "SIGAP_HTTP__PORT"]),
        ({"SIGAP_MQTT__ACK_WAIT_S": "soon"}, ["SIGAP_MQTT__ACK_WAIT_S", "valid integer"]),
        ({"SIGAP_HTTP__HOST": "192.0.2.1"}, ["http.host 192.0.2.1"]),
        ({"SIGAP_DATA_DIR": "/proc/sigap"}, ["data_dir /proc/sigap cannot be used"]),
        ({"SIGAP_CONFIG": "/nowhere.toml"}, ["/nowhere.toml does not exist"]),
    ],
)
def test_settings_that_cannot_be(install: Install, env: dict[str, str], words: list[str]) -> None:
    done = start(install(), **env)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_a_newer_version(install: Install) -> None:
    installation = install()
    with sqlite3.connect(installation.settings.database_path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    done = start(installation)
    assert done.returncode == 2
    assert "a newer Sigap wrote it" in done.stderr


def test_a_database_that_is_none(install: Install) -> None:
    installation = install()
    for file in installation.settings.data_dir.glob("sigap.db*"):
        file.unlink()
    installation.settings.database_path.write_bytes(b"x" * 10_000)
    done = start(installation)
    assert done.returncode == 2
    assert "cannot be opened: file is not a database" in done.stderr


def test_a_log_that_cannot_be_read(install: Install) -> None:
    installation = install()
    with sqlite3.connect(installation.settings.database_path) as database:
        database.execute("INSERT INTO alert VALUES ('a', 1, 'drill', 0, 0, NULL, '', 1, 1, 'citizen', NULL)")
        database.execute("INSERT INTO incident VALUES (1, 'a', 5, 'waiting', NULL, NULL, NULL, NULL)")
        database.execute("INSERT INTO event VALUES (1, 1, 1, 1, 'abducted', 'system', '{}')")
    database.close()
    done = start(installation)
    assert done.returncode == 2
    assert "the log of events cannot be read: unknown kind of event 'abducted'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ({"offer": {"accept_deadline_s": 0}}, "policy.toml: accept_deadline_s is 0"),
        ({"offer": {"patience": 3}}, "policy.toml: offer.patience is unknown, expected one of: receipt_deadline_s"),
    ],
)
def test_a_policy_that_makes_no_sense(install: Install, rules: dict[str, object], complaint: str) -> None:
    done = start(install(policy=rules))
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_policy_that_is_not_there(install: Install) -> None:
    installation = install(policy={})
    policy = installation.settings.dispatch.policy
    assert policy is not None
    policy.unlink()
    done = start(installation)
    assert done.returncode == 2
    assert f"the policy {policy} cannot be read" in done.stderr


def test_it_stops_when_told_to(installation: Installation) -> None:
    installation.start_server()
    assert installation.stop_server() == 0
    installation.start_server()
    assert installation.stop_server() == 0


def test_it_stops_while_a_feed_is_watched(installation: Installation) -> None:
    installation.start_server()
    with httpx.Client(base_url=installation.url, timeout=10) as client:
        client.post("/api/v1/session", json={"name": "operator", "password": OPERATOR_PASSWORD}).raise_for_status()
        with client.stream("GET", "/api/v1/live") as feed:
            lines = feed.iter_lines()
            assert next(lines) == "event: snapshot"
            assert installation.stop_server() == 0


def test_it_starts_without_a_broker_and_finds_it_later(install: Install) -> None:
    installation = install()
    installation.start_server()

    def state() -> str:
        return str(httpx.get(f"{installation.url}/api/v1/status").json()["broker"])

    assert state() == "disconnected"
    installation.start_broker()
    eventually(lambda: state() == "connected", deadline_s=15, what="broker found")


def test_the_first_start_makes_one_operator_and_says_the_password_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first = setup.prepare(settings)
    assert first.operator == "operator"
    assert first.password is not None
    assert len(first.password) >= 16
    assert setup.prepare(settings) == (None, None)
    with sqlite3.connect(settings.database_path) as database:
        ((password_hash,),) = database.execute("SELECT password_hash FROM operator").fetchall()
    database.close()
    access._hasher.verify(password_hash, first.password)


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    setup.prepare(settings, "x")
    setup.add_unit(settings, "unit-a", "Alfa")
    before = (setup.read_identity(settings), broker.config_path(settings).read_text())
    setup.prepare(settings, "y")
    assert (setup.read_identity(settings), broker.config_path(settings).read_text()) == before
    assert (settings.data_dir / "server.json").stat().st_mode & 0o077 == 0


def test_a_wrong_unit_registers_none(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    setup.prepare(settings, "x")
    with pytest.raises(RegistrationError, match="expected 1 to 32 of a-z"):
        setup.add_units(settings, [setup.NewUnit("unit-a", "A"), setup.NewUnit("Unit B", "B")])
    assert "unit-a" not in broker.config_path(settings).read_text()


def test_another_broker_needs_no_configuration_of_ours(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", mqtt={"url": "mqtt://broker.example"})
    setup.prepare(settings, "x")
    setup.add_unit(settings, "unit-a", "Alfa")
    assert not broker.config_path(settings).exists()


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SigapError, match=r"data_dir .* cannot be used"):
        setup.prepare(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def fresh_search() -> object:
    broker.nats_server_path.cache_clear()
    yield
    broker.nats_server_path.cache_clear()


def fake_nats(folder: Path, says: str) -> Path:
    path = folder / "nats-server"
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("fresh_search")
class TestWhichNats:
    def test_a_good_one_on_the_path_is_preferred(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        found = fake_nats(tmp_path, "nats-server: v2.99.0")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert broker.nats_server_path() == found

    @pytest.mark.parametrize("says", ["nats-server: v2.10.26", "nats-server: v1.0.0", "Segmentation fault", ""])
    def test_an_old_one_is_passed_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
        found = fake_nats(tmp_path, says)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert broker.nats_server_path() not in (found, None)

    def test_none_at_all_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fake_nats(tmp_path, "nats-server: v2.1.0")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setattr(broker.metadata, "files", lambda _name: [])
        with pytest.raises(BrokerError, match=r"no nats-server 2\.12 or newer; tried: .*\(2\.1\.0\).*mqtt\.url"):
            broker.nats_server_path()
