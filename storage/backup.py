"""One file with everything that can't be made again, except the secret key, which must be kept elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import secrets
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from services.domain.errors import Conflict, InvalidInput, NeedsOperator, NotFound
from storage.copying import check_database, copy_database
from storage.engine import sqlite_path
from storage.media import is_digest, media_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATABASE: Final = "copydesk.db"
_README: Final = "README.txt"
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")
"""Left behind by a database that is gone, SQLite would mix them into the restored one."""
_PIECE: Final = 1_048_576
KEY_NOTE: Final = (
    "The secret key is not in this backup. Keep secret.key (or COPYDESK_SECRET_KEY) somewhere else: "
    "without it the accounts must be connected again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What was saved or brought back."""

    path: Path
    pictures: int
    size: int
    """Bytes of the archive."""
    note: str = KEY_NOTE


def backup(url: str, media_root: Path, target: Path) -> BackupReport:
    """Write a `.tar.gz` while the desk may run on; blocks.

    Raises `Conflict` when `target` exists, `NotFound` without a database.
    The database comes first and pictures are stored before rows name them, so every picture it names is in the archive.
    """
    source = sqlite_path(url)
    if not source.exists():
        msg = f"There is no database at {source}."
        raise NotFound(msg)
    _refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        copy = Path(scratch) / _DATABASE
        copy_database(source, copy)
        partial = Path(scratch) / "archive"
        pictures = _pack(partial, copy, media_root)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        _refuse_existing(target)
        partial.replace(target)
    return BackupReport(path=target, pictures=pictures, size=target.stat().st_size)


def _refuse_existing(*targets: Path) -> None:
    for target in targets:
        if target.exists():
            msg = f"{target.name} is there already."
            raise Conflict(msg, next_step="Choose another name or move it away.")


def _pack(archive: Path, database: Path, media_root: Path) -> int:
    """Database, note and pictures; returns how many pictures."""
    archive.touch(mode=0o600)
    pictures = 0
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(database, _DATABASE)
        note = tarfile.TarInfo(_README)
        text = f"{KEY_NOTE}\n".encode()
        note.size = len(text)
        tar.addfile(note, io.BytesIO(text))
        for file in sorted(media_root.glob("??/*")):
            if is_digest(file.name):
                tar.add(file, f"media/{file.name}", recursive=False)
                pictures += 1
    return pictures


def restore(archive: Path, url: str, media_root: Path) -> BackupReport:
    """Bring a backup back where no database is yet; blocks. Everything is checked before the database is put in place.

    Raises `Conflict` when a database is there, `InvalidInput` when the file is no backup, `NeedsOperator` on damage.
    """
    target = sqlite_path(url)
    side_files = [target.with_name(f"{target.name}{end}") for end in _SIDE_FILES]
    _refuse_existing(target, *side_files)
    if not archive.is_file():
        msg = f"There is no backup at {archive}."
        raise NotFound(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as scratch:
        database = Path(scratch) / _DATABASE
        try:
            pictures = _unpack(archive, database, media_root)
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _no_backup(archive) from error
        if not database.exists():
            raise _no_backup(archive)
        check_database(database)
        _refuse_existing(target, *side_files)
        database.replace(target)
    return BackupReport(path=target, pictures=pictures, size=archive.stat().st_size)


def _no_backup(archive: Path) -> InvalidInput:
    return InvalidInput(f"{archive.name} is not a whole backup of this desk.", next_step="Choose another file.")


def _unpack(archive: Path, database: Path, media_root: Path) -> int:
    """Take only what a backup may hold, under names of our own; returns how many pictures."""
    pictures = 0
    with tarfile.open(archive, "r:gz") as tar:
        for name, file in _files(tar):
            if name == _DATABASE:
                _write_private(database, file)
            elif name.startswith("media/") and is_digest(digest := name.removeprefix("media/")):
                _bring_back(media_root, digest, file)
                pictures += 1
    return pictures


def _files(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        file = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            yield member.name, file


def _write_private(path: Path, source: IO[bytes]) -> None:
    """Piece by piece: a database need not fit into memory."""
    path.touch(mode=0o600)
    with path.open("wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _bring_back(media_root: Path, digest: str, source: IO[bytes]) -> None:
    """Piece by piece: a video need not fit into memory."""
    path = media_path(media_root, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            shutil.copyfileobj(source, file, _PIECE)
            file.flush()
            os.fsync(file.fileno())
        with fresh.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise NeedsOperator("A file in the backup is damaged.", next_step="Choose an older backup.")
        if not path.exists():
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
