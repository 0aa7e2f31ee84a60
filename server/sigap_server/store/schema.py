"""The database's schema: brought up to date by Alembic, or refused when a newer program made it."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from sigap_server.errors import DatabaseError, DatabaseVersionError

MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(path: Path) -> Engine:
    """An engine for short work outside the server's loop, on the same terms as the server's own connections."""
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", prepare_connection)
    event.listen(engine, "begin", begin_immediate)
    return engine


def prepare_connection(connection: Any, _record: object) -> None:
    """Put a new connection on our terms, with its transactions under SQLAlchemy's control: Python's sqlite3 would begin
    them by itself, and not before a table is created or changed."""
    connection.isolation_level = None
    set_pragmas(connection, _record)


def set_pragmas(connection: Any, _record: object) -> None:
    """Make a connection keep what it commits.

    synchronous=FULL puts every commit on the disk before it returns: what is acknowledged after it survives a power
    cut. WAL with NORMAL, the usual advice, survives no more than a crash of the program.
    """
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_immediate(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that reads first could not wait for it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def upgrade(path: Path, revision: str = "head") -> None:
    """Create the database or bring it up to date, or to an older revision of this program.

    Raises DatabaseVersionError, DatabaseError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(path)
    try:
        with engine.connect() as connection:
            # Before the transaction: SQLite changes a table by copying it, and would delete what refers to the old one.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            _refuse_newer(connection, path)
            command.upgrade(_config(connection), revision)
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if dangling is not None:
                raise DatabaseError(
                    f"database {path}: a row of {dangling[0]} refers to one of {dangling[2]} that is gone"
                )
            connection.commit()
    except DBAPIError as error:
        raise DatabaseError(f"database {path} cannot be opened: {error.orig}") from error
    finally:
        engine.dispose()


def check(path: Path) -> None:
    """Raises DatabaseVersionError unless the schema is exactly this program's, DatabaseError if it cannot be read."""
    if not path.exists():
        raise DatabaseVersionError(f"database {path} does not exist yet")
    engine = open_engine(path)
    try:
        with engine.connect() as connection:
            found = _refuse_newer(connection, path)
            if found != head():
                raise DatabaseVersionError(f"database {path} has schema {found}, this program needs {head()}")
    except DBAPIError as error:
        raise DatabaseError(f"database {path} cannot be opened: {error.orig}") from error
    finally:
        engine.dispose()


def head() -> str | None:
    """The newest revision that this program knows."""
    return _scripts().get_current_head()


def _refuse_newer(connection: Connection, path: Path) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {script.revision for script in _scripts().walk_revisions()}:
        raise DatabaseVersionError(
            f"database {path} has schema {found}, which this program does not know: a newer Sigap wrote it. "
            "Use that version, or restore a backup from before the update"
        )
    return found


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
