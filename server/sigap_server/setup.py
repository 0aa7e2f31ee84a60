"""What must be there before the server starts, and what is added to it from outside: data folder, database, broker.

Everything here may be done again at any time.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from sigap_server import access, broker
from sigap_server.broker import BrokerUser, Credentials
from sigap_server.errors import RegistrationError, SigapError
from sigap_server.settings import Settings
from sigap_server.store import operators, schema, units
from sigap_server.traits import ORDINARY, Traits
from sigap_wire.errors import WireError
from sigap_wire.topics import check_unit_id

FIRST_OPERATOR = "operator"
CALLSIGN_MAX_CHARS = 32


class Prepared(NamedTuple):
    """The operator that was created, with a password that is shown this once; both None if there were operators."""

    operator: str | None
    password: str | None


class Identity(NamedTuple):
    """Who the server is to the broker.

    client_id   names its persistent session. Not to be guessed: whoever connects with it takes the session over, and
                brokers do not bind it to a user
    """

    client_id: str
    password: str
    password_hash: str


def prepare(settings: Settings, operator_password: str | None = None) -> Prepared:
    """Create what is missing and bring the database up to date; the first operator gets `operator_password` or a
    generated one. Raises DatabaseError, SigapError."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = read_identity(settings)
    except OSError as error:
        raise SigapError(f"data_dir {settings.data_dir} cannot be used: {error.strerror}") from error
    schema.upgrade(settings.database_path)
    engine = schema.open_engine(settings.database_path)
    try:
        with engine.begin() as connection:
            prepared = _first_operator(connection, operator_password)
            _write_broker_config(settings, identity, connection)
    finally:
        engine.dispose()
    return prepared


def read_identity(settings: Settings) -> Identity:
    """The server's identity in this data folder; made at the first call."""
    path = settings.data_dir / "server.json"
    if not path.exists():
        password = broker.new_password()
        made = Identity(f"sigap-server-{secrets.token_hex(4)}", password, broker.hash_password(password))
        _write_secret(path, json.dumps(made._asdict(), indent=1))
    return Identity(**json.loads(path.read_text()))


class NewUnit(NamedTuple):
    """A unit to register."""

    unit_id: str
    callsign: str
    traits: Traits = ORDINARY


def add_unit(settings: Settings, unit_id: str, callsign: str, traits: Traits = ORDINARY) -> Credentials:
    """Register one unit: see add_units."""
    return add_units(settings, [NewUnit(unit_id, callsign, traits)])[0]


def add_units(settings: Settings, wanted: Iterable[NewUnit]) -> list[Credentials]:
    """Register units and let a running broker know them.

    A unit that was registered before is registered anew, with a new password; the old one ends. Raises
    RegistrationError, and then registers none.
    """
    wanted = list(wanted)
    for unit in wanted:
        check_names(unit.unit_id, unit.callsign)
    made = [Credentials(unit.unit_id, broker.new_password()) for unit in wanted]
    engine = schema.open_engine(settings.database_path)
    try:
        with engine.begin() as connection:
            for unit, credentials in zip(wanted, made, strict=True):
                password_hash = broker.hash_password(credentials.password)
                units.register(connection, unit.unit_id, unit.callsign, password_hash, unit.traits, _now_ms())
            changed = _write_broker_config(settings, read_identity(settings), connection)
    finally:
        engine.dispose()
    if changed:
        broker.reload(settings)
    return made


def check_names(unit_id: str, callsign: str) -> None:
    """Raises RegistrationError for a name that the wire or the screens cannot show."""
    try:
        check_unit_id(unit_id)
    except WireError as error:
        raise RegistrationError("unit_id", str(error)) from error
    if not callsign.isprintable() or not 1 <= len(callsign.strip()) <= CALLSIGN_MAX_CHARS:
        raise RegistrationError("callsign", f"callsign {callsign!r:.80}: expected 1 to {CALLSIGN_MAX_CHARS} characters")


def _first_operator(connection: Connection, password: str | None) -> Prepared:
    if operators.count_operators(connection):
        return Prepared(None, None)
    password = password or secrets.token_urlsafe(12)
    operators.add_operator(connection, FIRST_OPERATOR, access.hash_password(password), _now_ms())
    return Prepared(FIRST_OPERATOR, password)


def _write_broker_config(settings: Settings, identity: Identity, connection: Connection) -> bool:
    if settings.mqtt.url is not None:
        return False
    users = [BrokerUser(broker.SERVER_USER, identity.password_hash)]
    users += [BrokerUser(unit.unit_id, unit.password_hash) for unit in units.list_units(connection)]
    return broker.write_config(settings, users)


def _write_secret(path: Path, text: str) -> None:
    # Complete or not there: two programs may start at once, and the first one's identity stands.
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
