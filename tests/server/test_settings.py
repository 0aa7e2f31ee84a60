"""Settings from file and environment, and the refusal of what is not known."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sigap_server.errors import SettingsError
from sigap_server.settings import MqttSettings, Settings, describe, load_settings


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for setting in describe():
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.delenv("SIGAP_CONFIG", raising=False)


def write(text: str, name: str = "sigap.toml") -> Path:
    Path(name).write_text(text)
    return Path(name)


def refusal(config: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return str(caught.value).splitlines()


def test_nothing_is_needed() -> None:
    assert load_settings() == Settings()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[http]\nport = 8081\nhost = '0.0.0.0'\n[dispatch]\nassumed_speed_mps = 5")
    monkeypatch.setenv("SIGAP_HTTP__PORT", "8082")
    settings = load_settings()
    assert (settings.http.port, settings.http.host, settings.dispatch.assumed_speed_mps) == (8082, "0.0.0.0", 5)


def test_a_file_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[http]\nport = 1111")
    other = write("[http]\nport = 2222", "other.toml")
    assert load_settings(other).http.port == 2222
    monkeypatch.setenv("SIGAP_CONFIG", str(other))
    assert load_settings().http.port == 2222
    assert refusal(Path("absent.toml")) == ["settings file absent.toml does not exist"]


def test_unknown_keys_are_named_with_the_allowed_ones() -> None:
    write("data_dri = 'x'\n[http]\nprot = 1\n[htpt]\nport = 1")
    lines = refusal()
    assert len(lines) == 3
    text = "\n".join(lines)
    assert "sigap.toml: unknown setting data_dri; allowed are: data_dir, [database]" in text
    assert "sigap.toml: unknown setting http.prot; [http] has: host, port, session_hours" in text
    assert "sigap.toml: unknown setting htpt; allowed are: data_dir" in text


@pytest.mark.parametrize("name", ["SIGAP_HTTP__PROT", "SIGAP_HTTP_PORT", "SIGAP_FOO", "SIGAP_HTTP"])
def test_unknown_variables_are_named_with_the_allowed_ones(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    (line,) = refusal()
    assert f"unknown setting {name}; allowed are: " in line
    assert "SIGAP_HTTP__PORT" in line


def test_values_are_named_with_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[http]\nport = 99999\n[mqtt]\nsync = 'sometimes'")
    monkeypatch.setenv("SIGAP_FLEET__STALE_AFTER_S", "soon")
    lines = refusal()
    assert any(line.startswith("sigap.toml: http.port = 99999: ") for line in lines)
    assert any("mqtt.sync = 'sometimes'" in line and "'always' or 'interval'" in line for line in lines)
    assert any(line.startswith("environment: SIGAP_FLEET__STALE_AFTER_S = 'soon': ") for line in lines)


def test_a_wrong_password_setting_is_not_shown() -> None:
    write("[mqtt]\npassword = 12345")
    (line,) = refusal()
    assert "mqtt.password" in line
    assert "12345" not in line


@pytest.mark.parametrize("url", ["http://broker", "mqtt://", "mqtt://u:p@broker", "mqtt://broker:99999", "broker:1883"])
def test_broker_urls_that_are_refused(url: str) -> None:
    write(f"[mqtt]\nurl = '{url}'")
    (line,) = refusal()
    assert "mqtt.url" in line


def test_where_the_broker_is_found() -> None:
    assert MqttSettings(url="mqtt://broker.example").address() == ("broker.example", 1883)
    assert MqttSettings(url="mqtt://[::1]:1884").address() == ("::1", 1884)
    assert MqttSettings(host="0.0.0.0", port=5).address() == ("127.0.0.1", 5)


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        http={"port": 1234},
        mqtt={"url": "mqtt://b", "user": "u"},
        dispatch={"policy": tmp_path / "p.toml", "assumed_speed_mps": 2},
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text() | st.dictionaries(st.text(min_size=1), st.integers() | st.text()).map(str))
def test_no_file_makes_it_fail_in_another_way(text: str) -> None:
    try:
        Path("sigap.toml").write_text(text)
    except UnicodeEncodeError:
        return
    with contextlib.suppress(SettingsError):
        load_settings()
