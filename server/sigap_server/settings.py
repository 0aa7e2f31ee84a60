"""The server's settings: `sigap.toml`, then the environment (`SIGAP_SECTION__KEY`), the latter wins.

An unknown key or a value that is not allowed stops the start. docs/settings.md is checked against these classes.
"""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sigap_server.errors import SettingsError

CONFIG_NAME = "sigap.toml"
ENV_PREFIX = "SIGAP_"
# Environment variables of our own that are not settings.
ENV_RESERVED = {"SIGAP_CONFIG", "SIGAP_SHARED_DATA"}


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpSettings(Section):
    host: str = Field(default="127.0.0.1", description="Address on which the pages and the API are served")
    port: int = Field(default=8080, ge=1, le=65535, description="Port of the pages and the API")
    session_hours: int = Field(
        default=12, ge=1, le=24 * 30, description="An operator is logged out after so many hours"
    )


class MqttSettings(Section):
    url: str | None = Field(
        default=None,
        description="`mqtt://host:port` of another MQTT 3.1.1 broker; not set: Sigap runs its own NATS server",
    )
    host: str = Field(default="127.0.0.1", description="Address on which Sigap's own broker listens for units")
    port: int = Field(default=1883, ge=1, le=65535, description="Port on which Sigap's own broker listens for units")
    nats_port: int = Field(
        default=4222, ge=1, le=65535, description="Own broker's NATS port, on the loopback address only"
    )
    user: str | None = Field(default=None, description="User name at another broker")
    password: str | None = Field(default=None, description="Password at another broker")
    keepalive_s: int = Field(default=15, ge=2, le=600, description="Server's MQTT keepalive")
    sync: Literal["always", "interval"] = Field(
        default="always",
        description="Own broker: `always` puts each message on the disk before a unit gets its acknowledgement, "
        "`interval` every 2 minutes, which is faster and loses them in a power cut",
    )
    ack_wait_s: int = Field(
        default=2, ge=1, le=300, description="Own broker: a message not acknowledged for so long is delivered again"
    )
    max_ack_pending: int = Field(
        default=1024, ge=16, le=8192, description="Own broker: so many messages of one kind wait for the server at most"
    )
    store_bytes: int = Field(
        default=2 * 1024**3, ge=1024**2, description="Own broker: disk space for messages that wait, in bytes"
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname or parts.path not in ("", "/") or parts.username:
            raise ValueError("expected mqtt://host:port; user and password have settings of their own")
        parts.port  # noqa: B018  raises ValueError unless it is a port number
        return url

    def address(self) -> tuple[str, int]:
        """(host, port) where the server finds the broker."""
        if self.url is not None:
            parts = urlsplit(self.url)
            return parts.hostname or "", parts.port or 1883
        return ("127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host), self.port


class DatabaseSettings(Section):
    url: str | None = Field(default=None, description="`sqlite:////absolute/file`; not set: `sigap.db` in `data_dir`")

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is not None and not (url.startswith("sqlite:///") and len(url) > len("sqlite:///")):
            raise ValueError("expected sqlite:///file")
        return url


class DispatchSettings(Section):
    policy: Path | None = Field(
        default=None, description="TOML file with the rules of dispatch (see dispatch.md); not set: the built-in rules"
    )
    assumed_speed_mps: float = Field(
        default=8.3, gt=0, le=100, description="Speed from which straight-line ETAs are computed"
    )


class RoadsSettings(Section):
    file: Path | None = Field(
        default=None,
        description="Road file that `sigap roads import` made; not set: travel times are the straight line's",
    )
    learn: bool = Field(
        default=True, description="Learn travel times from the fleet's own tracks; off: those of the road file count"
    )
    utc_offset_min: int = Field(
        default=420, ge=-720, le=840, description="The city's clock, for travel times by hour: minutes ahead of UTC"
    )


class FleetSettings(Section):
    stale_after_s: int = Field(default=60, ge=1, le=86400, description="A unit is stale when its last fix is older")
    lost_after_s: int = Field(
        default=300, ge=1, le=86400, description="A unit is lost when it was not heard for so long"
    )


class LimitsSettings(Section):
    payload_bytes: int = Field(
        default=65536, ge=4096, le=1048576, description="Largest MQTT message the own broker takes"
    )
    body_bytes: int = Field(default=16384, ge=1024, le=1048576, description="Largest HTTP request body")
    quarantine_bytes: int = Field(default=4096, ge=64, le=65536, description="So much of a refused message is kept")
    quarantine_rows: int = Field(default=100_000, ge=100, description="So many refused messages are kept, the newest")
    alerts_per_minute_per_address: int = Field(
        default=30,
        ge=1,
        le=100_000,
        description="New alerts a minute from one address; more must wait, with `Retry-After`",
    )


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged"
    )
    format: Literal["console", "json"] = Field(
        default="console", description="Readable lines, or one JSON object a line"
    )


class Settings(BaseSettings):
    """All settings; `load_settings` reads them. Frozen: what the server started with is what it runs with."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Field(default=Path("var"), description="Folder for the database and the broker's files")
    http: HttpSettings = HttpSettings()
    mqtt: MqttSettings = MqttSettings()
    database: DatabaseSettings = DatabaseSettings()
    dispatch: DispatchSettings = DispatchSettings()
    roads: RoadsSettings = RoadsSettings()
    fleet: FleetSettings = FleetSettings()
    limits: LimitsSettings = LimitsSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Only load_settings reads file and environment: Settings(…) in a program is what it says.
        return (init_settings,)

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        if self.database.url is not None:
            return Path(self.database.url.removeprefix("sqlite:///")).absolute()
        return self.data_dir.absolute() / "sigap.db"

    @property
    def broker_dir(self) -> Path:
        """Where the own broker keeps its configuration, messages, log and pid file."""
        return self.data_dir.absolute() / "broker"

    def environment(self) -> dict[str, str]:
        """The settings that differ from the defaults as SIGAP_… variables, for a child process."""
        found = {}
        for setting in describe():
            value = self.value(setting.key)
            if value != setting.default:
                found[setting.variable] = str(value.absolute() if isinstance(value, Path) else value)
        return found

    def value(self, key: str) -> object:
        """The value of `key`, such as "http.port"."""
        value: object = self
        for name in key.split("."):
            value = getattr(value, name)
        return value


class Setting(NamedTuple):
    """One setting as documentation and messages need it."""

    key: str
    variable: str
    default: object
    description: str
    choices: tuple[str, ...]


def describe() -> Iterator[Setting]:
    """Every setting there is, in the order of the file."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            for inner, inner_field in type(field.default).model_fields.items():
                yield _describe(f"{name}.{inner}", inner_field)
        else:
            yield _describe(name, field)


def _describe(key: str, field: Any) -> Setting:
    choices = tuple(c for c in get_args(field.annotation) if isinstance(c, str))
    return Setting(key, _variable(key), field.default, field.description, choices)


def _variable(key: str) -> str:
    return ENV_PREFIX + key.replace(".", "__").upper()


def load_settings(config: Path | None = None) -> Settings:
    """Read `config`, or the file that SIGAP_CONFIG names, or sigap.toml if there is one, and the environment.

    Raises SettingsError with one line for everything that is wrong.
    """
    path = config or (Path(os.environ["SIGAP_CONFIG"]) if os.environ.get("SIGAP_CONFIG") else None)
    if path is not None and not path.is_file():
        raise SettingsError(f"settings file {path} does not exist")
    path = path or Path(CONFIG_NAME)
    try:
        from_file = TomlConfigSettingsSource(Settings, path)()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    unknown = [*_unknown_keys(from_file, str(path)), *_unknown_variables()]
    if unknown:
        raise SettingsError("\n".join(unknown))
    from_environment = EnvSettingsSource(Settings)()
    try:
        return Settings(**_merge(from_file, from_environment))
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error, str(path), from_environment))) from error


