"""Files by the digest of their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.domain.ids import Digest
    from services.domain.media import MediaItem


class MediaFiles(Protocol):
    """Keeps bytes; the facts about them are rows in the store."""

    async def put(self, data: bytes) -> Digest:
        """Store durably and return the SHA-256; the same bytes are stored once."""
        ...

    async def take(self, path: Path) -> Digest:
        """Store a finished file of any size as `put` does and leave `path` gone; it lies in `workplace`."""
        ...

    def workplace(self) -> Path:
        """Where files that are still being received lie, on the same disk."""
        ...

    async def get(self, digest: Digest) -> bytes:
        """Read whole; raises `NotFound`."""
        ...

    async def piece(self, digest: Digest, start: int, length: int) -> bytes:
        """Read from `start`, shorter at the end; raises `NotFound`."""
        ...

    async def path(self, digest: Digest) -> Path:
        """Where the bytes lie, for programs that read files; never to be written. Raises `NotFound`."""
        ...


class PictureHost(Protocol):
    """Serves single pictures and videos to networks that fetch what they are to show."""

    async def address(self, item: MediaItem, types: Sequence[str]) -> str:
        """Where this file alone can be fetched for some hours, as one of the MIME `types`; nobody can guess it.

        Raises `Refused` for a kind that can't become one of them.
        """
        ...


class PictureHosts(Protocol):
    """Knows under which address of the desk a network may fetch."""

    def host(self, base_url: str) -> PictureHost | None:
        """For the network at `base_url`; None when it can't reach the desk."""
        ...
