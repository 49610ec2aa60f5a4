"""The verb `restore`: a backup takes the place of the desk's database, and what was there is kept beside it."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import bootstrap, datadir
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.domain.errors import DeskError
from storage.backup import BackupReport, restore
from storage.engine import sqlite_path

if TYPE_CHECKING:
    from bot.config import Settings

_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")
"""The database and what SQLite may have left beside it."""


def bring_back(settings: Settings, archive: Path, *, force: bool) -> list[str]:
    """Restore into the data directory and give the sentences that say so; raises `StartProblem`, then nothing moved.

    With `force` a database that is there is moved aside, unless some process still has it open.
    """
    root = datadir.prepare(settings)
    try:
        path = sqlite_path(settings.database_url)
        there = [f for f in (path.with_name(f"{path.name}{end}") for end in _SIDE_FILES) if f.exists()]
        if there and not force:
            msg = f"There is a database at {path} already."
            raise StartProblem(msg, "Nothing changed. With --force it is moved aside and kept.")
        if there:
            _require_alone(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".restore-") as scratch:
            fresh = Path(scratch) / path.name
            report = restore(archive, f"sqlite:///{fresh}", root / "media")
            kept = _aside(path) if there else None
            fresh.replace(path)
    except DeskError as error:
        raise bootstrap.start_problem(error) from None
    except OSError as error:
        msg = f"{archive} can't be restored ({error.strerror or error})."
        raise StartProblem(msg, "Check the folder and its permissions.") from None
    return _told(settings, path, report, kept)


def _require_alone(path: Path) -> None:
    """Fold SQLite's side files in, which only the last one to have the database open can do; a damaged one may go."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=2)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StartProblem("A desk has this database open.", "Stop it first; nothing changed.") from None
    except sqlite3.DatabaseError:
        return


def _aside(path: Path) -> Path:
    """Move the database away under a name that tells when."""
    kept = path.with_name(f"{path.name}.before-restore-{SystemClock().now():%Y%m%d-%H%M%S}.bak")
    for end in _SIDE_FILES:
        side = path.with_name(f"{path.name}{end}")
        if side.exists():
            side.replace(kept.with_name(f"{kept.name}{end}"))
    return kept


def _told(settings: Settings, path: Path, report: BackupReport, kept: Path | None) -> list[str]:
    pictures = "1 picture" if report.pictures == 1 else f"{report.pictures} pictures"
    lines = [f"Restored {path} with {pictures}."]
    if kept is not None:
        lines.append(f"What was there is kept as {kept.name}.")
    if settings.COPYDESK_SECRET_KEY is None and not (settings.COPYDESK_DATA_DIR / "secret.key").exists():
        lines.append("The secret key is not here: put secret.key back before you start, or connect each account again.")
    lines.append("Posts that went out after the backup was made still wait in it: look through the queue first.")
    return lines
