"""Files in memory."""

from __future__ import annotations

import hashlib
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

    async def put(self, data: bytes) -> Digest:
        """See `MediaFiles.put`."""
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.kept[digest] = data
        return digest

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
