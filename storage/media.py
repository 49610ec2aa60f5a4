"""Files on disk by the digest of their bytes: stored once, never changed, never half written."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, NotFound
from services.domain.ids import Digest

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_WORKPLACE: Final = "incoming"


def is_digest(text: str) -> bool:
    """Whether `text` can name a file here; anything else never reaches the disk."""
    return _DIGEST.fullmatch(text) is not None


def media_path(root: Path, digest: str) -> Path:
    """Where the bytes of `digest` lie; raises `NotFound` for text that is no digest."""
    if not is_digest(digest):
        raise _missing()
    return root / digest[:2] / digest


def write_whole(path: Path, data: bytes) -> None:
    """Durable and all at once: a reader, or a power cut, sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class DiskMedia:
    """Implements the port's `MediaFiles` below one folder; all work happens off the event loop."""

    def __init__(self, root: Path) -> None:
        """Keep files below `root`, which is made when the first one comes."""
        self._root = root

    async def put(self, data: bytes) -> Digest:
        """Store durably and return the SHA-256; the same bytes are stored once."""
        return await asyncio.to_thread(self._put, data)

    async def take(self, path: Path) -> Digest:
        """Store a finished file of any size as `put` does and leave `path` gone; it lies in `workplace`."""
        return await asyncio.to_thread(self._take, path)

    def workplace(self) -> Path:
        """Where files that are still being received lie, on the same disk; what is left there after a crash is junk."""
        place = self._root / _WORKPLACE
        place.mkdir(parents=True, exist_ok=True)
        return place

    async def clear_workplace(self, *, before: datetime) -> int:
        """Remove what was left there by a crash: files that nobody has written to since then. Gives how many."""
        return await asyncio.to_thread(_cleared, self._root / _WORKPLACE, before.timestamp())

    async def piece(self, digest: Digest, start: int, length: int) -> bytes:
        """Read from `start`, shorter at the end; raises `NotFound`."""
        return await asyncio.to_thread(self._piece, digest, start, length)

    async def path(self, digest: Digest) -> Path:
        """Where the bytes lie, for programs that read files; never to be written. Raises `NotFound`."""
        path = media_path(self._root, digest)
        if not await asyncio.to_thread(path.exists):
            raise _missing()
        return path

    async def get(self, digest: Digest) -> bytes:
        """Read whole; raises `NotFound`, or `NeedsOperator` when the disk returns other bytes than were stored."""
        return await asyncio.to_thread(self._get, digest)

    def _put(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        path = media_path(self._root, digest)
        if not path.exists():
            try:
                write_whole(path, data)
            except OSError as error:
                raise _full(error) from error
        return digest

    def _take(self, path: Path) -> Digest:
        try:
            with path.open("rb") as file:
                digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
                os.fsync(file.fileno())
            there = media_path(self._root, digest)
            there.parent.mkdir(parents=True, exist_ok=True)
            path.replace(there)
            _sync_folder(there.parent)
        except OSError as error:
            raise _full(error) from error
        return digest

    def _piece(self, digest: Digest, start: int, length: int) -> bytes:
        try:
            with media_path(self._root, digest).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError:
            raise _missing() from None

    def _get(self, digest: Digest) -> bytes:
        try:
            data = media_path(self._root, digest).read_bytes()
        except FileNotFoundError:
            raise _missing() from None
        if hashlib.sha256(data).hexdigest() != digest:
            msg = "A stored file is damaged."
            raise NeedsOperator(msg, next_step="Restore it from a backup, or choose another one.")
        return data


def _cleared(place: Path, before: float) -> int:
    """A folder that can't be read is for whoever stores something next to complain about."""
    cleared = 0
    for path in place.glob("*"):
        with suppress(OSError):  # another process may be faster
            if path.stat().st_mtime < before:
                path.unlink()
                cleared += 1
    return cleared


def _missing() -> NotFound:
    return NotFound("There is no such file.")


def _full(error: OSError) -> NeedsOperator:
    msg = f"The file can't be stored: {error.strerror}."
    return NeedsOperator(msg, next_step="Check the data folder, its permissions and the disk.")
