"""Files on disk by the digest of their bytes: stored once, never changed, never half written."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, NotFound
from services.domain.ids import Digest

if TYPE_CHECKING:
    from pathlib import Path

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Whether `text` can name a file here; anything else never reaches the disk."""
    return _DIGEST.fullmatch(text) is not None


def media_path(root: Path, digest: str) -> Path:
    """Where the bytes of `digest` lie; raises `NotFound` for text that is no digest."""
    if not is_digest(digest):
        msg = "There is no such picture."
        raise NotFound(msg)
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
                msg = f"The picture can't be stored: {error.strerror}."
                raise NeedsOperator(msg, next_step="Check the data folder, its permissions and the disk.") from error
        return digest

    def _get(self, digest: Digest) -> bytes:
        try:
            data = media_path(self._root, digest).read_bytes()
        except FileNotFoundError:
            msg = "There is no such picture."
            raise NotFound(msg) from None
        if hashlib.sha256(data).hexdigest() != digest:
            msg = "A stored picture is damaged."
            raise NeedsOperator(msg, next_step="Restore it from a backup, or choose another picture.")
        return data
