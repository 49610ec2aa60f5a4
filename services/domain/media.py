"""Pictures by the digest of their bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.domain.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """Facts of a stored file, read from its content and never from its name; sizes in pixels and bytes."""

    digest: Digest
    mime: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored image as a variant uses it, with the words for those who can't see it."""

    item: MediaItem
    alt: str = ""
