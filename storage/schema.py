"""Brings a database to the shape this version needs, and costs next to nothing when it has it already."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput, NeedsOperator
from storage.copying import copy_database
from storage.engine import open_writer, sqlite_path
from storage.problems import in_words

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

STEPS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every schema version there is, oldest first; a test holds this against the migrations."""
HEAD: Final = STEPS[-1]
_VERSION_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS alembic_version ( version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) )"
)
"""As alembic makes it, to go on from here with the next migration."""
_OWN_BOOKS: Final = frozenset({"alembic_version", "facts", "counters"})


def ensure_schema(url: str) -> None:
    """Create the database or upgrade it, as one transaction; blocks, so call it off the event loop.

    A database with rows is copied beside itself first. Raises `InvalidInput` when the file was made by a newer version
    or is not ours, and leaves it as it was.
    """
    path = sqlite_path(url)
    _make_room(path)
    try:
        found, rows = _look(path)
        if found == HEAD:
            return
        if found is None:
            _create(url)
            return
        if found not in STEPS:
            raise _newer(path, found)
        if rows:
            copy_database(path, backup_path(path, HEAD))
        migrate(url, HEAD)
    except sqlite3.Error as error:
        raise in_words(error) or error from error


def _make_room(path: Path) -> None:
    """The folder, and a file that only its owner can read: SQLite gives its side files the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        msg = f"The database {path} can't be made: {error.strerror}."
        raise NeedsOperator(msg, next_step="Check the folder and its permissions.") from None


def backup_path(path: Path, step: str) -> Path:
    """Where the copy from before an upgrade to `step` lies."""
    return path.with_name(f"{path.name}.before-{step}.bak")


def _create(url: str) -> None:
    """Make the tables as they are today, at the last step; whoever comes second finds them there.

    The same as all migrations together, which a test holds it to, without loading alembic (300 ms, 10 MB).
    """
    from storage.tables import counters
    from storage.tables_chat import complete

    engine = open_writer(url)
    try:
        with engine.begin() as connection:
            complete.create_all(connection)
            connection.exec_driver_sql(_VERSION_TABLE)
            if connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 0:
                connection.exec_driver_sql("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
                connection.execute(counters.insert().values(name="drafts", value=0))
                _sign(connection)
    finally:
        engine.dispose()


def migrate(url: str, step: str) -> None:
    """Run the migrations up to `step`; whoever comes second finds nothing to do. Only this loads alembic (300 ms)."""
    from alembic import command

    config = migrations_in(Path(__file__).parent / "migrations")
    engine = open_writer(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, step)
            _sign(connection)
    finally:
        engine.dispose()


def migrations_in(folder: Path) -> Config:
    """The settings of alembic, without a file of its own; a percent sign in the path means itself."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _sign(connection: Connection) -> None:
    """Leave word of who changed the shape last, for an older version that may meet it."""
    try:
        made_by = version("copydesk")
    except PackageNotFoundError:
        made_by = "unknown"
    connection.exec_driver_sql("DELETE FROM facts WHERE name = 'made_by'")
    connection.exec_driver_sql("INSERT INTO facts (name, value) VALUES ('made_by', ?)", (made_by,))


def _look(path: Path) -> tuple[str | None, bool]:
    """The version the file says it has, None for an empty one; and whether it holds rows worth a copy."""
    with closing(sqlite3.connect(path, timeout=5.0)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return None, False
        if "alembic_version" not in tables:
            raise _foreign(path)
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
        found = None if row is None else str(row[0])
        if found == HEAD:
            return found, False
        names = sorted(name for name in tables - _OWN_BOOKS if not name.startswith("sqlite_"))
        return found, any(_has_rows(database, name) for name in names)


def _has_rows(database: sqlite3.Connection, table: str) -> bool:
    query = f'SELECT 1 FROM "{table}" LIMIT 1'  # noqa: S608 - the name comes from the database's own list
    return database.execute(query).fetchone() is not None


def _newer(path: Path, found: str) -> InvalidInput:
    with closing(sqlite3.connect(path)) as database:
        try:
            row = database.execute("SELECT value FROM facts WHERE name = 'made_by'").fetchone()
        except sqlite3.OperationalError:
            row = None
    maker = f"Copydesk {row[0]}" if row and row[0] != "unknown" else "a newer Copydesk"
    return InvalidInput(
        f"The database {path.name} was made by {maker} (schema {found}); this version knows schema {HEAD} and older.",
        next_step="Install that version or a later one, or restore a backup from before the upgrade.",
    )


def _foreign(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path.name} is a database of some other program.",
        next_step="Point COPYDESK_DATABASE_URL at another file.",
        field="COPYDESK_DATABASE_URL",
    )
