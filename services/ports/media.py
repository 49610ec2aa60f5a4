"""Files by the digest of their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services.domain.ids import Digest


class MediaFiles(Protocol):
    """Keeps bytes; the facts about them are rows in the store."""

    async def put(self, data: bytes) -> Digest:
        """Store durably and return the SHA-256; the same bytes are stored once."""
        ...

    async def get(self, digest: Digest) -> bytes:
        """Read whole; raises `NotFound`."""
        ...
