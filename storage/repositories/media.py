"""Facts about stored files, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from services.domain.ids import Digest
from storage.codec import dump_facts, load_item
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import media

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.media import MediaItem
    from storage.prepared import Row

_BY_DIGEST = Prepared(select(media).where(media.c.digest == bindparam("of")))
_ADD = Prepared(insert(media))


class Media(Repository):
    """Implements the port's `MediaRepository`."""

    __slots__ = ()

    def get(self, digest: Digest) -> MediaItem | None:
        """By the digest of the bytes."""
        row = self._row(digest)
        if row is None:
            return None
        return load_item(
            row.facts, digest=Digest(row.digest), mime=row.mime, width=row.width, height=row.height, size=row.size
        )

    def put(self, item: MediaItem, *, at: datetime, poster: Digest | None = None) -> None:
        """The first facts stay: the same bytes have the same facts."""
        self._require_write()
        if self._row(item.digest) is None:
            values = {
                "digest": item.digest,
                "mime": item.mime,
                "width": item.width,
                "height": item.height,
                "size": item.size,
                "created_at": at,
                "facts": dump_facts(item),
                "poster": poster,
            }
            self._change(_ADD, values, what="picture")

    def poster(self, digest: Digest) -> MediaItem | None:
        """The picture that stands for a video or document."""
        row = self._row(digest)
        return None if row is None or row.poster is None else self.get(Digest(row.poster))

    def _row(self, digest: Digest) -> Row | None:
        return _BY_DIGEST.first(self._driver, {"of": digest})
