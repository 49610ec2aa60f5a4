"""Pictures in and out: judged by their content, addressed by their digest."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from handlers.web import models
from handlers.web.door import door_of
from services.access import Permission
from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import Digest

router = APIRouter(prefix="/api/media")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
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
    """Keep a picture: as the form field `file`, or as the body itself."""
    door = door_of(request)
    await door.call(await door.speaker(request, "")).need(Permission.WRITE)
    item = (await door.services.media.accept(await _bytes(request))).item
    url = f"/api/media/{item.digest}"
    facts = {"digest": item.digest, "mime": item.mime, "width": item.width, "height": item.height, "size": item.size}
    return JSONResponse({**facts, "url": url})


async def _bytes(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form(max_files=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("The picture is missing.", next_step="Send it as the form field “file”.", field="upload")
        return await file.read()


@router.get(
    "/{digest}",
    response_class=Response,
    responses={
        200: {"content": {mime: {} for mime in sorted(_SHOWN)}, "description": "The picture"},
        401: _WRONG,
        404: _WRONG,
        422: _WRONG,
    },
)
async def picture(request: Request, digest: str) -> Response:
    """A picture's bytes; the address never shows anything else, so it may be kept for ever."""
    door = door_of(request)
    key = Digest(digest)
    item = await door.services.store.read(lambda tx: tx.media.get(key)) if _DIGEST.fullmatch(digest) else None
    if item is None or item.mime not in _SHOWN:
        raise NotFound("There is no such picture.")
    headers = {"cache-control": "private, max-age=31536000, immutable", "content-disposition": "inline"}
    return Response(await door.services.files.get(key), media_type=item.mime, headers=headers)
