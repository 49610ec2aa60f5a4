"""Pictures, videos and documents in and out: judged by their content, addressed by their digest."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from handlers.web import models
from handlers.web.door import door_of
from handlers.web.reading import media_json
from handlers.web.serving import SHOWN, descriptions, served
from services.access import Permission
from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import Digest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.media.intake import MediaIntake

router = APIRouter(prefix="/api/media")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PIECE: Final = 1_048_576
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _BINARY["schema"]}}},
            "image/*": _BINARY,
            "video/*": _BINARY,
            "application/pdf": _BINARY,
        },
    }
}
_WRONG: Final = {"model": models.ErrorAnswer}


@router.post(
    "",
    response_model=None,
    openapi_extra=_BODY,
    responses={200: {"model": models.MediaModel}, 401: _WRONG, 403: _WRONG, 413: _WRONG, 422: _WRONG},
)
async def upload(request: Request) -> JSONResponse:
    """Keep a picture, video or PDF: as the form field `file`, or as the body itself."""
    door = door_of(request)
    await door.call(await door.speaker(request, "")).need(Permission.WRITE)
    async with _sent(request, door.services.media) as path:
        brought = await door.services.media.accept(path)
    return JSONResponse(media_json(brought.item, brought.poster))


@asynccontextmanager
async def _sent(request: Request, media: MediaIntake) -> AsyncIterator[Path]:
    """Where the file of the request lies while the block lasts."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        async with media.receiving() as file:
            async for piece in request.stream():
                await file.write(piece)
            yield await file.done()
        return
    async with request.form(max_files=1) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InvalidInput("The file is missing.", next_step="Send it as the form field “file”.", field="upload")
        async with received(sent, media) as path:
            yield path


@asynccontextmanager
async def received(sent: UploadFile, media: MediaIntake) -> AsyncIterator[Path]:
    """Where a file of a form lies while the block lasts, moved over piece by piece."""
    async with media.receiving() as file:
        while piece := await sent.read(_PIECE):
            await file.write(piece)
        yield await file.done()


@router.get(
    "/{digest}",
    response_class=Response,
    responses={
        200: {"content": descriptions(), "description": "The file"},
        206: {"description": "The part of a video that was asked for"},
        401: _WRONG,
        404: _WRONG,
        422: _WRONG,
    },
)
@router.head("/{digest}", include_in_schema=False)
async def kept(request: Request, digest: str) -> Response:
    """A file's bytes, of a video also in ranges; the address never shows anything else, so it may be kept for ever."""
    door = door_of(request)
    key = Digest(digest)
    item = await door.services.store.read(lambda tx: tx.media.get(key)) if _DIGEST.fullmatch(digest) else None
    if item is None or item.mime not in SHOWN:
        raise NotFound("There is no such picture.")
    return await served(door.services.files, item, {"cache-control": "private, max-age=31536000, immutable"})
