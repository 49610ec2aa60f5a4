"""Files of people on their way out of Discord: piece by piece, since a video does not fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from services.domain.errors import InvalidInput, Unavailable
from services.media.films import MAX_BYTES
from services.media.intake import too_large

if TYPE_CHECKING:
    from handlers.discord.forms import Upload
    from services.ports.http import Keep

_TIMEOUT: Final = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=30)
_PIECE: Final = 262_144
_LOST: Final = "Discord did not hand over the file."
_AGAIN: Final = "Give it again."


class Uploads:
    """`Source` of files given to a window."""

    @staticmethod
    async def look(given: Upload) -> str:
        """Its address, when it is not too large to be read."""
        if given.size > MAX_BYTES:
            raise too_large(given.size)
        return given.url

    @staticmethod
    async def fetch(url: str, keep: Keep) -> None:
        """What lies at the address Discord gave; it takes no token. The bot's own session reads files only whole."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status >= 500:
                    raise Unavailable(_LOST, next_step=_AGAIN)
                if answer.status != 200:
                    raise InvalidInput(_LOST, next_step=_AGAIN, field="upload")
                async for piece in answer.content.iter_chunked(_PIECE):
                    await keep(piece)
        except (aiohttp.ClientError, TimeoutError):
            raise Unavailable(_LOST, next_step=_AGAIN) from None


UPLOADS: Final = Uploads()
