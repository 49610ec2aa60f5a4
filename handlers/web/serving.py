"""Stored files as answers: pictures checked and whole, videos and documents straight from the disk, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi.responses import FileResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.media import MediaItem
    from services.ports.media import MediaFiles

SHOWN: Final = (
    *("image/gif", "image/jpeg", "image/png", "image/webp"),
    *("video/mp4", "video/quicktime", "video/webm"),
    "application/pdf",
)
"""What is handed out; whatever else lies there is not."""
_OPENED: Final = "inline"
_KEPT: Final = "attachment"
"""A document is saved and not run in the desk's own page."""


async def served(files: MediaFiles, item: MediaItem, headers: Mapping[str, str]) -> Response:
    """With its length, and for a video any range of it; raises `NotFound` when the bytes are gone."""
    told = {**headers, "content-disposition": _KEPT if item.pages is not None else _OPENED}
    if item.is_picture:
        return Response(await files.get(item.digest), media_type=item.mime, headers=told)
    return FileResponse(await files.path(item.digest), media_type=item.mime, headers=told)


def descriptions() -> dict[str, dict[str, object]]:
    """The kinds, for the description of a route."""
    return {mime: {} for mime in SHOWN}
