"""Files of people on their way out of Discord: piece by piece, since a video does not fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from services.domain.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from services.ports.http import Keep

_TIMEOUT: Final = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=30)
_PIECE: Final = 262_144


async def fetch(url: str, keep: Keep) -> None:
    """What lies at the address Discord gave; it takes no token. Raises `InvalidInput` (field "upload"), `Unavailable`.

    The bot's own session reads files only whole.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status >= 500:
                raise Unavailable("Discord did not hand over the file.")
            if answer.status != 200:
                raise InvalidInput("Discord did not hand over the file.", next_step="Give it again.", field="upload")
            async for piece in answer.content.iter_chunked(_PIECE):
                await keep(piece)
    except (aiohttp.ClientError, TimeoutError):
        raise Unavailable("Discord did not hand over the file.") from None
