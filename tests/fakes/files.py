"""Files in memory."""

from __future__ import annotations

import hashlib

from services.domain.errors import NotFound
from services.domain.ids import Digest


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
