"""The schema: what the migrations make is what the models say; a newer one is refused."""

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from sigap_server.errors import DatabaseError, DatabaseVersionError
from sigap_server.store import schema
from sigap_server.store.models import Base


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "sigap.db"


def test_migrations_from_nothing_make_what_the_models_say(path: Path) -> None:
    schema.upgrade(path)
    engine = schema.open_engine(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_and_word_for_word(path: Path, tmp_path: Path) -> None:
    """Alembic's comparison does not see partial indexes, WITHOUT ROWID or AUTOINCREMENT."""
    schema.upgrade(path)
    other = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(other)
    other.dispose()

    def words(file: Path) -> dict[str, list[str]]:
        connection = sqlite3.connect(file)
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        connection.close()
        # The order of a table's constraints means nothing.
        return {name: sorted(re.findall(r"\w+", sql)) for name, sql in rows if name != "alembic_version"}

    assert words(path) == words(tmp_path / "models.db")


def test_again_changes_nothing(path: Path) -> None:
    schema.upgrade(path)
    schema.upgrade(path)
    schema.check(path)


def test_a_database_of_the_first_version_keeps_its_rows(path: Path) -> None:
    schema.upgrade(path, "0001")
    with pytest.raises(DatabaseVersionError, match=f"has schema 0001, this program needs {schema.head()}"):
        schema.check(path)
    kept = {
        "unit": (1, "unit-a", "Alpha", "hash", 1, None),
        "unit_link": (1, 7, 3, 1, "0.1.0", 1_790_000_000_000),
        "ack": (1, 7, 0, 311, 1, 1, 1_790_000_000, 1_790_000_000_500, None),
        "fix": (1, 7, 42, 1_790_000_000, 1_790_000_000_900, 1, -69147000, 1076098000, 1234, 9050, 1, 9, 95, 2),
        "alert": ("a-1", 1, "emergency", -69147000, 1076098000, None, "", 1, 2),
        "incident": (1, "a-1", 1, "closed", "unit-a", 3, "test"),
        "event": (1, 1, 1, 2, "closed", "system", "{}"),
    }
    with sqlite3.connect(path) as connection:
        for table, row in kept.items():
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    connection.close()
    schema.upgrade(path)
    schema.check(path)
    with sqlite3.connect(path) as connection:
        found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in kept}
    connection.close()
    assert {table: [rows[0][: len(kept[table])]] for table, rows in found.items()} == {t: [r] for t, r in kept.items()}
    assert all(len(rows) == 1 for rows in found.values())


def test_duplicates_share_an_incident_and_nothing_else_is_lost_on_the_way(path: Path) -> None:
    schema.upgrade(path)
    with sqlite3.connect(path) as connection:
        for alert_id in ("a-1", "a-2"):
            connection.execute(
                "INSERT INTO alert (alert_id, incident_id, kind, lat_e7, lon_e7, text, pressed_ms, received_ms) "
                "VALUES (?, 1, 'emergency', 0, 0, '', 1, 2)",
                (alert_id,),
            )
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_row_that_refers_to_nothing_stops_the_migration(path: Path) -> None:
    schema.upgrade(path, "0002")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO event VALUES (1, 99, 1, 2, 'closed', 'system', '{}')")
    connection.close()
    with pytest.raises(DatabaseError, match="a row of event refers to one of incident that is gone"):
        schema.upgrade(path)
    with pytest.raises(DatabaseVersionError, match="has schema 0002"):
        schema.check(path)


def test_commits_are_on_the_disk(path: Path) -> None:
    schema.upgrade(path)
    engine = schema.open_engine(path)
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_newer_schema_is_refused(path: Path) -> None:
    schema.upgrade(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for use in (schema.upgrade, schema.check):
        with pytest.raises(DatabaseVersionError, match="9999, which this program does not know: a newer Sigap"):
            use(path)


def test_a_database_not_prepared_is_no_database(path: Path) -> None:
    with pytest.raises(DatabaseVersionError, match="does not exist yet"):
        schema.check(path)
    path.parent.mkdir()
    sqlite3.connect(path).close()
    with pytest.raises(DatabaseVersionError, match="has schema None"):
        schema.check(path)


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"holiday pictures" * 1000)
    with pytest.raises(DatabaseError, match=r"cannot be opened: file is not a database"):
        schema.upgrade(path)
    assert path.read_bytes().startswith(b"holiday pictures")


def test_a_migration_that_fails_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import alembic.op

    made = []
    create_table = alembic.op.create_table

    def fail_at_the_third(name: str, *columns: object, **options: object) -> object:
        made.append(name)
        if len(made) == 3:
            raise RuntimeError("power cut")
        return create_table(name, *columns, **options)

    monkeypatch.setattr(alembic.op, "create_table", fail_at_the_third)
    with pytest.raises(RuntimeError, match="power cut"):
        schema.upgrade(path)
    monkeypatch.undo()
    schema.upgrade(path)
    schema.check(path)
