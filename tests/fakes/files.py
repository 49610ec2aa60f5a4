"""Files in memory."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from services.domain.errors import NotFound
from services.domain.ids import Digest
from services.images.pulling import PulledPictures
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.storage import Store


class MemoryFiles:
    """`MediaFiles` that forgets everything at the end of the test."""

    def __init__(self) -> None:
        """Begin empty."""
        self.kept: dict[Digest, bytes] = {}
        self._folder: Path | None = None

    async def put(self, data: bytes) -> Digest:
        """See `MediaFiles.put`."""
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.kept[digest] = data
        return digest

    async def take(self, path: Path) -> Digest:
        """See `MediaFiles.take`."""
        data = await asyncio.to_thread(path.read_bytes)
        await asyncio.to_thread(path.unlink)
        return await self.put(data)

    def workplace(self) -> Path:
        """See `MediaFiles.workplace`."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="copydesk-files-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    async def piece(self, digest: Digest, start: int, length: int) -> bytes:
        """See `MediaFiles.piece`."""
        return (await self.get(digest))[start : start + length]

    async def path(self, digest: Digest) -> Path:
        """See `MediaFiles.path`."""
        there = self.workplace() / digest
        await asyncio.to_thread(there.write_bytes, await self.get(digest))
        return there

    async def get(self, digest: Digest) -> bytes:
        """See `MediaFiles.get`."""
        if digest not in self.kept:
            raise NotFound("There is no such file.")
        return self.kept[digest]


def unreachable(store: Store, files: MediaFiles, clock: Clock) -> PulledPictures:
    """Pictures for networks to fetch, of a desk that only this machine can reach."""
    return PulledPictures(
        store=store,
        files=files,
        clock=clock,
        workers=InlineWorkers(),
        key=b"a key for tests",
        public_url="",
        local_url="http://127.0.0.1:8420",
    )