def _unknown_keys(values: dict[str, Any], path: str) -> Iterator[str]:
    known = [setting.key for setting in describe()]
    sections = {key.split(".")[0] for key in known if "." in key}
    for name, value in values.items():
        if name in sections and isinstance(value, dict):
            allowed = [key.split(".")[1] for key in known if key.startswith(name + ".")]
            for inner in value:
                if inner not in allowed:
                    yield f"{path}: unknown setting {name}.{inner}; [{name}] has: {', '.join(allowed)}"
        elif name not in known and name not in sections:
            top = [key for key in known if "." not in key] + [f"[{section}]" for section in sorted(sections)]
            yield f"{path}: unknown setting {name}; allowed are: {', '.join(top)}"


def _unknown_variables() -> Iterator[str]:
    known = [setting.variable for setting in describe()]
    for name in sorted(os.environ):
        if name.startswith(ENV_PREFIX) and name not in known and name not in ENV_RESERVED:
            section = name.split("__")[0] + "__"
            near = [variable for variable in known if variable.startswith(section)] or known
            yield f"environment: unknown setting {name}; allowed are: {', '.join(near)}"


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _explain(error: ValidationError, path: str, from_environment: dict[str, Any]) -> Iterator[str]:
    for problem in error.errors():
        names = [str(part) for part in problem["loc"]]
        key = ".".join(names)
        inner: object = from_environment
        for name in names:
            inner = cast(dict[str, Any], inner).get(name) if isinstance(inner, dict) else None
        source = path if inner is None else "environment"
        shown = "…" if names[-1] == "password" else repr(problem["input"])
        name = key if inner is None else _variable(key)
        yield f"{source}: {name} = {shown}: {problem['msg']}"
