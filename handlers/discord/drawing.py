"""A sheet with everything that goes along with it: its pictures and its file, read and named."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from handlers.discord.render import digest_of, render
from services.domain.errors import NotFound

if TYPE_CHECKING:
    from handlers.views.sheet import Sheet
    from services.domain.ids import Digest
    from services.domain.media import MediaItem
    from services.ports.media import MediaFiles
    from services.ports.storage import Store

FILE_MOST: Final = 10 * 1024 * 1024
"""Bytes of one file in a server without boosts (docs.discord.com, 2026-08)."""
_SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is sent; the files can be sent once."""

    view: discord.ui.LayoutView
    files: list[discord.File]


class Drawing:
    """Draws sheets with the pictures of this desk."""

    def __init__(self, store: Store, files: MediaFiles) -> None:
        """Facts from the one, bytes from the other."""
        self._store = store
        self._files = files

    async def drawn(self, sheet: Sheet) -> Drawn:
        """The message; a picture that is gone or too large is told in words."""
        named: dict[Digest, str] = {}
        files: list[discord.File] = []
        for digest in dict.fromkeys(digest_of(image) for image in sheet.images):
            found = await self._picture(digest)
            if found is not None:
                named[digest], data = found
                files.append(discord.File(io.BytesIO(data), named[digest]))
        if sheet.file is not None:
            files.append(discord.File(io.BytesIO(sheet.file.text.encode()), sheet.file.name))
        view = render(sheet, named)
        view.stop()  # its buttons say what they do in their ids: the library need not remember it
        return Drawn(view=view, files=files)

    async def _picture(self, digest: Digest) -> tuple[str, bytes] | None:
        item: MediaItem | None = await self._store.read(lambda tx: tx.media.get(digest))
        suffix = _SUFFIXES.get(item.mime) if item else None
        if item is None or suffix is None or item.size > FILE_MOST:
            return None
        try:
            return f"{digest[:16]}.{suffix}", await self._files.get(digest)
        except NotFound:
            return None
