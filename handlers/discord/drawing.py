"""A sheet with everything that goes along with it: its pictures and its file, read and named."""

from __future__ import annotations

import io
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from handlers.discord.render import digest_of, render
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from handlers.views.sheet import Sheet
    from services.domain.ids import Digest
    from services.domain.media import MediaItem
    from services.media.intake import MediaIntake
    from services.ports.storage import Store

FILE_MOST: Final = 10 * 1024 * 1024
"""Bytes of one file in a server without boosts (docs.discord.com, 2026-08)."""
ALL_MOST: Final = 24 * 1024 * 1024
"""Bytes of all files of a message together: its 25 MiB, less what is said in it (docs.discord.com, 2026-08)."""
_KEPT: Final = 20
_SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is sent; the files can be sent once."""

    view: discord.ui.LayoutView
    files: list[discord.File]


class Drawing:
    """Draws sheets with the pictures of this desk."""

    def __init__(self, store: Store, media: MediaIntake) -> None:
        """Facts from the one, bytes from the other."""
        self._store = store
        self._media = media
        self._smaller: OrderedDict[Digest, bytes] = OrderedDict()
        """A card is redrawn often, and each time with all its pictures."""

    async def drawn(self, sheet: Sheet) -> Drawn:
        """The message; a picture that is too large is shown smaller, one that is gone is told in words."""
        named: dict[Digest, str] = {}
        files: list[discord.File] = []
        digests = dict.fromkeys(digest_of(image) for image in sheet.images)
        share = min(FILE_MOST, ALL_MOST // max(len(digests), 1))
        for digest in digests:
            found = await self._picture(digest, share)
            if found is not None:
                named[digest], data = found
                files.append(discord.File(io.BytesIO(data), named[digest]))
        if sheet.file is not None:
            files.append(discord.File(io.BytesIO(sheet.file.text.encode()), sheet.file.name))
        view = render(sheet, named)
        view.stop()  # its buttons say what they do in their ids: the library need not remember it
        return Drawn(view=view, files=files)

    async def _picture(self, digest: Digest, most: int) -> tuple[str, bytes] | None:
        """Its name and at most so many bytes."""
        item: MediaItem | None = await self._store.read(lambda tx: tx.media.get(digest))
        suffix = _SUFFIXES.get(item.mime) if item else None
        if item is None or suffix is None:
            return None
        try:
            if item.size <= most:
                return f"{digest[:16]}.{suffix}", await self._media.kept(digest)
            data = await self._made_smaller(digest)
        except DeskError:
            return None
        return (f"{digest[:16]}.jpg", data) if len(data) <= most else None

    async def _made_smaller(self, digest: Digest) -> bytes:
        if digest not in self._smaller:
            self._smaller[digest] = await self._media.preview(digest)
            if len(self._smaller) > _KEPT:
                self._smaller.popitem(last=False)
        self._smaller.move_to_end(digest)
        return self._smaller[digest]
